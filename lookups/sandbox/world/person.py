"""A person of the sandbox's world, and the names of generated people."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    """A person, with the scoped IDs by asset ID. Generated people have an index, named ones have none."""

    name: str
    business_id: str
    ids: dict[str, str] = field(hash=False)
    age_min: int = 21
    pays: bool = True
    index: int | None = None

    @property
    def key(self) -> str:
        """What names this person inside the sandbox, whatever happens to his IDs."""
        return self.name if self.index is None else f"#{self.index}"


def name_of(bits: int) -> str:
    """Give a name, chosen by the bits that a generated person is made of."""
    return f"{_GIVEN[bits % len(_GIVEN)]} {_FAMILY[bits // 64 % len(_FAMILY)]}"


_GIVEN = (
    "Ada", "Bao", "Chloe", "Dung", "Elif", "Farid", "Giang", "Hugo", "Ines", "Jonas", "Khoa", "Linh", "Mai", "Nadia",
    "Omar", "Phuong", "Quynh", "Rosa", "Samir", "Thao", "Uma", "Viktor", "Wanda", "Xuan", "Yara",
)  # fmt: skip
_FAMILY = (
    "Almeida", "Berg", "Castro", "Diaz", "Eriksen", "Fischer", "Garcia", "Hoang", "Ivanova", "Jansen", "Kaya", "Le",
    "Moreau", "Nguyen", "Okafor", "Pham", "Rossi", "Silva", "Tran", "Vu",
)  # fmt: skip
