"""Undoes an import, or takes the undo back: shows what would follow, asks for a reason, acts, shows the progress."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from businesses.access import Action
from lookups.admin.lists.run_acts import run_for
from lookups.admin.lists.run_words import title_of
from lookups.admin.people.deciding import ReasonForm
from lookups.evidence import undoing
from lookups.evidence.undoing import CannotUndo, Stage
from lookups.models import Decision, Run
from lookups.tasks import wake_undoing

WORKING = (Stage.UNDOING, Stage.RESTORING)
# The acts that the form can name, each with the message after it has begun.
ACTS = {
    "undo": (undoing.start_undoing, "It is being undone. Go on with other work: it needs nobody to watch."),
    "take_back": (undoing.take_back, "The undo is being taken back."),
}


class UndoRunView(View):
    """The page of an import's undo, for users who may decide."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what would follow, or the progress; the page then loads its changing part again and again."""
        run = _run(request, pk)
        if not request.headers.get("HX-Request"):
            return _page(request, run, ReasonForm())
        state = _state(run)
        if state["stage"] in WORKING:
            return render(request, "parts/undo_state.html", state)
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"  # other buttons apply now
        return response

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Begin the act that `act` names, with a reason."""
        run, form = _run(request, pk), ReasonForm(request.POST)
        act, said = ACTS.get(request.POST.get("act", ""), (None, ""))
        if act is None:
            raise Http404
        if not form.is_valid():
            return _page(request, run, form, status=400)
        refused = ""
        try:
            with transaction.atomic():
                act(run, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
                transaction.on_commit(partial(wake_undoing, run.pk))
        except CannotUndo as error:
            refused = str(error)
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:lookups_run_undo", args=[run.pk]))


def _run(request: HttpRequest, pk: int) -> Run:
    run = run_for(request, pk, Action.DECIDE)
    if run.kind != Run.Kind.LIST:
        raise Http404
    return run


def _state(run: Run) -> dict[str, Any]:
    decision: Decision | None = undoing.latest(run)
    stage = undoing.stage_of(run, decision)
    return {
        "run": run,
        "decision": decision,
        "stage": stage,
        "phase": stage.name,
        "working": stage in WORKING,
        "retracted": decision.retractions.count() if decision else 0,
    }


def _page(request: HttpRequest, run: Run, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    state = _state(run)
    refused = undoing.why_not(run) if state["stage"] == Stage.STANDING else ""
    asks = state["stage"] == Stage.STANDING and not refused
    context = {
        **admin.site.each_context(request),
        **state,
        "title": f"Undo {title_of(run)}",
        "form": form,
        "refused": refused,
        "preview": undoing.preview_undoing(run) if asks else None,
    }
    return render(request, "lookups/run_undo.html", context, status=status)


UNDOING: dict[str, Any] = {"undo": UndoRunView.as_view()}
