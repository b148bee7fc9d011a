"""The one catalogue of reasons: why something can't be asked or was not answered, and what can be done about it.

A reason is a code with what it is about. Its words stand here alone: for staff, for the technical line, whose
turn it is, and what to do where. Pages, mails, exports and documents read them from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models


class Turn(models.TextChoices):
    """Who can do something about it."""

    STAFF = "staff", "you"
    ADMIN = "admin", "an admin of the business"
    OPERATOR = "operator", "whoever runs idlink"
    META = "meta", "Meta"
    NOBODY = "nobody", "nobody: it passes by itself"


class Place(models.TextChoices):
    """The form or page on which it is done."""

    TOKEN_FORM = "token_form", "add an access token"
    NEW_SECRET = "new_secret", "rotate the secret"
    APP_FORM = "app_form", "the app's form"
    PAGE_FORM = "page_form", "the Page's form"
    BUSINESS = "business", "the business's page"
    FIND = "find", "find a person"


@dataclass(frozen=True)
class Entry:
    """The words of one code; `{name}` stands for what the reason is about."""

    sentence: str
    remedy: str
    turn: Turn
    place: Place | None = None
    short: str = ""  # as the object of "held up by ..."


@dataclass(frozen=True)
class Reason:
    """Why something can't be done, must wait, or failed. `about` are the keys of the rows that `place` needs."""

    code: str
    names: tuple[tuple[str, str], ...] = ()
    about: tuple[tuple[str, int], ...] = field(default=(), compare=False)

    @property
    def entry(self) -> Entry:
        """Its words; raises KeyError for a code that the catalogue does not know."""
        return REASONS[self.code]

    @property
    def text(self) -> str:
        """One sentence for staff."""
        return self.entry.sentence.format(**dict(self.names))

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self.entry.remedy.format(**dict(self.names))

    @property
    def technical(self) -> str:
        """The line for whoever asks what exactly it was."""
        facts = ", ".join(f"{name}={value}" for name, value in self.names)
        return f"{self.code} ({facts})" if facts else self.code


def reason(code: str, *, about: Mapping[str, Any] | None = None, **names: Any) -> Reason:
    """Give a reason by its code; what it is `about` are rows by name: asset, app, business. Raises KeyError."""
    rows = {name: row for name, row in (about or {}).items() if row is not None}
    shown = {name: str(row) for name, row in rows.items()} | {name: str(text) for name, text in names.items()}
    found = Reason(code, tuple(sorted(shown.items())), tuple((name, row.pk) for name, row in rows.items()))
    _ = found.text  # an unknown code, or a name that its sentence lacks, shows here and not on a page
    return found


