"""Resolve claimed lookups: plan, call Graph, record. No other module asks Graph about people and stores it.

Several calls run at once, in threads that do not use the database. The main thread claims and records in short
transactions; no transaction is open while it waits for Graph.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from businesses.credentials import Choice, Credential, opened
from businesses.graph_address import address_trouble
from businesses.reasons import Reason
from lookups.asking import holds, recording
from lookups.asking.claiming import claim
from lookups.asking.giving_way import Courtesy
from lookups.asking.planning import Plan, planned_for, plans
from lookups.asking.reports import AskedBatch, Reply, Reported, failure_of
from lookups.asking.sparing import without_fresh
from lookups.evidence import profiles
from lookups.graph import (
    CallCredential,
    GraphClient,
    GraphError,
    LinksQuestion,
    ProfileQuestion,
    UnderPolicyReview,
)
from lookups.models import HeldFor, Lane, Lookup, Question
from lookups.models.lookup_life import LookupQuerySet
from lookups.models.outcomes import Outcome

BATCHES_A_TURN = 16  # after these, the other tasks in the queue get their turn
HELP_AFTER = timedelta(seconds=2)  # bulk workers take what staff's own have left for so long
SLOW_SECONDS = 1.0  # while a call takes longer than this, the turn claims more batches of other businesses
LONGEST_TURN = 20.0  # seconds after which a turn claims no more batches because of slow calls
RECORDED_TOGETHER = 2  # batches a transaction; who must be alone with the business waits for its end


@dataclass(frozen=True)
class _Call:
    """A batch under way: its lookups, the credential it is asked with, and when it was sent."""

    lookups: Sequence[Lookup]
    credential: Choice
    since: datetime
    begun: float = field(default_factory=time.monotonic)

    @property
    def business_pk(self) -> int:
        """The key of the business of these lookups."""
        return self.lookups[0].business_id

    @property
    def is_bulk(self) -> bool:
        """Whether nobody waits for these lookups in front of a browser."""
        return self.lookups[0].lane == Lane.BULK


_Calls = dict[Future[Sequence[Reply]], _Call]


def resolve_turn(lane: str, *, at_once: int, most: int = BATCHES_A_TURN) -> int:
    """Claim and resolve up to `most` batches of due lookups, `at_once` of them at a time; gives how many.

    While calls of some businesses are slow, the turn takes more batches of other businesses: more than `most`, and
    a few more at a time than `at_once`. If a call raises an exception that is not a GraphError, the turn records
    the other calls first and then raises it.
    """
    under_way: _Calls = {}
    claimed, is_more, bugs = 0, True, []
    begun = renewed = time.monotonic()
    while is_more or under_way:
        if time.monotonic() >= renewed + settings.IDLINK_LEASE_SECONDS / 3:  # monotonic: the clock may be set
            _renew(under_way.values())
            renewed = time.monotonic()
        slow = _slow(under_way) if time.monotonic() < begun + LONGEST_TURN else set()
        left_out = slow if claimed >= most or len(under_way) >= at_once else set()
        room = at_once + _spare(at_once) if left_out else min(at_once, len(under_way) + most - claimed)
        if refused := [future for future in under_way if _is_review(future)]:
            bugs += _record({future: under_way.pop(future) for future in refused})
            continue  # before anything is claimed: no worker asks for a business once its review is stored
        if room > len(under_way) and is_more:
            started = _start(lane, under_way, room - len(under_way), left_out)
            claimed, is_more = claimed + started, started > 0
            continue
        done, _ = wait(
            under_way, timeout=min(SLOW_SECONDS, settings.IDLINK_LEASE_SECONDS / 6), return_when=FIRST_COMPLETED
        )
        bugs += _record({future: under_way.pop(future) for future in done})
        is_more = (is_more and claimed < most) or bool(_slow(under_way))  # slow calls: lookups may be due by now
    if bugs:
        raise bugs[0]
    return claimed


def free_and_find_work(now: datetime) -> list[str]:
    """Free the lookups that dead workers had claimed; gives the lanes in which lookups are due.

    A lookup that was claimed too often without ending is given up: it may be the cause of the workers' deaths.
    """
    abandoned = Lookup.objects.abandoned(now)
    given_up = list(abandoned.filter(tries__gte=settings.IDLINK_MAX_ATTEMPTS))
    recording.record_not_asked(
        given_up,
        Outcome.FAILED,
        "Given up: every worker that took this lookup stopped before its end.",
        now=now,
    )
    _unlocked(abandoned.filter(tries__lt=settings.IDLINK_MAX_ATTEMPTS), LookupQuerySet.free)
    holds.release_strays()
    holds.release_for_tokens()
    return [lane for lane in Lane.values if Lookup.objects.askable(lane, now).exists()]


def _is_review(future: "Future[Sequence[Reply]]") -> bool:
    """Tell whether a call is over, and Graph answered that the business is under review."""
    is_answered = future.done() and future.exception() is None
    return is_answered and any(isinstance(failure_of(reply), UnderPolicyReview) for reply in future.result())


def _slow(under_way: _Calls) -> set[int]:
    """Give the businesses whose calls take long."""
    return {call.business_pk for call in under_way.values() if time.monotonic() >= call.begun + SLOW_SECONDS}


def _spare(at_once: int) -> int:
    """Give how many more calls than `at_once` may be under way while some are slow."""
    return at_once // 4


def _start(lane: str, under_way: _Calls, most: int, left_out: Collection[int]) -> int:
    """Claim up to `most` batches, except of the businesses `left_out`, and send them; gives how many were claimed."""
    Courtesy(lane).wait()
    now = timezone.now()
    assets = [call.lookups[0].asset for call in under_way.values()]
    claims = (claim(one, now=now, under_way=assets, most=most, left_out=left_out) for one in _lanes(lane, now))
    claimed = next((batches for batches in claims if batches), [])
    batches = without_fresh(claimed, now)
    planned = plans({batch[0].asset for batch in batches})
    for batch in batches:
        # Lookups of one batch can have different plans: the target of one filter may belong to another business.
        of_plan: dict[Plan, list[Lookup]] = defaultdict(list)
        for lookup in batch:
            of_plan[planned_for(lookup, planned)].append(lookup)
        for plan, lookups in of_plan.items():
            _send(lookups, plan, under_way, now)
    return len(claimed)


def _lanes(lane: str, now: datetime) -> list[str]:
    """Give the lanes to claim from, in order: bulk workers serve people first whom staff's own have left waiting."""
    if (
        lane == Lane.STAFF
        or not Lookup.objects.askable(Lane.STAFF, now).filter(created_at__lt=now - HELP_AFTER).exists()
    ):
        return [lane]
    return [Lane.STAFF, lane]


