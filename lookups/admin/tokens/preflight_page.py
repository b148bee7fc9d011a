"""*Preflight*: which lookups would go through, for a business's apps and Pages and for one person; one test call."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from businesses.access import Action, businesses_of, may, visible
from businesses.models import Business, FacebookApp, Page
from lookups.asking.starting import CannotAsk, ask_to_test
from lookups.models import Person
from lookups.tasks import wake
from lookups.tokens.preflight import Cell, Colour, Side, cell, cells_of_person, sides_of

ROWS, COLUMNS = 20, 10
MOST_COUNTED = 120  # apps and Pages; the cells are the square of it
MARKS = {Colour.GREEN: "✓", Colour.AMBER: "!", Colour.RED: "✕"}
WORDS = {Colour.GREEN: "Ready", Colour.AMBER: "Not sure", Colour.RED: "Can't"}
USE_CASES = {
    1: "the person's IDs in apps, asked with a PSID",
    2: "the person's IDs on Pages, asked with an ASID",
    3: "the person's IDs in apps, asked with an ASID",
    4: "the person's IDs on Pages, asked with a PSID",
}


@dataclass(frozen=True)
class Mark:
    """A colour as it is shown: never the colour alone."""

    colour: str
    sign: str
    word: str


@dataclass(frozen=True)
class ShownCell:
    """A cell of the grid, with its address."""

    cell: Cell
    mark: Mark
    key: str
    is_open: bool

    @property
    def about(self) -> str:
        """What the guide calls this lookup."""
        return USE_CASES[self.cell.use_case]


@dataclass(frozen=True)
class ShownRow:
    """A source, what is the matter with it whatever it is asked for, and its cells."""

    side: Side
    mark: Mark
    cells: list[ShownCell]


def mark_of(colour: Colour) -> Mark:
    """Give the sign and the word that go with a colour."""
    return Mark(colour, MARKS[colour], WORDS[colour])


class PreflightsView(View):
    """The menu's entry: the one business there is, or a choice."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead on, or list the user's businesses."""
        mine = list(businesses_of(request.user))
        if len(mine) == 1:
            return HttpResponseRedirect(reverse("admin:businesses_business_preflight", args=[mine[0].pk]))
        context = {**admin.site.each_context(request), "title": "Preflight", "businesses": mine}
        return render(request, "lookups/preflights.html", context)


class PreflightView(View):
    """The grid of one business."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show which questions would go through; `cell` names the one whose causes are shown."""
        business = business_for(request, pk, Action.VIEW)
        now, wanted = timezone.now(), request.GET.get("q", "").strip()[:100]
        sides = list(sides_of(assets_of(business), now).values())
        shown = [one for one in sides if wanted.lower() in one.asset.name.lower() or wanted == one.asset.graph_id]
        grid = Grid(request.GET, shown)
        context = {
            "title": f"Preflight: {business}",
            "business": business,
            "wanted": wanted,
            "how_many": len(sides),
            "counts": _counted(sides),
            "may_ask": may(request.user, Action.ASK, business),
            "test": reverse("admin:businesses_business_testcall", args=[pk]),
            **grid.context(),
        }
        return render(request, "lookups/preflight.html", {**admin.site.each_context(request), **context})


class TestCallView(View):
    """One real call for one cell."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask about one known ID of the source, filtered to the target, and lead to its lookup."""
        business = business_for(request, pk, Action.ASK)
        by_key = {_key(asset): asset for asset in assets_of(business)}
        source, target = by_key.get(request.POST.get("source", "")), by_key.get(request.POST.get("target", ""))
        if source is None or target is None or source == target:
            raise Http404
        now, refused = timezone.now(), ""
        sides = sides_of([source, target], now)
        one = cell(sides[source], sides[target])
        if one.colour == Colour.RED:
            refused = " ".join(f"{reason.text} {reason.remedy}" for reason in one.reasons)
        try:
            if not refused:
                return HttpResponseRedirect(self._asked(request, source, target, now))
        except CannotAsk as error:
            refused = error.plan.why_not
        messages.error(request, f"Not asked. {refused}")
        here = reverse("admin:businesses_business_preflight", args=[pk])
        return HttpResponseRedirect(f"{here}?{urlencode({'cell': f'{_key(source)},{_key(target)}'})}#cell")

    def _asked(self, request: HttpRequest, source: Any, target: Any, now: datetime) -> str:
        with transaction.atomic():
            lookup = ask_to_test(source=source, target=target, by=request.user, now=now)
            transaction.on_commit(wake)
        return lookup.address


