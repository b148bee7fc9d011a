"""The page of a run: its state, progress and results, and the acts on it."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from businesses.access import Action, may
from lookups.admin.lists.run_acts import may_ask
from lookups.admin.lists.run_errors import MOST_POLLED, errors_of
from lookups.admin.lists.run_progress import progress_of, reading_of
from lookups.admin.lists.run_words import TERMS, title_of
from lookups.asking.tallies import audit, sum_of
from lookups.lists import imports
from lookups.lists.forecast import forecast, measured_rate
from lookups.lists.preview import preview_of
from lookups.models import COUNTED, Run

_State = Run.State
_STARTED = (_State.GOING, _State.PAUSED, _State.CANCELLED, _State.DONE, _State.FAULTY)


def show(request: HttpRequest, run: Run) -> HttpResponse:
    """Show the run, or the part of its page that was asked for."""
    if run.kind not in COUNTED:
        return HttpResponseRedirect(reverse("admin:lookups_run_rows", args=[run.pk]))
    asked_for = request.GET.get("part", "")
    if not request.headers.get("HX-Request"):
        return whole(request, run)
    if request.GET.get("seen") != run.state:
        return _to_columns(run) if run.state == _State.MAPPING and may_ask(request, run) else _anew()
    if asked_for == "errors":
        return render(request, "parts/run_errors.html", _errors(run))
    return _part(request, run)


def whole(request: HttpRequest, run: Run) -> HttpResponse:
    """Show the run as a page of its own."""
    context = {**admin.site.each_context(request), **_head(request, run)}
    if run.state in _STARTED and not _never_begun(run):
        context |= {"started": True, **progress_of(run, timezone.now()), **_errors(run)}
    elif run.state == _State.READING:
        context |= {"live": True, **reading_of(run, timezone.now())}
    elif run.state == _State.READY:
        context |= _preview(run)
    if run.state == _State.FAULTY:
        context |= {"differences": _differences(run)}
    return render(request, "lookups/run.html", context)


def _preview(run: Run) -> dict[str, Any]:
    """Say what the list would do and what it would cost."""
    now = timezone.now()
    preview = preview_of(run, now)
    told = forecast(preview.calls, measured_rate(run.business), now, least=preview.least)
    return {"preview": preview, "forecast": told}


def _part(request: HttpRequest, run: Run) -> HttpResponse:
    """Give the part that changes by itself; once nothing changes any more, have the whole page loaded."""
    if run.state == _State.READING:
        return render(request, "parts/run_reading.html", {"run": run, "live": True, **reading_of(run, timezone.now())})
    progress = progress_of(run, timezone.now())
    if not progress["live"]:
        return _anew()
    return render(request, "parts/run_progress.html", {"run": run, **progress})


def _anew() -> HttpResponse:
    """Have the browser load the whole page again: buttons and sections differ by state."""
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


def _to_columns(run: Run) -> HttpResponse:
    """Lead the browser on: whoever waited for the first look names the columns next."""
    response = HttpResponse(status=204)
    response["HX-Redirect"] = run.columns_address
    return response


def _head(request: HttpRequest, run: Run) -> dict[str, Any]:
    file = getattr(run, "list_file", None)
    return {
        "title": title_of(run),
        "run": run,
        "file": file,
        "kept_until": imports.kept_until(run) if file and not file.removed_at else None,
        "may_delete_file": file is not None and not file.removed_at and run.state in imports.DELETABLE,
        "keep_days": settings.IDLINK_LIST_KEEP_DAYS,
        "may_ask": may_ask(request, run),
        "may_decide": may(request.user, Action.DECIDE, run.business),
        "is_list": run.kind == Run.Kind.LIST,
    }


def _never_begun(run: Run) -> bool:
    """Tell whether the run was cancelled before its start: then there is nothing to count."""
    return run.state == _State.CANCELLED and run.started_at is None


def _errors(run: Run) -> dict[str, Any]:
    return {
        "run": run,
        "errors": errors_of(run),
        "errors_live": run.state == _State.GOING and run.refused + run.failed <= MOST_POLLED,
    }


def _differences(run: Run) -> list[tuple[str, int, int]]:
    """Give the terms whose running count differs from a count made now, with both numbers."""
    shown, counted = sum_of(run), audit(run)
    pairs = [("rows", shown.rows, counted.rows)]
    pairs += [(TERMS[name][0], count, counted.parts[name]) for name, count in shown.parts.items()]
    return [(name, one, other) for name, one, other in pairs if one != other]
