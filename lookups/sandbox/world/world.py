"""The world of one sandbox: businesses, apps, Pages and people; who is known where, by which ID."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lookups.sandbox.world.asset import Asset, Business
from lookups.sandbox.world.changes import Changes
from lookups.sandbox.world.generated_people import GeneratedPeople
from lookups.sandbox.world.person import Person


class World:
    """Everything there is, as it was at first and as it is now."""

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
        """`people` more are generated. `clients` names, by asset, businesses that work on it without owning it."""
        self.businesses = {business.id: business for business in businesses}
        self.assets = {asset.id: asset for asset in assets}
        self.clients = {asset_id: list(named) for asset_id, named in (clients or {}).items()}
        self.happened: list[dict[str, Any]] = []
        self.client_has: dict[str, dict[str, str]] = {}
        self.secret_turns: Counter[str] = Counter()
        self.changes = Changes()
        self._at_first = dict(self.assets)
        self._clients_at_first = clients or {}
        self.named = named
        self.seed = seed
        self._by_key = {person.key: person for person in named}
        self._by_id = {(asset_id, value): person for person in named for asset_id, value in person.ids.items()}
        born_to = {b.id: [a.id for a in assets if a.business_id == b.id] for b in businesses}
        self._generated = GeneratedPeople(people, seed, born_to)

    def secret(self, *names: str) -> str:
        """Derive a secret of this world: the same seed and names give the same one."""
        return _derived(self.seed, names)

    def assets_of(self, business_id: str, kind: str) -> list[Asset]:
        """Give the apps or the Pages of a business."""
        return [a for a in self.assets.values() if a.business_id == business_id and a.kind == kind]

    def reset(self) -> None:
        """Make everybody and everything as it was at first."""
        self.assets.clear()
        self.assets.update(self._at_first)
        self.clients = {asset_id: list(named) for asset_id, named in self._clients_at_first.items()}
        self.secret_turns.clear()
        self.changes.clear()

    @property
    def owners_at_first(self) -> dict[str, str]:
        """Give the business that each asset belonged to before anything happened."""
        return {asset.id: asset.business_id for asset in self._at_first.values()}

    def change_asset(self, asset_id: str, order: dict[str, Any]) -> dict[str, Any]:
        """Move an asset to another business or to none, or share it with businesses. Raises LookupError."""
        asset = self.assets[asset_id]
        if "clients" in order:
            self.clients[asset_id] = [self.businesses[one].id for one in order["clients"]]
            return {"clients": self.clients[asset_id]}
        owner = self.businesses[order["business"]].id if order["business"] else ""
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

    def person_of(self, asset_id: str, scoped_id: str) -> Person | None:
        """Give the person whom this app or Page knows by this ID, as he is now."""
        place = (asset_id, scoped_id)
        if place in self.changes.gone:
            return None
        person = self._by_id.get(place) or self._generated.with_id(asset_id, scoped_id)
        if key := self.changes.taken.get(place):
            person = self._by_key.get(key) or self.generated(int(key[1:]))
        return self.changes.now(person) if person else None

    def generated(self, index: int) -> Person:
        """Compute a generated person, as he was at first."""
        return self._generated.person(index)

    def people_of(self, business_id: str) -> Iterator[Person]:
        """Give a business's people, the named ones first."""
        yield from (self.changes.now(person) for person in self.named if person.business_id == business_id)
        for index in range(self._generated.count):
            if self._generated.business_of(index) == business_id:
                yield self.changes.now(self.generated(index))


@lru_cache(maxsize=4096)  # the items of a batch need the same one
def _derived(seed: str, names: tuple[str, ...]) -> str:
    return hmac.new(seed.encode(), "/".join(names).encode(), hashlib.sha256).hexdigest()[:40]