def _send(claimed: Sequence[Lookup], planned: Plan, under_way: _Calls, now: datetime) -> None:
    if planned.credential is None:
        _refuse(claimed, planned, planned.reasons[-1])
    elif planned.held and not any(lookup.is_probe for lookup in claimed):
        holds.put_back(claimed, HeldFor.REVIEW)
    else:
        credential = opened(planned.credential)
        if isinstance(credential, Reason):
            unreadable = replace(planned, reasons=(credential,), lacks_credential=True)
            _refuse(claimed, unreadable, credential)
            return
        questions = [_question(lookup) for lookup in claimed]
        under_way[_threads().submit(_ask, questions, credential)] = _Call(claimed, planned.credential, now)


def _refuse(claimed: Sequence[Lookup], planned: Plan, why: Reason) -> None:
    """Hold lookups whose credential was lost since they were accepted; end lookups that may not be asked at all."""
    if planned.lacks_credential:
        outcome = holds.outcome_without(why.code)
        holds.put_back(claimed, HeldFor.TOKEN, why=planned.why_not, outcome=outcome)
    else:
        recording.record_not_asked(claimed, Outcome.NOT_ASKED, planned.why_not, now=timezone.now())


def _ask(questions: Sequence[LinksQuestion | ProfileQuestion], credential: Credential) -> Sequence[Reply]:
    """Ask Graph, in a thread: this function must use no model and no database."""
    failure = None
    try:
        return graph_client().ask(questions, CallCredential(token=credential.token, app_secret=credential.app_secret))
    except GraphError as error:
        failure = error
    return [failure] * len(questions)


