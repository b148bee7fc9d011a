"""The page on which a user names a list's columns, with its first rows in view: the IDs, and their app or Page."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action
from businesses.models import Asset
from lookups.admin.asking.finding import asset_named
from lookups.admin.lists import run_page
from lookups.admin.lists.list_new import Unfit, assets_of
from lookups.admin.lists.run_acts import run_for
from lookups.admin.lists.run_words import title_of
from lookups.lists import imports
from lookups.models import Run
from lookups.tasks import wake_uploads

COLUMN = "column:"
_NAMEABLE = (Run.State.MAPPING, Run.State.READY)


@dataclass(frozen=True)
class Naming:
    """A choice or a guess of the columns; `asset` is the key of an app or Page, or `column:2`."""

    id_column: int | None
    asset: str
    has_header: bool


class ColumnsView(View):
    """GET shows the first rows with a guess; POST names the columns, then the list is read."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the first rows, or that a worker still looks at them."""
        run = run_for(request, pk, Action.ASK)
        if run.state == Run.State.READING and run.list_file.is_new:
            return run_page.whole(request, run)
        if run.state not in _NAMEABLE:
            return HttpResponseRedirect(run.address)
        gone = ""
        try:
            return _page(request, run)
        except imports.CannotRead as refused:
            gone = str(refused)
        messages.error(request, gone)
        return HttpResponseRedirect(run.address)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Store the choice, or say what is wrong with it."""
        run = run_for(request, pk, Action.ASK)
        if run.state not in _NAMEABLE:
            return HttpResponseRedirect(run.address)
        named = Naming(
            _number(request.POST.get("id_column", "")), request.POST.get("asset", ""), "header" in request.POST
        )
        error = ""
        try:
            _name(request, run, named)
            transaction.on_commit(wake_uploads)
        except (Unfit, imports.CannotRead) as refused:
            error = str(refused)
        if error:
            return _page(request, run, named=named, error=error, status=400)
        return HttpResponseRedirect(run.address)


def _name(request: HttpRequest, run: Run, named: Naming) -> None:
    width = len(imports.look(run.list_file).columns)
    if named.id_column is None or named.id_column >= width:
        raise Unfit("Choose the column that holds the IDs.")
    is_column, number = named.asset.startswith(COLUMN), named.asset.removeprefix(COLUMN)
    column, asset = (_number(number), None) if is_column else (None, _asset(request, run, named.asset))
    if asset is None and (column is None or column >= width):
        raise Unfit("Choose the app or Page of the IDs, or the column that names it.")
    if column is not None and column == named.id_column:
        raise Unfit("One column can't hold both the ID and its app or Page. Choose two different ones.")
    imports.name_columns(
        run,
        id_column=named.id_column,
        asset_column=column,
        asset=asset,
        has_header=named.has_header,
        now=timezone.now(),
    )


def _asset(request: HttpRequest, run: Run, key: str) -> Asset | None:
    """Give the chosen app or Page if it belongs to the list's business."""
    asset = asset_named(key, request.user, Action.ASK)
    return asset if asset and asset.business_id == run.business_id else None


def _page(
    request: HttpRequest, run: Run, *, named: Naming | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    seen = imports.look(run.list_file, has_header=named.has_header if named else None)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Columns of {title_of(run)}",
        "run": run,
        "look": seen,
        "named": named or Naming(seen.id_column, _guessed_asset(seen), seen.has_header),
        "columns": [(number, f"{COLUMN}{number}", name) for number, name in enumerate(seen.columns)],
        "choices": assets_of([run.business]),
        "error": error,
    }
    return render(request, "lookups/list_columns.html", context, status=status)


def _guessed_asset(seen: imports.Look) -> str:
    if seen.asset_column is not None:
        return f"{COLUMN}{seen.asset_column}"
    return str(seen.asset.pk) if seen.asset else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
