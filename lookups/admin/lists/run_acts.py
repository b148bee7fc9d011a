"""The acts on a run: start, pause, go on and retry at one click; cancel, discard and delete after a question."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from businesses.access import Action, may, visible
from lookups.admin.lists.run_words import Term, terms_of, title_of
from lookups.asking.tallies import sum_of
from lookups.lists import imports, running
from lookups.models import Lane, Run
from lookups.tasks import wake


def run_for(request: HttpRequest, pk: Any, action: Action = Action.VIEW) -> Run:
    """Give a run, if the user may do this action in its business; else Http404."""
    runs = Run.objects.select_related("business", "asked_by", "changed_by", "list_file").defer("list_file__first_look")
    run = visible(runs, request.user, action).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def may_ask(request: HttpRequest, run: Run) -> bool:
    """Tell whether the user may start, pause and cancel this run."""
    return may(request.user, Action.ASK, run.business)


class ActView(View):
    """One click: does the act, says so, and leads back to the run."""

    act: Callable[..., Any] = staticmethod(running.start)
    said = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do the act, or say why it can't be done."""
        run = run_for(request, pk, Action.ASK)
        refused, result = "", None
        try:
            result = self.act(run, by=request.user, now=timezone.now())
            transaction.on_commit(partial(wake, Lane.BULK))
        except (running.CannotChange, imports.CannotRead) as error:
            refused = str(error)
        if refused:
            messages.error(request, refused)
        else:
            messages.info(request, self.said.format(count=f"{result or 0:,}"))
        return HttpResponseRedirect(self.back_to(run))

    def back_to(self, run: Run) -> str:
        """Give the address to which the click leads."""
        return run.address


class SureView(ActView):
    """An act that takes something away: GET says what goes and what stays, POST does it."""

    question: ClassVar[str] = ""
    button: ClassVar[str] = ""
    states: ClassVar[tuple[str, ...]] = ()

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the user to confirm the act."""
        run = run_for(request, pk, Action.ASK)
        if run.state not in self.states:
            return HttpResponseRedirect(run.address)
        context = {
            **admin.site.each_context(request),
            "title": self.question,
            "run": run,
            "name": title_of(run),
            "effects": self.effects(run),
            "button": self.button,
        }
        return render(request, "lookups/run_sure.html", context)

    def effects(self, run: Run) -> list[str]:
        """Say what goes and what stays."""
        raise NotImplementedError


class CancelView(SureView):
    """Cancel a run; what was found stays."""

    act = staticmethod(running.cancel)
    said = "Cancelled. What was found stays; nothing more is asked."
    question = "Cancel this run?"
    button = "Cancel the run"
    states = (Run.State.GOING, Run.State.PAUSED)

    def effects(self, run: Run) -> list[str]:
        """Say what goes and what stays."""
        terms = {term.name: term for term in terms_of(sum_of(run))}
        open_ones = sum(terms.get(name, Term(name, 0)).count for name in ("waiting", "held"))
        answered = sum(terms.get(name, Term(name, 0)).count for name in ("linked", "none"))
        return [
            f"Rows not asked yet, now {open_ones:,}, are counted as refused, because cancelled. "
            "You can ask about them later by Try again.",
            f"The {answered:,} answers that came stay, with all links and people found by them.",
            "Questions that are on their way to Graph are still answered and recorded.",
        ]


class DiscardView(SureView):
    """Discard a list that was not started."""

    act = staticmethod(imports.discard)
    said = "Discarded: the file is removed here. Nothing of it was asked."
    question = "Discard this list?"
    button = "Discard the list"
    states = (Run.State.MAPPING, Run.State.READING, Run.State.READY)

    def effects(self, run: Run) -> list[str]:
        """Say what goes and what stays."""
        return [
            "The uploaded file is removed here. Your own copy is not touched.",
            "That there was this list stays on record, with the rows read so far as not asked.",
            "Nothing of it was asked, so no links or people change.",
        ]

    def back_to(self, run: Run) -> str:
        """Give the address of the changelist of runs."""
        return reverse("admin:lookups_run_changelist")


class DeleteFileView(SureView):
    """Delete the uploaded file of a list that was read; its rows and what was found stay."""

    act = staticmethod(imports.delete_file)
    said = "The file was deleted here."
    question = "Delete the file of this list?"
    button = "Delete the file"
    states = imports.DELETABLE

    def effects(self, run: Run) -> list[str]:
        """Say what goes and what stays."""
        return [
            "The uploaded file is deleted here, at once and for good. Your own copy is not touched.",
            "Results can be downloaded as before, but with the ID of each row only, not with the list's other columns.",
            "Answers, links and people stay, and so does what this page counts. Undoing the import needs no file.",
        ]


ACTS: dict[str, Any] = {
    "start": ActView.as_view(act=running.start, said="Started."),
    "pause": ActView.as_view(act=running.pause, said="Paused. What is on its way to Graph is still recorded."),
    "go-on": ActView.as_view(act=running.go_on, said="It goes on."),
    "retry": ActView.as_view(act=running.retry, said="Tried again: {count}."),
    "cancel": CancelView.as_view(),
    "discard": DiscardView.as_view(),
    "delete-file": DeleteFileView.as_view(),
}