class PersonPreflightView(View):
    """The grid of one person: the IDs known against all apps and Pages."""

    def get(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Show which of the person's IDs could be asked for which app or Page."""
        rows = visible(Person.objects.select_related("business"), request.user)
        person = rows.filter(public_id=public_id).first()
        if person is None:
            raise Http404
        members = list(person.scoped_ids.select_related("app", "page__managed_by").order_by("pk"))
        found = cells_of_person(members, assets_of(person.business), timezone.now())
        columns = Paginator([one.target for one in found[0][1]] if found else [], COLUMNS)
        page = columns.get_page(request.GET.get("c"))
        first = (page.number - 1) * COLUMNS
        opened = request.GET.get("cell", "")
        shown = [(source, cells[first : first + COLUMNS]) for source, cells in found]
        context = {
            "title": "Preflight of one person",
            "person": person,
            "may_ask": may(request.user, Action.ASK, person),
            **_context(shown, list(page), opened),
            "columns_page": page,
            "query": "",
        }
        return render(request, "lookups/preflight_person.html", {**admin.site.each_context(request), **context})


class Grid:
    """The part of a business's grid that is shown."""

    def __init__(self, query: Mapping[str, str], sides: Sequence[Side]) -> None:
        """`r` and `c` number the pages of rows and of columns."""
        self._rows = Paginator(sides, ROWS).get_page(query.get("r"))
        self._columns = Paginator(sides, COLUMNS).get_page(query.get("c"))
        self._opened = query.get("cell", "")
        self._kept = {"q": query.get("q", "").strip()[:100]}

    def context(self) -> dict[str, Any]:
        """Give what the template shows."""
        targets = list(self._columns)
        found = [(source, [cell(source, target) for target in targets]) for source in self._rows]
        here = {**self._kept, "r": self._rows.number, "c": self._columns.number}
        return {
            **_context(found, targets, self._opened),
            "rows_page": self._rows,
            "columns_page": self._columns,
            "kept": urlencode(self._kept),
            "query": urlencode(here),
        }


def business_for(request: HttpRequest, pk: int, action: Action) -> Business:
    """Give the business if the user may do this there; else there is none."""
    business = visible(Business.objects.all(), request.user, action).filter(pk=pk).first()
    if business is None:
        raise Http404
    return business


def assets_of(business: Business) -> list[FacebookApp | Page]:
    """Give a business's apps and Pages, as planning reads them."""
    apps = FacebookApp.objects.filter(business=business).select_related("business")
    return [*apps, *Page.objects.filter(business=business).select_related("business", "managed_by__business")]


def _key(asset: FacebookApp | Page) -> str:
    return Side(asset).key


def _context(found: Sequence[tuple[Side, list[Cell]]], targets: Sequence[Side], opened: str) -> dict[str, Any]:
    rows = [
        ShownRow(source, mark_of(_worst(source)), [_shown(one, opened) for one in cells]) for source, cells in found
    ]
    chosen = next((one for row in rows for one in row.cells if one.is_open and not one.cell.is_itself), None)
    return {"rows": rows, "columns": targets, "opened": chosen}


def _shown(one: Cell, opened: str) -> ShownCell:
    key = f"{one.source.key},{one.target.key}"
    return ShownCell(one, mark_of(one.colour), key, key == opened)


def _worst(source: Side) -> Colour:
    return Cell(source, source, source.as_source).colour


def _counted(sides: Sequence[Side]) -> list[tuple[Mark, int]]:
    """Count the cells by colour; none where there are too many to look at each time."""
    if len(sides) > MOST_COUNTED:
        return []
    cells = (cell(source, target) for source in sides for target in sides if source is not target)
    counts = Counter(one.colour for one in cells)
    return [(mark_of(colour), counts[colour]) for colour in Colour]
