"""The one catalogue of reasons: why something can't be asked or was not answered, and what can be done about it.

A reason is a code and the rows that it is about. Only this module holds its words: the sentence for staff, the
technical line, who has to act, what to do, and where. Pages, mails, exports and documents read them from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models


class Turn(models.TextChoices):
    """Who can do something about it."""

    STAFF = "staff", "somebody with the role staff"
    ADMIN = "admin", "an admin"
    OPERATOR = "operator", "whoever runs idlink"
    META = "meta", "Meta"
    NOBODY = "nobody", "nobody: it passes by itself"


class Place(models.TextChoices):
    """The form or page on which the remedy is carried out."""

    TOKEN_FORM = "token_form", "Add an access token"
    NEW_SECRET = "new_secret", "Rotate the secret"
    APP_FORM = "app_form", "Open the app's form"
    PAGE_FORM = "page_form", "Open the Page's form"
    BUSINESS = "business", "Open the business's page"
    FIND = "find", "Find a person"

    @property
    def row(self) -> str:
        """The name of the row that a reason must be about, so that a link to this place can be made."""
        return {Place.NEW_SECRET: "app", Place.APP_FORM: "app", Place.BUSINESS: "business"}.get(self, "asset")


@dataclass(frozen=True)
class Entry:
    """The words of one code; `{name}` in them is replaced by a name of the reason.

    A remedy may start with `{ask}`: it becomes "ask ... to " for a reader who may not do it, else it is empty.
    """

    sentence: str
    remedy: str
    turn: Turn
    place: Place | None = None
    short: str = ""  # as the object of "held up by ..."

    def remedy_for(self, names: Mapping[str, str], *, may_act: bool) -> str:
        """Say what to do, for a reader who may do it or for one who has to ask. Unknown names are left out."""
        ask = "" if may_act else f"ask {self.turn.label} to "
        words = self.remedy.format_map(_Known(names, ask=ask))
        if self.remedy.startswith("{ask}"):
            words = words[:1].upper() + words[1:]
        if self.place and not may_act and "{ask}" not in self.remedy:
            words = f"{words} That is for {self.turn.label} to do.".strip()
        return words


class _Known(dict[str, str]):
    """Names for a remedy; an unknown name gives an empty text."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True)
class Reason:
    """Why something can't be done, must wait, or failed. `about` are the keys of the rows, and of their business."""

    code: str
    names: tuple[tuple[str, str], ...] = ()
    about: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    @property
    def entry(self) -> Entry:
        """The words of the reason; raises KeyError if the catalogue lacks the code."""
        return REASONS[self.code]

    @property
    def text(self) -> str:
        """One sentence for staff."""
        return self.entry.sentence.format(**dict(self.names))

    @property
    def remedy(self) -> str:
        """What to do about it, for a reader who may not be allowed to do it."""
        return self.remedy_for(may_act=self.entry.turn == Turn.STAFF)

    def remedy_for(self, *, may_act: bool) -> str:
        """What to do about it, for a reader who may do it, or for one who has to ask."""
        return self.entry.remedy_for(dict(self.names), may_act=may_act)

    @property
    def technical(self) -> str:
        """The technical line: the code with its names."""
        facts = ", ".join(f"{name}={value}" for name, value in self.names)
        return f"{self.code} ({facts})" if facts else self.code


def reason(code: str, *, about: Mapping[str, Any] | None = None, **names: Any) -> Reason:
    """Give a reason by its code; `about` holds the rows that it is about, by name: asset, app, business.

    Raises KeyError for an unknown code, for a missing name of the sentence, and for a missing row of the remedy's
    place: the mistake then shows here and not on a page.
    """
    rows = {name: row for name, row in (about or {}).items() if row is not None}
    shown = {name: str(row) for name, row in rows.items()} | {name: str(text) for name, text in names.items()}
    found = Reason(code, tuple(sorted(shown.items())), tuple(_keys_of(rows).items()))
    _ = found.text
    if found.entry.place:
        _ = dict(found.about)[found.entry.place.row]
    return found


