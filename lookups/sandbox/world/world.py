"""The sandbox's world: businesses, apps, Pages and people; who is known where, by which ID."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from lookups.sandbox.world.changes import Changes
from lookups.sandbox.world.permutation import Permutation
from lookups.sandbox.world.person import Person, name_of

FIRST_ID = 10**15
ID_RANGE = 10**15


@dataclass(frozen=True)
class Asset:
    """An app or a Page; `kind` is "app" or "page". Facts hold what a row of an answer tells of it.

    `business_id` is empty where no business owns it.
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
    """A business; whether it is under review is state, not world."""

    id: str
    name: str
    under_review: bool = False


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
        clients: dict[str, list[str]] | None = None,
    ) -> None:
        """`clients` names, by asset, the businesses that work on it without owning it."""
        self.businesses = {business.id: business for business in businesses}
        self.assets = {asset.id: asset for asset in assets}
        self.clients = {asset_id: list(named) for asset_id, named in (clients or {}).items()}
        self.happened: list[dict[str, Any]] = []
        self.client_has: dict[str, dict[str, str]] = {}
        self.secret_turns: Counter[str] = Counter()
        self.changes = Changes()
        self._at_first = dict(self.assets)
        self._clients_at_first = clients or {}
        self._born_to = {b.id: [a.id for a in assets if a.business_id == b.id] for b in businesses}
        self.named = named
        self.people = people
        self.seed = seed
        self._by_key = {person.key: person for person in named}
        self._by_id = {(scope, value): person for person in named for scope, value in person.ids.items()}
        self._permutations = {asset.id: Permutation(f"{seed}/{asset.id}", ID_RANGE) for asset in assets}

    def secret(self, *names: str) -> str:
        """Derive a secret of this world: the same seed gives the same one."""
        return _derived(self.seed, names)

    def assets_of(self, business_id: str, kind: str) -> list[Asset]:
        """Give the apps or the Pages of a business."""
        return [a for a in self.assets.values() if a.business_id == business_id and a.kind == kind]

    def reset(self) -> None:
        """Everybody and everything is again as at first."""
        self.assets.clear()
        self.assets.update(self._at_first)
        self.clients = {asset_id: list(named) for asset_id, named in self._clients_at_first.items()}
        self.secret_turns.clear()
        self.changes.clear()

    @property
    def owners_at_first(self) -> dict[str, str]:
        """Give the business that each asset belonged to before anything happened."""
        return {asset.id: asset.business_id for asset in self._at_first.values()}

    def change_asset(self, asset_id: str, told: dict[str, Any]) -> dict[str, Any]:
        """Let an asset belong to another business, or to none; or share it with businesses. Raises LookupError."""
        asset = self.assets[asset_id]
        if "clients" in told:
            self.clients[asset_id] = [self.businesses[one].id for one in told["clients"]]
            return {"clients": self.clients[asset_id]}
        owner = self.businesses[told["business"]].id if told["business"] else ""
        self.assets[asset_id] = replace(asset, business_id=owner)
        return {"business": owner}

    def owner_facts(self, asset: Asset) -> dict[str, Any]:
        """Give the fields that name an asset's owner; none where nobody owns it."""
        owner = self.businesses.get(asset.business_id)
        if owner is None:
            return {}
        facts = {"id": owner.id, "name": owner.name}
        return {"owner_business": facts, **({"business": facts} if asset.kind == "page" else {})}

    def clients_of(self, business_id: str, kind: str) -> list[Asset]:
        """Give the apps or the Pages that a business works on without owning them."""
        named = (self.assets[one] for one, businesses in self.clients.items() if business_id in businesses)
        return [asset for asset in named if asset.kind == kind and asset.business_id != business_id]

    def person_of(self, scope: str, value: str) -> Person | None:
        """Give the person whom this app or Page knows by this ID, as he is now."""
        if (scope, value) in self.changes.gone:
            return None
        key = self.changes.taken.get((scope, value))
        person = self._by_id.get((scope, value)) or self._generated_by(scope, value)
        if key:
            person = self._by_key.get(key) or self.generated(int(key[1:]))
        return self.changes.now(person) if person else None

    def _generated_by(self, scope: str, value: str) -> Person | None:
        if len(value) != 16 or value[0] != "1":
            return None
        index = self._permutations[scope].back(int(value) - FIRST_ID)
        person = self.generated(index) if index < self.people else None
        return person if person and person.ids.get(scope) == value else None

    def generated(self, index: int) -> Person:
        """Compute a generated person, as he was at first."""
        business_id = self._business_of(index)
        scopes = self._born_to[business_id]
        bits = int.from_bytes(hashlib.blake2b(f"{self.seed}/{index}".encode(), digest_size=8).digest(), "big")
        sure = scopes[bits % len(scopes)]
        ids = {
            scope: self._id(scope, index)
            for position, scope in enumerate(scopes)
            if scope == sure or (bits >> (8 + 2 * position)) & 3  # three in four are known here, too
        }
        return Person(name_of(bits), business_id, ids, age_min=(18, 21)[bits >> 60 & 1], index=index)

    def people_of(self, business_id: str) -> Iterator[Person]:
        """Give a business's people, the named ones first."""
        yield from (self.changes.now(person) for person in self.named if person.business_id == business_id)
        for index in range(self.people):
            if self._business_of(index) == business_id:
                yield self.changes.now(self.generated(index))

    def _business_of(self, index: int) -> str:
        """Seven in ten people are the first business's, two the second's, one that of the others in turn."""
        first, second, others = self._order
        turn = index % 10
        return first if turn < 7 else second if turn < 9 else others[index // 10 % len(others)]

    @cached_property
    def _order(self) -> tuple[str, str, list[str]]:
        """Give the businesses that have assets to know people; with fewer than three some stand for others."""
        first, *more = [business for business, born in self._born_to.items() if born]
        second = more[0] if more else first
        return first, second, more[1:] or [second]

    def _id(self, scope: str, index: int) -> str:
        return str(FIRST_ID + self._permutations[scope].forward(index))


@lru_cache(maxsize=4096)  # a batch is judged by the same one fifty times
def _derived(seed: str, names: tuple[str, ...]) -> str:
    return hmac.new(seed.encode(), "/".join(names).encode(), hashlib.sha256).hexdigest()[:40]
