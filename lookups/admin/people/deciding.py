"""Decisions about two IDs: shows which persons would split or join, asks for a reason, acts; also takes one back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from businesses.access import Action, visible
from lookups.evidence import decisions
from lookups.models import Decision, ScopedID

KINDS = {
    Decision.Kind.RETRACT: ("Retract the link between these IDs", "Retract the link"),
    Decision.Kind.ASSERT: ("Assert by hand that these IDs are one person", "Assert the link"),
    Decision.Kind.KEEP_APART: ("Keep these IDs apart", "Keep apart"),
}


class ReasonForm(forms.Form):
    """The form for the reason; readers of the history need it."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 3, "class": "il-input"}))


class DecideView(View):
    """One decision about two IDs (`kind`, and the public IDs `one` and `other`)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show which persons would split or join."""
        return self._page(request, ReasonForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the decision, with a reason."""
        kind, one, other = _asked_for(request)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        refused = ""
        try:
            reason = form.cleaned_data["reason"]
            decisions.decide(kind, one, other, reason=reason, by=request.user, now=timezone.now())
        except decisions.CannotDecide as error:
            refused = str(error)
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, "Done. It stands in the person's history, where you can take it back.")
        return HttpResponseRedirect(ScopedID.objects.get(pk=one.pk).person.address)

    def _page(self, request: HttpRequest, form: ReasonForm, *, status: int = 200) -> HttpResponse:
        kind, one, other = _asked_for(request)
        preview, refused = None, ""
        try:
            preview = decisions.preview(kind, one, other)
        except decisions.CannotDecide as error:
            refused = str(error)
        title, button = KINDS[kind]
        shown = {"title": title, "button": button, "ids": [one, other], "back": one.person.address}
        return _rendered(request, form, preview, refused, shown, status)


class UndoView(View):
    """The page that takes a decision back."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what would follow."""
        return self._page(request, _decision(request, pk), ReasonForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the decision back, with a reason."""
        decision, form = _decision(request, pk), ReasonForm(request.POST)
        if not form.is_valid():
            return self._page(request, decision, form, status=400)
        refused = ""
        try:
            decisions.undo(decision, reason=form.cleaned_data["reason"], by=request.user, now=timezone.now())
        except decisions.CannotDecide as error:
            refused = str(error)
        if refused:
            messages.error(request, refused)
        else:
            messages.success(request, "Taken back. To have it again, decide anew.")
        return HttpResponseRedirect(ScopedID.objects.get(pk=decision.scoped_ids[0].pk).person.address)

    def _page(self, request: HttpRequest, decision: Decision, form: ReasonForm, *, status: int = 200) -> HttpResponse:
        refused = "This decision was taken back already." if decision.undone_at else ""
        preview = None if refused else decisions.preview_undo(decision)
        shown = {
            "title": f"Take back: {decision.get_kind_display()}",
            "button": "Take it back",
            "ids": decision.scoped_ids,
            "decision": decision,
            "back": decision.scoped_ids[0].person.address,
        }
        return _rendered(request, form, preview, refused, shown, status)


def _rendered(
    request: HttpRequest,
    form: ReasonForm,
    preview: decisions.Preview | None,
    refused: str,
    shown: dict[str, Any],
    status: int,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request), "form": form, "preview": preview, "refused": refused, **shown
    }  # fmt: skip
    return render(request, "lookups/decide.html", context, status=status)


def _asked_for(request: HttpRequest) -> tuple[Decision.Kind, ScopedID, ScopedID]:
    """Read the kind and the IDs from the address; Http404 if the user may not decide about them."""
    kind = next((kind for kind in KINDS if kind == request.GET.get("kind")), None)
    ids = [scoped_id_named(request, request.GET.get(name, ""), Action.DECIDE) for name in ("one", "other")]
    one, other = ids
    if kind is None or one is None or other is None or one.business_id != other.business_id:
        raise Http404
    return kind, one, other


def scoped_id_named(request: HttpRequest, public_id: str, action: Action = Action.VIEW) -> ScopedID | None:
    """Give the scoped ID with this public ID, if the user may do this action in its business."""
    rows = visible(ScopedID.objects.select_related("business", "asset", "person"), request.user, action)
    scoped_id: ScopedID | None = rows.filter(public_id=public_id[:20]).first()
    return scoped_id


def _decision(request: HttpRequest, pk: int) -> Decision:
    rows = Decision.objects.select_related("one__person", "one__asset", "other__asset")
    about_ids = visible(rows, request.user, Action.DECIDE).exclude(kind=Decision.Kind.UNDO)  # for imports: see undoing
    decision: Decision | None = about_ids.filter(pk=pk).first()
    if decision is None:
        raise Http404
    return decision
