"""Reviews: when they began and ended, what Graph said, and the click that asks again."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from businesses.access import Action, may
from businesses.admin.scoped import ReadOnlyAdmin
from lookups import reviews
from lookups.models import HeldFor, Lookup, PolicyReview, State
from lookups.tasks import wake
from lookups.templatetags.idlink import moment


@admin.register(PolicyReview)
class PolicyReviewAdmin(ReadOnlyAdmin):
    """Changelist of reviews, with the number of held lookups."""

    list_display = ["business", "began", "last_told", "ended", "held", "answers"]
    sortable_by = ["began"]
    own_filters = ["business"]
    list_select_related = ["business"]
    fields = [
        "business", "began", "last_told", "ended", "held", "answers",
        "code", "message", "trace_id", "asked_again", "asks_next",
    ]  # fmt: skip
    change_form_outer_before_template = "lookups/probe_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything."""
        return self.fields

    @admin.display(description="held lookups")
    def held(self, review: PolicyReview) -> int:
        """How many lookups wait for the end of this review."""
        if review.closed_at:
            return 0
        return Lookup.objects.filter(business=review.business, state=State.HELD, held_for=HeldFor.REVIEW).count()

    @admin.display(description="began", ordering="opened_at")
    def began(self, review: PolicyReview) -> str:
        """When Graph first said so; times are in the reader's zone."""
        return moment(review.opened_at)

    @admin.display(description="last told")
    def last_told(self, review: PolicyReview) -> str:
        """When Graph last said so."""
        return moment(review.last_answer_at)

    @admin.display(description="ended")
    def ended(self, review: PolicyReview) -> str:
        """When a probe was answered."""
        return moment(review.closed_at) if review.closed_at else "not yet"

    @admin.display(description="last probe")
    def asked_again(self, review: PolicyReview) -> str:
        """When a held lookup was last sent."""
        return moment(review.last_probe_at)

    @admin.display(description="next probe")
    def asks_next(self, review: PolicyReview) -> str:
        """When the next held lookup is sent by itself."""
        return "none, the review has ended" if review.closed_at else moment(review.next_probe_at)

    def get_urls(self) -> list[URLPattern]:
        """The click that asks again."""
        view = self.admin_site.admin_view(method_decorator(require_POST)(type(self).probe_view).__get__(self))
        return [path("<int:pk>/probe/", view, name="lookups_policyreview_probe"), *super().get_urls()]

    def probe_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send one held lookup to see whether the review is over."""
        review = self.get_queryset(request).filter(pk=pk, closed_at=None).first()
        if review is None or not may(request.user, Action.ASK, review):
            raise Http404
        now = timezone.now()
        if reviews.send_probe(review, now=now):
            transaction.on_commit(wake)
            messages.info(request, "One held lookup was sent. If Graph answers it, the others go on by themselves.")
        else:
            at = reviews.earliest_probe(review)
            messages.warning(
                request,
                f"Not sent: Graph was asked less than an hour ago, or is being asked. Try after {at:%H:%M} UTC.",
            )
        return HttpResponseRedirect(reverse("admin:lookups_policyreview_change", args=[pk]))
