"""The sandbox's world: businesses, apps, Pages and people; who is known where, by which ID."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from lookups.sandbox.permutation import Permutation

FIRST_ID = 10**15
ID_RANGE = 10**15


@dataclass(frozen=True)
class Asset:
    """An app or a Page; `kind` is "app" or "page". Facts hold what a row of an answer tells of it."""

    kind: str
    id: str
    name: str
    business_id: str
    facts: tuple[tuple[str, str], ...] = ()
    managed_by: str = ""

    @property
    def object(self) -> dict[str, str]:
        """The asset as a row shows it, keys in the guide's order, ID last."""
        return {**dict(self.facts), "id": self.id}


@dataclass(frozen=True)
class Business:
    """A business; whether it is under review is state, not world."""

    id: str
    name: str
    under_review: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody, with the scoped IDs by asset ID. Generated people have an index, named ones none."""

    name: str
    business_id: str
    ids: dict[str, str] = field(hash=False)
    age_min: int = 21
    pays: bool = True
    index: int | None = None

    @property
    def key(self) -> str:
        """What names this person inside the sandbox."""
        return self.name if self.index is None else f"#{self.index}"


class World:
    """Everything there is. Generated people take no memory: they are computed when asked about."""

    def __init__(
        self,
        businesses: list[Business],
        assets: list[Asset],
        named: list[Person],
        *,
        people: int,
        seed: str,
    ) -> None:
        self.businesses = {business.id: business for business in businesses}
        self.assets = {asset.id: asset for asset in assets}
        self.named = named
        self.people = people
        self.seed = seed
        self._by_id = {(scope, value): person for person in named for scope, value in person.ids.items()}
        self._permutations = {asset.id: Permutation(f"{seed}/{asset.id}", ID_RANGE) for asset in assets}

    def secret(self, *names: str) -> str:
        """Derive a secret of this world: the same seed gives the same one."""
        return hmac.new(self.seed.encode(), "/".join(names).encode(), hashlib.sha256).hexdigest()[:40]

    def assets_of(self, business_id: str, kind: str) -> list[Asset]:
        """Give the apps or the Pages of a business."""
        return [a for a in self.assets.values() if a.business_id == business_id and a.kind == kind]

    def person_of(self, scope: str, value: str) -> Person | None:
        """Give the person whom this app or Page knows by this ID."""
        named = self._by_id.get((scope, value))
        if named or len(value) != 16 or value[0] != "1":
            return named
        index = self._permutations[scope].back(int(value) - FIRST_ID)
        person = self.generated(index) if index < self.people else None
        return person if person and person.ids.get(scope) == value else None

    def generated(self, index: int) -> Person:
        """Compute a generated person."""
        business_id = self._business_of(index)
        scopes = [asset.id for asset in self.assets.values() if asset.business_id == business_id]
        bits = int.from_bytes(hashlib.blake2b(f"{self.seed}/{index}".encode(), digest_size=8).digest(), "big")
        sure = scopes[bits % len(scopes)]
        ids = {
            scope: self._id(scope, index)
            for position, scope in enumerate(scopes)
            if scope == sure or (bits >> (8 + 2 * position)) & 3  # three in four are known here, too
        }
        name = f"{_GIVEN[bits % len(_GIVEN)]} {_FAMILY[bits // 64 % len(_FAMILY)]}"
        return Person(name, business_id, ids, age_min=(18, 21)[bits >> 60 & 1], index=index)

    def people_of(self, business_id: str) -> Iterator[Person]:
        """Give a business's people, the named ones first."""
        yield from (person for person in self.named if person.business_id == business_id)
        for index in range(self.people):
            if self._business_of(index) == business_id:
                yield self.generated(index)

    def _business_of(self, index: int) -> str:
        """Seven in ten people are the first business's, two the second's, one the third's."""
        first, second, third = self._order
        turn = index % 10
        return first if turn < 7 else second if turn < 9 else third

    @cached_property
    def _order(self) -> tuple[str, str, str]:
        first, second, third, *_ = self.businesses
        return first, second, third

    def _id(self, scope: str, index: int) -> str:
        return str(FIRST_ID + self._permutations[scope].forward(index))


_GIVEN = [
    "Ada",
    "Bao",
    "Chloe",
    "Dung",
    "Elif",
    "Farid",
    "Giang",
    "Hugo",
    "Ines",
    "Jonas",
    "Khoa",
    "Linh",
    "Mai",
    "Nadia",
    "Omar",
    "Phuong",
    "Quynh",
    "Rosa",
    "Samir",
    "Thao",
    "Uma",
    "Viktor",
    "Wanda",
    "Xuan",
    "Yara",
]
_FAMILY = [
    "Almeida",
    "Berg",
    "Castro",
    "Diaz",
    "Eriksen",
    "Fischer",
    "Garcia",
    "Hoang",
    "Ivanova",
    "Jansen",
    "Kaya",
    "Le",
    "Moreau",
    "Nguyen",
    "Okafor",
    "Pham",
    "Rossi",
    "Silva",
    "Tran",
    "Vu",
]