def nameless(code: str, **keys: int) -> Reason | None:
    """Give a reason of which only the code is stored: `remedy` and `entry.short` can be used, `text` can't.

    `keys` are the keys of the rows that are known. Gives None if the catalogue lacks the code.
    """
    return Reason(code, about=tuple(keys.items())) if code in REASONS else None


def _keys_of(rows: Mapping[str, Any]) -> dict[str, int]:
    """Give the key of each row, and the key of the business to which the rows belong."""
    owners = [("business", row.business_id) for row in rows.values() if hasattr(row, "business_id")]
    return dict(owners) | {name: row.pk for name, row in rows.items()}


_ONE_BUSINESS = (
    "Meta's policy: IDs are matched only between apps and Pages that one business owns and that are maintained on "
    "its behalf. If it has come to this business since, {ask}have its owner checked again on the business's page."
)
REASONS: dict[str, Entry] = {
    "policy_not_confirmed": Entry(
        "Nobody has confirmed Meta's policy for “{business}” yet.",
        "{ask}confirm, on the business's page, that all its apps and Pages are owned by and maintained for this one "
        "business.",
        Turn.ADMIN,
        Place.BUSINESS,
        "a policy that nobody has confirmed",
    ),
    "not_owned": Entry(
        "Graph says that another business{whose} owns “{asset}”, not “{business}”.",
        _ONE_BUSINESS,
        Turn.ADMIN,
        Place.BUSINESS,
        "another business as its owner",
    ),
    "only_shared": Entry(
        "“{asset}” is only shared with “{business}”: another business{whose} owns it.",
        _ONE_BUSINESS,
        Turn.ADMIN,
        Place.BUSINESS,
        "another business as its owner",
    ),
    "retired": Entry(
        "“{asset}” is retired: nothing more is asked of it.",
        "If that is wrong, {ask}take it into use again, in the list of apps or Pages.",
        Turn.ADMIN,
        None,
        "an app or Page that is retired",
    ),
    "under_review": Entry(
        "Meta is reviewing “{business}”: {message}",
        "The lookup is stored and held; it goes on by itself when the review ends.",
        Turn.META,
        None,
        "a review",
    ),
    "no_managing_app": Entry(
        "No app is set as the one that manages the Page “{asset}”.",
        "{ask}choose it on the Page's form: its secret signs the Page's calls.",
        Turn.ADMIN,
        Place.PAGE_FORM,
        "no managing app set",
    ),
    "no_token": Entry(
        "“{asset}” has no {token}.",
        "{ask}add one under Access tokens.",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "no token",
    ),
    "token_refused": Entry(
        "Graph refused the {token} of “{asset}”: {because}",
        "{ask}add a new one under Access tokens.",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "a token that Graph refused",
    ),
    "token_wrong": Entry(
        "The {token} of “{asset}” can't be used: {because}",
        "{ask}add the right one under Access tokens.",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "a token that is the wrong one",
    ),
    "token_restored": Entry(
        "The {token} of “{asset}” can't be used: {because}",
        "Nothing to do: it is checked by itself, and used again once Graph says that it works.",
        Turn.NOBODY,
        None,
        "a token that came back with a backup and is still to be checked",
    ),
    "secret_wrong": Entry(
        "Graph does not take the secret stored for the app “{app}”, so calls can't be signed. It was probably reset.",
        "{ask}enter the app's present secret under “Rotate the secret” on the app's page.",
        Turn.ADMIN,
        Place.NEW_SECRET,
        "an app secret that Graph does not take",
    ),
    "secret_doubted": Entry(
        "Graph refused a call signed with the secret stored for the app “{app}”. It was probably reset.",
        "idlink checks it by itself. If it was reset, {ask}enter the app's present secret under “Rotate the secret” "
        "on the app's page.",
        Turn.ADMIN,
        Place.NEW_SECRET,
        "an app secret that Graph did not take",
    ),
    "no_secret": Entry(
        "The secret of the app “{app}” is not set, so the call can't be signed.",
        "{ask}enter it on the app's form, as “App secret”.",
        Turn.ADMIN,
        Place.APP_FORM,
        "no app secret",
    ),
    "unreadable": Entry(
        "The stored token or secret of “{asset}” can't be decrypted with the present keys.",
        "Ask whoever runs idlink to restore the key in IDLINK_ENCRYPTION_KEYS, or enter both anew.",
        Turn.OPERATOR,
        None,
        "a token or secret that can't be decrypted",
    ),
    "no_app_to_check": Entry(
        "No app is set as the one that manages the Page “{asset}”, and only that app can check its token.",
        "{ask}choose it on the Page's form.",
        Turn.ADMIN,
        Place.PAGE_FORM,
    ),
    "nothing_to_check_with": Entry(
        "Only the app “{app}” can check this token, and neither its secret nor a token of it is stored.",
        "{ask}enter it on the app's form, as “App secret”.",
        Turn.ADMIN,
        Place.APP_FORM,
    ),
    "no_ids": Entry(
        "This person has no IDs left.", "Open the person that has them now.", Turn.STAFF
    ),
    "cancelled": Entry(
        "The run was cancelled before this was asked.",
        "{ask}press Try again to have them asked after all.", Turn.STAFF,
    ),
    "nobody_to_ask": Entry(
        "No ID of “{asset}” is known here yet, so there is nobody to ask about.",
        "{ask}look up a known ID under Find a person, or bring a list in.",
        Turn.STAFF,
        Place.FIND,
    ),
    "token_expired": Entry(
        "The {token} of “{asset}” ended on {when}.",
        "{how}",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "a token that has expired",
    ),
    "token_ends": Entry(
        "The {token} of “{asset}” ends on {when}.",
        "{how}",
        Turn.ADMIN,
        Place.TOKEN_FORM,
    ),
    "data_access": Entry(
        "The access to data of the {token} of “{asset}” ended on {when}.",
        "{how}",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "a token whose access to data has ended",
    ),
    "data_access_ends": Entry(
        "The access to data of the {token} of “{asset}” ends on {when}.",
        "{how}",
        Turn.ADMIN,
        Place.TOKEN_FORM,
    ),
    "no_permission": Entry(
        "“{asset}”: {problem}",
        "{how}",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "a permission that is missing",
    ),
    "token_uncheckable": Entry(
        "“{asset}”: {problem}",
        "It is checked by itself; “Check now” on the token's page does it at once.", Turn.NOBODY,
    ),
    "token_unchecked": Entry(
        "The {token} of “{asset}” was never checked.",
        "It is checked by itself; “Check now” on the token's page does it at once.", Turn.NOBODY,
    ),
    "token_unseen": Entry(
        "The {token} of “{asset}” was last checked on {when}.",
        "It is checked by itself; “Check now” on the token's page does it at once.", Turn.NOBODY,
    ),
    "quota": Entry(
        "No calls of “{asset}” until {until} UTC.{why}",
        "Nothing to do: lookups wait and go on by themselves.",
        Turn.NOBODY,
        None,
        "a limit of calls",
    ),
    "trouble": Entry(
        "Graph failed to answer the last {count} call(s) of “{asset}”.",
        "Nothing to do: it is asked again by itself.", Turn.NOBODY,
    ),
    "slow": Entry(
        "{percent} % of the limit of “{asset}” was used up at last: its calls go slowly.",
        "Nothing to do; the limit is Meta's, and frees itself.",
        Turn.NOBODY,
    ),
    "owner_unknown": Entry(
        "Graph names no business as the owner of “{asset}”.",
        "Without an owner Graph links nothing: {ask}check in Meta Business Manager that this business owns it.",
        Turn.ADMIN,
    ),
    "owner_not_asked": Entry(
        "Nobody has asked yet who owns “{asset}”.",
        "Graph is asked by itself once there is a working token of it; or {ask}find apps and Pages with a system "
        "user's token, on the business's page.",
        Turn.ADMIN,
        Place.BUSINESS,
    ),
    "not_one_business": Entry(
        "“{app}”, which asks for “{asset}”, and the Page are not of one business: {why}",
        _ONE_BUSINESS,
        Turn.ADMIN,
        Place.BUSINESS,
    ),
    "not_logged_in": Entry(
        "No login of this person to “{app}” is known, the app that asks for “{asset}”.",
        "Graph then names no apps, though there may be some. Asking about another ID of the person says more.",
        Turn.STAFF,
    ),
}  # fmt: skip
