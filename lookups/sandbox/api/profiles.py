"""The profile in a person's node: names, picture, age and the like (wire contract, 10)."""

import hashlib
from dataclasses import dataclass
from typing import Any

from lookups.sandbox.api.fields import Field
from lookups.sandbox.api.switches import Switches
from lookups.sandbox.world import refusals
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.tokens import Token
from lookups.sandbox.world.world import World

NAMES = ("name", "first_name", "last_name")
PERMITTED = ("locale", "timezone", "gender")
OF_ASIDS = frozenset({*NAMES, *PERMITTED, "picture", "age_range", "token_for_business"})
OF_PSIDS = frozenset({*NAMES, *PERMITTED, "profile_pic", "is_payment_enabled"})
PICTURES = "https://platform-lookaside.fbsbx.com/platform/profilepic/"
_PLACES = (("en_US", -7), ("vi_VN", 7), ("de_DE", 1), ("pt_BR", -3))
_REFUSED = {"no_profile": 2018218, "no_permission": 2018247}


@dataclass(frozen=True)
class Profile:
    """A person's profile as one token may see it. The URLs of his pictures end at the moment `pictures_end`."""

    world: World
    switches: Switches
    token: Token
    person: Person
    scoped_id: str
    pictures_end: int

    def value_of(self, one: Field) -> Any:
        """Give a field's value; None for a field that exists and is left out. Raises Refusal."""
        self._refuse_unknown(one.name)
        if self.token.kind == "page" and self.switches.profile_of_psids != "told":
            return self._refuse_profile()
        if one.name in NAMES:
            first, _, last = self.person.name.partition(" ")
            return {"name": self.person.name, "first_name": first, "last_name": last}[one.name]
        if one.name in PERMITTED:
            return self._permitted(one.name) if self.switches.permitted_fields else None
        if one.name in ("picture", "profile_pic"):
            return self._picture(one)
        return self._others(one.name)

    def _refuse_unknown(self, name: str) -> None:
        known = OF_PSIDS if self.token.kind == "page" else OF_ASIDS
        gone = name == "is_payment_enabled" and not self.switches.payment_field
        if name not in known or gone:
            raise refusals.no_such_field(name, "User")

    def _refuse_profile(self) -> None:
        """Raise the Refusal that the switch asks for, or none where it only leaves the field out."""
        how = self.switches.profile_of_psids
        if how == "unknown":
            raise refusals.unknown_object(self.scoped_id)
        if how in _REFUSED:
            raise refusals.no_profile(_REFUSED[how])

    def _permitted(self, name: str) -> Any:
        mark = hashlib.sha256(self.person.key.encode()).digest()
        locale, hours = _PLACES[mark[0] % len(_PLACES)]
        return {"locale": locale, "timezone": hours, "gender": ("female", "male")[mark[1] % 2]}[name]

    def _picture(self, one: Field) -> Any:
        kind, side = ("psid", 1024) if self.token.kind == "page" else ("asid", 50)
        mark = self.world.secret("picture", self.token.asset.id, self.scoped_id)[:16]
        url = f"{PICTURES}?{kind}={self.scoped_id}&height={side}&width={side}&ext={self.pictures_end}&hash={mark}"
        if kind == "psid":
            return url
        facts = {"height": side, "is_silhouette": False, "url": url, "width": side}
        wanted = {chosen.name for chosen in one.chosen or []} or set(facts)
        return {"data": {name: value for name, value in facts.items() if name in wanted}}

    def _others(self, name: str) -> Any:
        if name == "age_range":
            return {"min": self.person.age_min} if self.switches.age_range_field else None
        if name == "is_payment_enabled":
            return self.person.pays
        business = self.token.asset.business_id
        if not business:
            raise refusals.no_business()
        return self.world.secret("for-business", business, self.person.key)[:24]
