"""People made up around the named ones. None is stored: each is computed when somebody asks for him."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property

from lookups.sandbox.world.permutation import Permutation
from lookups.sandbox.world.person import Person, name_of

FIRST_ID = 10**15
ID_RANGE = 10**15


class GeneratedPeople:
    """So many people, each with an index, spread over the businesses."""

    def __init__(self, count: int, seed: str, born_to: Mapping[str, Sequence[str]]) -> None:
        """`born_to` names the assets that each business owned at first: they know its people for good."""
        self.count = count
        self._seed = seed
        self._born_to = born_to
        assets = [asset_id for assets in born_to.values() for asset_id in assets]
        self._permutations = {asset_id: Permutation(f"{seed}/{asset_id}", ID_RANGE) for asset_id in assets}

    def with_id(self, asset_id: str, scoped_id: str) -> Person | None:
        """Give the person whom an app or Page knows by this ID."""
        if len(scoped_id) != 16 or scoped_id[0] != "1" or asset_id not in self._permutations:
            return None
        index = self._permutations[asset_id].back(int(scoped_id) - FIRST_ID)
        person = self.person(index) if index < self.count else None
        return person if person and person.ids.get(asset_id) == scoped_id else None

    def person(self, index: int) -> Person:
        """Compute one person, as he was at first."""
        business_id = self.business_of(index)
        assets = self._born_to[business_id]
        bits = int.from_bytes(hashlib.blake2b(f"{self._seed}/{index}".encode(), digest_size=8).digest(), "big")
        sure = assets[bits % len(assets)]
        ids = {
            asset_id: str(FIRST_ID + self._permutations[asset_id].forward(index))
            for position, asset_id in enumerate(assets)
            if asset_id == sure or (bits >> (8 + 2 * position)) & 3  # three in four are known here, too
        }
        return Person(name_of(bits), business_id, ids, age_min=(18, 21)[bits >> 60 & 1], index=index)

    def business_of(self, index: int) -> str:
        """Of ten people seven are the first business's, two the second's, and one is one of the others' in turn."""
        first, second, others = self._businesses
        turn = index % 10
        return first if turn < 7 else second if turn < 9 else others[index // 10 % len(others)]

    @cached_property
    def _businesses(self) -> tuple[str, str, list[str]]:
        """Give the businesses that own assets. Where there are fewer than three, one stands for those that lack."""
        first, *more = [business for business, assets in self._born_to.items() if assets]
        second = more[0] if more else first
        return first, second, more[1:] or [second]
