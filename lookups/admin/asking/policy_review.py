"""Reviews: when they began and ended, what Graph said, and the button that asks again."""

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from businesses.access import Action, may
from businesses.admin.scoped import ReadOnlyAdmin
from lookups.admin.asking.review_story import held_by, story_of
from lookups.asking import probes
from lookups.models import PolicyReview
from lookups.tasks import wake
from lookups.templatetags.idlink import moment


@admin.register(PolicyReview)
class PolicyReviewAdmin(ReadOnlyAdmin):
    """Changelist of reviews, with the number of held lookups."""

    nothing_yet = (
        "No reviews so far: Meta has never answered that a business here is going through review, error (#200)."
    )
    list_display = ["business", "began", "last_told", "ended", "held", "answers"]
    sortable_by = ["began"]
    own_filters = ["business"]
    list_select_related = ["business"]

    @admin.display(description="held lookups")
    def held(self, review: PolicyReview) -> int:
        """How many lookups wait for the end of this review."""
        return held_by(review).count()

    @admin.display(description="began", ordering="opened_at")
    def began(self, review: PolicyReview) -> str:
        """When Graph first reported the review; times are in the reader's zone."""
        return moment(review.opened_at)

    @admin.display(description="last told")
    def last_told(self, review: PolicyReview) -> str:
        """When Graph last reported the review."""
        return moment(review.last_answer_at)

    @admin.display(description="ended")
    def ended(self, review: PolicyReview) -> str:
        """When the answer to a probe ended the review."""
        return moment(review.closed_at) if review.closed_at else "not yet"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the review: what stopped, what still works, what comes next, what a user can do."""
        review = self.get_object(request, object_id)
        if review is None or not self.has_view_permission(request, review):
            raise Http404
        context = {
            "title": f"Review of {review.business}",
            "review": review,
            "may_ask": may(request.user, Action.ASK, review),
            "may_manage": may(request.user, Action.MANAGE, review),
            "earliest": probes.earliest_probe(review),
            "may_probe_now": timezone.now() >= probes.earliest_probe(review),
            "hides_reviews": True,
            **story_of(review),
        }
        return render(request, "lookups/review.html", {**self.admin_site.each_context(request), **context})

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the button that asks again."""
        view = self.admin_site.admin_view(method_decorator(require_POST)(type(self).probe_view).__get__(self))
        return [path("<int:pk>/probe/", view, name="lookups_policyreview_probe"), *super().get_urls()]

    def probe_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send one held lookup to see whether the review is over."""
        review = self.get_queryset(request).filter(pk=pk, closed_at=None).first()
        if review is None or not may(request.user, Action.ASK, review):
            raise Http404
        now = timezone.now()
        if probes.send_probe(review, now=now):
            transaction.on_commit(wake)
            messages.info(request, "One held lookup was sent. If Graph answers it, the others go on by themselves.")
        else:
            at = probes.earliest_probe(review)
            messages.warning(
                request,
                f"Not sent: Graph was asked less than an hour ago, or is being asked. Try after {at:%H:%M} UTC.",
            )
        return HttpResponseRedirect(reverse("admin:lookups_policyreview_change", args=[pk]))
