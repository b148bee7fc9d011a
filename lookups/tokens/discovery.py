"""With a token that was pasted once: which apps and Pages a business has, and adding those that were chosen.

The token is asked with at once and kept nowhere. What is added is read from Graph anew, so that nothing but what
Graph tells comes in.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from django.db import IntegrityError, transaction
from django.db.models import TextChoices

from businesses.credentials import app_keys
from businesses.models import AccessToken, Business, FacebookApp, Page
from businesses.secrets import fingerprint
from lookups.graph import Asker, GraphClient, GraphError, Listed
from lookups.graph.discovery import apps_and_pages, name_of_me

MOST_SECONDS = 25  # a browser waits
MOST_APPS_ASKED = 20  # whose token it is
Asset = FacebookApp | Page
Known = set[tuple[int, str]]  # a Page's key and the fingerprint of its token


class Relation(TextChoices):
    """What the business is to an app or a Page."""

    OWNED = "owned", "owned by the business"
    CLIENT = "client", "only shared with the business"
    SEEN = "seen", "managed by whoever the token is of; not among what the business owns"


class Place(TextChoices):
    """Where it stands in idlink; for one of another business here it is not told which."""

    NEW = "new", "new"
    HERE = "here", "already here"
    TAKEN = "taken", "can't be added here: check its ID with whoever runs idlink"


@dataclass(frozen=True)
class Found:
    """An app or a Page that Graph told of. `token_fits`: a page access token came with it that can be stored."""

    kind: str
    id: str
    name: str
    relation: Relation
    place: Place
    token_fits: bool = False
    why_no_token: str = ""

    @property
    def key(self) -> str:
        """How the form names it."""
        return f"{self.kind}:{self.id}"

    @property
    def may_be_added(self) -> bool:
        """Meta's policy: own ones only."""
        return self.place == Place.NEW and self.relation == Relation.OWNED


@dataclass
class Told:
    """All that Graph told; `troubles` say which lists could not be read, and why."""

    me: str = ""
    maker: FacebookApp | None = None
    owned: dict[str, list[Listed]] = field(default_factory=dict)
    client: dict[str, list[Listed]] = field(default_factory=dict)
    accounts: list[Listed] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> Mapping[str, str]:
        """The page access tokens that came, by Page."""
        return {row.id: row.token for row in self.accounts if row.token}

    def relations(self) -> Iterator[tuple[str, Listed, Relation]]:
        """Give every app and Page once, owned before shared before merely seen."""
        seen: set[tuple[str, str]] = set()
        for lists, relation in (
            (self.owned, Relation.OWNED),
            (self.client, Relation.CLIENT),
            ({"page": self.accounts}, Relation.SEEN),
        ):
            for kind, rows in lists.items():
                for row in rows:
                    if (kind, row.id) not in seen:
                        seen.add((kind, row.id))
                        yield kind, row, relation


@dataclass(frozen=True)
class Added:
    """How many came in; the keys of the tokens, which somebody should have checked."""

    apps: int
    pages: int
    tokens: tuple[int, ...]


def read(client: GraphClient, business: Business, token: str) -> Told:
    """Ask Graph for all that the token shows of the business; raises GraphError if it shows nothing at all."""
    maker, secret = _maker(client, business, token)
    asker = Asker(token, secret, until=time.monotonic() + MOST_SECONDS)
    told = Told(me=name_of_me(client, asker), maker=maker)
    for kind, edge in (("app", "apps"), ("page", "pages")):
        told.owned[kind] = _read(client, f"{business.graph_id}/owned_{edge}", asker, told)
        told.client[kind] = _read(client, f"{business.graph_id}/client_{edge}", asker, told)
    told.accounts = _read(client, "me/accounts", asker, told, tokens=True)
    return told


def found_in(told: Told, business: Business) -> list[Found]:
    """Say of each app and Page what it is to the business, and where it stands here already."""
    rows = list(told.relations())
    places = {kind: _stored(kind, [row.id for other, row, _ in rows if other == kind]) for kind in ("app", "page")}
    known = _stored_fingerprints(business)
    return [
        _found(told, business, kind, row, relation, places[kind].get(row.id), known) for kind, row, relation in rows
    ]


def add(told: Told, business: Business, chosen: Collection[str], *, tokens: bool, by: int | None) -> Added:
    """Add the chosen ones that may be added; store the page access tokens that fit, if wanted."""
    wanted = [one for one in found_in(told, business) if one.may_be_added and one.key in chosen]
    added = [one.kind for one in sorted(wanted, key=lambda one: one.kind) if _add(told, business, one)]
    stored = _store_tokens(told, business, chosen, by) if tokens else []
    return Added(added.count("app"), added.count("page"), tuple(stored))


