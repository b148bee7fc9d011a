"""What a world is made of beside people: businesses, and their assets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asset:
    """An app or a Page; `kind` is "app" or "page". `facts` are what a row of an answer shows of it.

    `business_id` is empty where no business owns the asset. `managed_by` is the app that manages a Page.
    """

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
    """A business. `under_review` holds at the start only: see `reviews` for what a test makes of it."""

    id: str
    name: str
    under_review: bool = False