def _record(done: "Mapping[Future[Sequence[Reply]], _Call]") -> list[BaseException]:
    """Record finished calls, those of one business together; gives the exceptions that are no GraphError."""
    batches: dict[int, list[AskedBatch]] = defaultdict(list)
    for future, call in sorted(done.items(), key=lambda it: (not _is_review(it[0]), it[1].is_bulk, it[1].since)):
        if future.exception() is None:
            reported = [Reported(*pair) for pair in zip(call.lookups, future.result(), strict=True)]
            batch = AskedBatch(reported, call.credential, call.since)
            batches[call.business_pk].append(batch)
    bugs = [bug for future in done if (bug := future.exception())]
    for of_business in batches.values():
        for start in range(0, len(of_business), RECORDED_TOGETHER):
            bugs += _record_together(of_business[start : start + RECORDED_TOGETHER])
    return bugs


def _record_together(batches: Sequence[AskedBatch]) -> list[BaseException]:
    """Record batches of one business; if that fails, record each alone: one bad batch must not stop the rest."""
    try:
        recording.record_together(batches, now=timezone.now())
    except Exception as bug:  # noqa: BLE001  (resolve_turn raises it at its end)
        if len(batches) == 1:
            return [bug]
        return [told for batch in batches for told in _record_together([batch])]
    return []


def _renew(calls: Collection[_Call]) -> None:
    """Prolong the leases of the calls under way: an answer with many pages takes longer than one call."""
    lease = timezone.now() + timedelta(seconds=settings.IDLINK_LEASE_SECONDS)
    lookups = [lookup for call in calls for lookup in call.lookups]
    # A lookup with another attempt number is left out: another worker has taken it over.
    _unlocked(Lookup.objects.still_of(*lookups), lambda mine: mine.update(lease_until=lease))


def _unlocked(lookups: LookupQuerySet, change: Callable[[LookupQuerySet], int]) -> None:
    """Change the rows among these that no other transaction has locked: waiting for locks could cause a deadlock."""
    with transaction.atomic():
        keys = list(lookups.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
        change(Lookup.objects.filter(pk__in=keys))


def _question(lookup: Lookup) -> LinksQuestion | ProfileQuestion:
    if lookup.question == Question.NAME:
        return ProfileQuestion(node_id=lookup.value, fields=profiles.FIELDS[lookup.asset.kind_of])
    narrowed = tuple((edge, lookup.only.graph_id) for edge in lookup.edges) if lookup.only else ()
    return LinksQuestion(node_id=lookup.value, edges=lookup.edges, narrowed=narrowed)


@lru_cache(maxsize=1)
def graph_client() -> GraphClient:
    """The process's client, with its pooled connections; raises ImproperlyConfigured for an address not allowed.

    The system checks say the same when a process starts; this is the last place before a token leaves.
    """
    url = settings.IDLINK_GRAPH_URL
    trouble = address_trouble(url, sandbox=settings.IDLINK_SANDBOX, elsewhere=settings.IDLINK_SANDBOX_ADDRESS)
    if trouble:
        raise ImproperlyConfigured(trouble)
    return GraphClient(url, settings.IDLINK_GRAPH_VERSION, deadline=settings.IDLINK_GRAPH_DEADLINE)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """The process's threads for calls; each keeps its connection to Graph."""
    at_once = settings.IDLINK_CALLS_AT_ONCE
    return ThreadPoolExecutor(at_once + _spare(at_once), thread_name_prefix="graph")