def stored_of(told: Told, business: Business, relation: Relation) -> list[Asset]:
    """Give the business's stored apps and Pages that Graph's lists name in this relation."""
    lists = told.owned if relation == Relation.OWNED else told.client
    return [*_of("app", lists, business), *_of("page", lists, business)]


def _of(kind: str, lists: Mapping[str, list[Listed]], business: Business) -> list[Asset]:
    rows = _stored(kind, [row.id for row in lists.get(kind, [])]).values()
    return [one for one in rows if one.business_id == business.pk]


def _read(client: GraphClient, path: str, asker: Asker, told: Told, *, tokens: bool = False) -> list[Listed]:
    failure = None
    try:
        return apps_and_pages(client, path, asker, tokens=tokens)
    except GraphError as error:
        failure = error
    told.troubles.append(f"{path.partition('/')[2].replace('_', ' ')}: {failure.message}")
    return []


def _stored_fingerprints(business: Business) -> Known:
    """Name the Pages' tokens that are stored and that Graph has not refused."""
    tokens = AccessToken.objects.filter(business=business, page__isnull=False, refused_at=None)
    return {(token.page_id, token.fingerprint) for token in tokens if token.page_id}


def _maker(client: GraphClient, business: Business, token: str) -> tuple[FacebookApp | None, str]:
    """Find which of the business's apps made the token: only that app may ask what it is."""
    apps = FacebookApp.objects.filter(business=business).exclude(sealed_secret="")
    for app, by_secret, secret in islice(app_keys(apps), MOST_APPS_ASKED):
        try:
            report = client.describe_token(token, by_secret, app_secret=secret)
        except GraphError:
            continue
        if report.app_id == app.app_id:
            return app, secret
    return None, ""


def _stored(kind: str, ids: Iterable[str]) -> dict[str, Asset]:
    if kind == "app":
        return {one.app_id: one for one in FacebookApp.objects.filter(app_id__in=set(ids)).select_related("business")}
    pages = Page.objects.filter(page_id__in=set(ids)).select_related("business", "managed_by")
    return {one.page_id: one for one in pages}


def _found(
    told: Told, business: Business, kind: str, row: Listed, relation: Relation, stored: Asset | None, known: Known
) -> Found:
    place = Place.NEW if stored is None else Place.HERE if stored.business_id == business.pk else Place.TAKEN
    fits, why = False, ""
    if kind == "page" and row.id in told.tokens and relation == Relation.OWNED and place != Place.TAKEN:
        why = _why_no_token(told, row.id, stored, known)
        fits = not why
    return Found(kind, row.id, row.name, relation, place, fits, why)


def _why_no_token(told: Told, page_id: str, stored: Asset | None, known: Known) -> str:
    """A page access token is of the app whose token asked; it must be the one that manages the Page."""
    if stored and (stored.pk, fingerprint(told.tokens[page_id])) in known:
        return "this very one is stored already"
    if told.maker is None:
        return "which app made it can't be told: that app must stand here with its secret"
    manager = stored.managed_by if isinstance(stored, Page) else None
    if manager and manager.pk != told.maker.pk:
        return f"it is made by “{told.maker}”, but “{manager}” manages the Page"
    return ""


def _add(told: Told, business: Business, one: Found) -> bool:
    """Add an app or a Page; false if somebody else was faster."""
    name = one.name or f"{'App' if one.kind == 'app' else 'Page'} {one.id}"
    try:
        with transaction.atomic():
            if one.kind == "app":
                FacebookApp.objects.create(business=business, app_id=one.id, name=name)
            else:
                manager = told.maker if one.token_fits else None
                Page.objects.create(business=business, page_id=one.id, name=name, managed_by=manager)
    except IntegrityError:
        return False
    return True


def _store_tokens(told: Told, business: Business, chosen: Collection[str], by: int | None) -> list[int]:
    fitting = {one.id for one in found_in(told, business) if one.token_fits and one.key in chosen}
    pages = Page.objects.filter(business=business, page_id__in=fitting).select_related("managed_by")
    return [_store_token(page, told.maker, told.tokens[page.page_id], by) for page in pages if told.maker]


def _store_token(page: Page, maker: FacebookApp, text: str, by: int | None) -> int:
    """Store a Page's token; give its key."""
    if page.managed_by is None:
        page.managed_by = maker
        page.save(update_fields=["managed_by"])
    token = AccessToken(business_id=page.business_id, page=page, created_by_id=by)
    token.set_value(text)
    token.save()
    return token.pk