REASONS: dict[str, Entry] = {
    "policy_not_confirmed": Entry(
        "Nobody has confirmed Meta's policy for “{business}” yet.",
        "An admin must first confirm, on the business's page, that all its apps and Pages are owned by and maintained "
        "for this one business.",
        Turn.ADMIN,
        Place.BUSINESS,
        "a policy that nobody has confirmed",
    ),
    "not_owned": Entry(
        "Graph says that another business{whose} owns “{asset}”, not “{business}”.",
        "Meta's policy: IDs are matched only between apps and Pages that one business owns and that are maintained on "
        "its behalf. If it has come to this business since, have its owner checked again on the business's page.",
        Turn.ADMIN,
        Place.BUSINESS,
        "another business as its owner",
    ),
    "only_shared": Entry(
        "“{asset}” is only shared with “{business}”: another business{whose} owns it.",
        "Meta's policy: IDs are matched only between apps and Pages that one business owns and that are maintained on "
        "its behalf. If it has come to this business since, have its owner checked again on the business's page.",
        Turn.ADMIN,
        Place.BUSINESS,
        "another business as its owner",
    ),
    "retired": Entry(
        "“{asset}” is retired: nothing more is asked of it.",
        "If that is wrong, ask an admin to take it into use again, in the list of apps or Pages.",
        Turn.ADMIN,
        None,
        "an app or Page that is retired",
    ),
    "under_review": Entry(
        "Meta is reviewing “{business}”: {message}",
        "The lookup is stored and held; it goes on by itself when the review ends.",
        Turn.META,
        None,
        "Meta's review of the business",
    ),
    "no_managing_app": Entry(
        "No app is set as the one that manages the Page “{asset}”.",
        "Ask an admin to choose it on the Page's form: its secret signs the Page's calls.",
        Turn.ADMIN,
        Place.PAGE_FORM,
        "no managing app set",
    ),
    "no_token": Entry(
        "“{asset}” has no {token}.",
        "Ask an admin to add one under Access tokens.",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "no token",
    ),
    "token_refused": Entry(
        "Graph refused the {token} of “{asset}”: {because}",
        "Ask an admin to add a new one under Access tokens.",
        Turn.ADMIN,
        Place.TOKEN_FORM,
        "a token that Graph refused",
    ),
    "token_wrong": Entry(
        "The {token} of “{asset}” can't be used: {because}",
        "Ask an admin to add the right one under Access tokens.",
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
        "Graph does not take the secret stored for the app “{app}”, so the call can't be signed.",
        "Ask an admin to enter the app's present secret under “Rotate the secret” on the app's page.",
        Turn.ADMIN,
        Place.NEW_SECRET,
        "an app secret that Graph does not take",
    ),
    "secret_doubted": Entry(
        "Graph refused a call signed with the secret stored for the app “{app}”. It was probably reset.",
        "idlink checks it by itself. If it was reset, ask an admin to enter the app's present secret under “Rotate the "
        "secret” on the app's page.",
        Turn.ADMIN,
        Place.NEW_SECRET,
        "an app secret that Graph did not take",
    ),
    "no_secret": Entry(
        "The secret of the app “{app}” is not set, so the call can't be signed.",
        "Ask an admin to enter it on the app's form.",
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
        "Choose it on the Page's form.",
        Turn.ADMIN,
        Place.PAGE_FORM,
    ),
    "nothing_to_check_with": Entry(
        "Only the app “{app}” can check this token, and neither its secret nor a token of it is stored.",
        "Enter the app's secret on its form.",
        Turn.ADMIN,
        Place.APP_FORM,
    ),
    "no_ids": Entry(
        "This person has no IDs left.", "Open the person that has them now.", Turn.STAFF
    ),
    "nobody_to_ask": Entry(
        "No ID of “{asset}” is known here yet, so there is nobody to ask about.",
        "Look up an ID that you know under Find a person, or bring a list in.",
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
        "It is checked by itself; “Check now” on the token's page does it at once.",
        Turn.NOBODY,
    ),
    "token_unchecked": Entry(
        "The {token} of “{asset}” was never checked.",
        "It is checked by itself; “Check now” on the token's page does it at once.",
        Turn.NOBODY,
    ),
    "token_unseen": Entry(
        "The {token} of “{asset}” was last checked on {when}.",
        "It is checked by itself; “Check now” on the token's page does it at once.",
        Turn.NOBODY,
    ),
    "quota_out": Entry(
        "No calls of “{asset}” until {until} UTC.{why}",
        "Nothing to do: lookups wait and go on by themselves.",
        Turn.NOBODY,
    ),
    "trouble": Entry(
        "Graph failed to answer the last {count} call(s) of “{asset}”.",
        "Nothing to do: it is tried again by itself.",
        Turn.NOBODY,
    ),
    "slow": Entry(
        "{percent} % of the limit of “{asset}” was used up at last: its calls go slowly.",
        "Nothing to do; the limit is Meta's, and frees itself.",
        Turn.NOBODY,
    ),
    "owner_unknown": Entry(
        "Graph names no business as the owner of “{asset}”.",
        "Without an owner Graph links nothing: check in Meta Business Manager that this business owns it.",
        Turn.ADMIN,
    ),
    "owner_not_asked": Entry(
        "Nobody has asked yet who owns “{asset}”.",
        "Graph is asked by itself once there is a working token of it; or find apps and Pages with a system user's "
        "token, on the business's page.",
        Turn.ADMIN,
        Place.BUSINESS,
    ),
    "not_one_business": Entry(
        "“{app}”, which asks for “{asset}”, and the Page are not of one business: {why}",
        "{how}",
        Turn.ADMIN,
        Place.BUSINESS,
    ),
    "not_logged_in": Entry(
        "No login of this person to “{app}” is known, the app that asks for “{asset}”.",
        "Graph then names no apps, though there may be some. Asking about another ID of the person says more.",
        Turn.STAFF,
    ),
}  # fmt: skip
