"""Resolve claimed lookups: plan, call Graph, record. The one asker about people.

Claiming and recording are short transactions of their own; none is open while Graph is called.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from businesses import credentials
from lookups import pacing, recording, reviews
from lookups.graph import (
    Credential,
    GraphClient,
    GraphError,
    LinksQuestion,
    ProfileQuestion,
)
from lookups.graph import Edge as GraphEdge
from lookups.models import Lane, Lookup, Question, State
from lookups.outcomes import Outcome
from lookups.planning import Plan, plan_of

BATCH = 50


def resolve_batch(lane: str) -> bool:
    """Claim up to fifty due lookups of one credential and resolve them; false if none was due."""
    claimed = claim(lane, now=timezone.now())
    if not claimed:
        return False
    planned = plan_of(claimed[0])
    credential = planned.credential
    if credential is None:
        _refuse(claimed, planned)
    elif reviews.open_review(claimed[0].business) and not any(lookup.is_probe for lookup in claimed):
        recording.record_held(claimed)
    else:
        _ask(claimed, credential)
    return True


def claim(lane: str, *, now: datetime) -> list[Lookup]:
    """Take the oldest due lookup and others of the same app or Page, under a lease."""
    lease = now + timedelta(seconds=settings.IDLINK_LEASE_SECONDS)
    with transaction.atomic():
        askable = Lookup.objects.askable(lane, now).select_for_update(skip_locked=True, of=("self",))
        oldest = askable.order_by("pk").first()
        if oldest is None:
            return []
        same = askable.filter(app=oldest.app_id, page=oldest.page_id).order_by("pk")
        size = 1 if oldest.is_probe else pacing.most_at_once(oldest.asset, batch=BATCH)
        keys = [lookup.pk for lookup in same[:size]]
        Lookup.objects.filter(pk__in=keys, state=State.WAITING).update(
            state=State.CLAIMED, attempt=F("attempt") + 1, tries=F("tries") + 1, lease_until=lease
        )
    rows = Lookup.objects.filter(pk__in=keys, state=State.CLAIMED, lease_until=lease).order_by("pk")
    return list(rows.select_related("business", "app", "page__managed_by", "only_app", "only_page", "scoped_id"))


def free_and_find_work(now: datetime) -> list[str]:
    """Free what dead workers had claimed; give the lanes in which something is due.

    What was claimed too often without an end is given up: it may be what kills the workers.
    """
    abandoned = Lookup.objects.abandoned(now)
    given_up = list(abandoned.filter(tries__gte=settings.IDLINK_MAX_ATTEMPTS))
    recording.record_not_asked(
        given_up,
        Outcome.FAILED,
        "Given up: every worker that took this lookup stopped before its end.",
        now=now,
    )
    abandoned.filter(tries__lt=settings.IDLINK_MAX_ATTEMPTS).update(state=State.WAITING, lease_until=None)
    reviews.release_strays()
    return [lane for lane in Lane.values if Lookup.objects.askable(lane, now).exists()]


def _refuse(claimed: Sequence[Lookup], planned: Plan) -> None:
    outcome = Outcome.TOKEN if planned.reasons[-1].code == "token_refused" else Outcome.NOT_ASKED
    why = " ".join(f"{reason.text} {reason.remedy}" for reason in planned.reasons)
    recording.record_not_asked(claimed, outcome, why, now=timezone.now())


def _ask(claimed: Sequence[Lookup], credential: credentials.Credential) -> None:
    replies: Sequence[recording.Reply] = []
    failure = None
    try:
        replies = graph_client().ask(
            [_question(lookup) for lookup in claimed],
            Credential(token=credential.token, app_secret=credential.app_secret),
            before_next=lambda: _renew(claimed),
        )
    except GraphError as error:
        failure = error
    reported = [recording.Reported(lookup, failure or replies[position]) for position, lookup in enumerate(claimed)]
    recording.record(reported, credential, now=timezone.now())


def _renew(claimed: Sequence[Lookup]) -> None:
    """Prolong the lease: an answer of many pages takes longer than one call."""
    lease = timezone.now() + timedelta(seconds=settings.IDLINK_LEASE_SECONDS)
    Lookup.objects.filter(pk__in=[lookup.pk for lookup in claimed], state=State.CLAIMED).update(lease_until=lease)


def _question(lookup: Lookup) -> LinksQuestion | ProfileQuestion:
    if lookup.question == Question.NAME:
        return ProfileQuestion(node_id=lookup.value, fields=("name",))
    return LinksQuestion(
        node_id=lookup.value,
        edges=tuple(GraphEdge(edge.value) for edge in lookup.edges),
        app_filter=lookup.only_app.app_id if lookup.only_app else None,
        page_filter=lookup.only_page.page_id if lookup.only_page else None,
    )


@lru_cache(maxsize=1)
def graph_client() -> GraphClient:
    """The process's client, with its pooled connections."""
    return GraphClient(
        settings.IDLINK_GRAPH_URL, settings.IDLINK_GRAPH_VERSION, deadline=settings.IDLINK_GRAPH_DEADLINE
    )
