"""What a page's reader can do about a reason: a link if the reader may do it, else the name of the role that may."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from businesses.access import Action, AnyUser, business_keys_of
from businesses.reasons import Place, Reason, Turn

register = template.Library()

_ACTIONS = {Turn.STAFF: Action.ASK, Turn.ADMIN: Action.MANAGE}  # no user of idlink can act in any other turn
_FORMS = {
    Place.NEW_SECRET: "admin:businesses_facebookapp_secret",
    Place.APP_FORM: "admin:businesses_facebookapp_change",
    Place.PAGE_FORM: "admin:businesses_page_change",
    Place.BUSINESS: "admin:businesses_business_change",
}


@dataclass(frozen=True)
class Remedy:
    """What one reader can do about a reason, and where: the address is empty if the reader may not do it."""

    text: str
    address: str = ""
    label: str = ""

    def __html__(self) -> SafeString:
        """Give the remedy as a page shows it."""
        if not self.address:
            return format_html("{}", self.text)
        return format_html('{} <a class="il-link" href="{}">{}</a>', self.text, self.address, self.label)


class Reader:
    """A user. For each action it reads only once in which businesses the user may do it."""

    def __init__(self, user: AnyUser) -> None:
        self._user = user
        self._businesses: dict[Action, set[int]] = {}

    def remedy_for(self, reason: Reason) -> Remedy:
        """Tell this reader what to do about a reason."""
        about, place = dict(reason.about), reason.entry.place
        may_act = self._may_act(reason.entry.turn, about)
        text = reason.remedy_for(may_act=may_act)
        address = _address(place, about) if place and may_act else ""
        return Remedy(text, address, str(place.label)) if place and address else Remedy(text)

    def _may_act(self, turn: Turn, about: Mapping[str, int]) -> bool:
        action = _ACTIONS.get(turn)
        if action is None:
            return False
        if action not in self._businesses:
            self._businesses[action] = set(business_keys_of(self._user, action))
        return about.get("business") in self._businesses[action]


def reader_of(request: HttpRequest) -> Reader:
    """Give the request's user as a reader, the same one for the whole page."""
    found: Reader = request.__dict__.setdefault("_reader", Reader(request.user))
    return found


def told(request: HttpRequest, reasons: Iterable[Reason]) -> SafeString:
    """Give reasons with their remedies as one line for a message to the request's user."""
    reader = reader_of(request)
    return format_html_join(" ", "{} {}", ((reason.text, reader.remedy_for(reason)) for reason in reasons))


@register.simple_tag(takes_context=True)
def remedy(context: Context, reason: Reason) -> SafeString:
    """Show what the reader can do about a reason."""
    return reader_of(context["request"]).remedy_for(reason).__html__()


def _address(place: Place, about: Mapping[str, int]) -> str:
    """Give the address of the form; empty if the row that the form needs is not known."""
    if place == Place.FIND:
        return reverse("find")
    if place == Place.TOKEN_FORM:
        chosen = {name: about[name] for name in ("business", "asset") if name in about}
        return f"{reverse('admin:businesses_accesstoken_add')}?{urlencode(chosen)}"
    return reverse(_FORMS[place], args=[about[place.row]]) if place.row in about else ""
