"""Resolve claimed lookups: plan, call Graph, record. The one asker about people.

Several calls are under way at once, in threads that know nothing of the database. Claiming and recording
are short transactions of the thread that called; none is open while it waits for Graph.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from businesses.credentials import Choice, Credential, opened
from businesses.reasons import Reason
from lookups.asking import holds, recording
from lookups.asking.claiming import claim
from lookups.asking.planning import Plan, planned_for, plans
from lookups.asking.reports import AskedBatch, Reply, Reported
from lookups.evidence import profiles
from lookups.graph import (
    CallCredential,
    GraphClient,
    GraphError,
    LinksQuestion,
    ProfileQuestion,
)
from lookups.models import HeldFor, Lane, Lookup, Question
from lookups.models.lookup_life import LookupQuerySet
from lookups.models.outcomes import Outcome

BATCHES_A_TURN = 16  # then others in the queue have theirs
SLOW_SECONDS = 1.0  # a call that takes longer holds up no other business
LONGEST_TURN = 20.0  # seconds in which a turn takes more because some of its calls are slow
RECORDED_TOGETHER = 8  # while a business is locked, others who learn of it wait


@dataclass(frozen=True)
class _Call:
    """A batch under way: its lookups, whose credential, since when."""

    lookups: Sequence[Lookup]
    credential: Choice
    since: datetime
    begun: float = field(default_factory=time.monotonic)

    @property
    def business_pk(self) -> int:
        """Whose lookups they are."""
        return self.lookups[0].business_id


_Calls = dict[Future[Sequence[Reply]], _Call]


def resolve_turn(lane: str, *, at_once: int, most: int = BATCHES_A_TURN) -> int:
    """Claim and resolve up to `most` batches of due lookups, `at_once` of them at a time; gives how many.

    While calls of some businesses are slow, those of others go on, beyond that and with a few more at a time. What
    one call raises that is no error of Graph's is raised in the end, when the others are recorded.
    """
    under_way: _Calls = {}
    claimed, is_more, bugs = 0, True, []
    begun = renewed = time.monotonic()
    while is_more or under_way:
        if time.monotonic() >= renewed + settings.IDLINK_LEASE_SECONDS / 3:  # whoever sets the clock meanwhile
            _renew(under_way.values())
            renewed = time.monotonic()
        slow = _slow(under_way) if time.monotonic() < begun + LONGEST_TURN else set()
        left_out = slow if claimed >= most or len(under_way) >= at_once else set()
        room = at_once + _spare(at_once) if left_out else min(at_once, len(under_way) + most - claimed)
        if room > len(under_way) and is_more:
            started = _start(lane, under_way, room - len(under_way), left_out)
            claimed, is_more = claimed + started, started > 0
            continue
        done, _ = wait(
            under_way, timeout=min(SLOW_SECONDS, settings.IDLINK_LEASE_SECONDS / 6), return_when=FIRST_COMPLETED
        )
        bugs += _record({future: under_way.pop(future) for future in done})
        is_more = (is_more and claimed < most) or bool(_slow(under_way))  # they last: others may have come meanwhile
    if bugs:
        raise bugs[0]
    return claimed


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
    _unlocked(abandoned.filter(tries__lt=settings.IDLINK_MAX_ATTEMPTS), LookupQuerySet.free)
    holds.release_strays()
    holds.release_for_tokens()
    return [lane for lane in Lane.values if Lookup.objects.askable(lane, now).exists()]


def _slow(under_way: _Calls) -> set[int]:
    """Give the businesses whose calls take long."""
    return {call.business_pk for call in under_way.values() if time.monotonic() >= call.begun + SLOW_SECONDS}


def _spare(at_once: int) -> int:
    """How many calls more may be under way beside slow ones."""
    return at_once // 4


def _start(lane: str, under_way: _Calls, most: int, left_out: Collection[int]) -> int:
    """Claim up to `most` batches, none of businesses left out, and send them on their way; gives how many were due."""
    now = timezone.now()
    assets = [call.lookups[0].asset for call in under_way.values()]
    # Whoever waits in front of a browser goes before bulk work, in its workers, too.
    lanes = [lane] if lane == Lane.STAFF else [Lane.STAFF, lane]
    claims = (claim(one, now=now, under_way=assets, most=most, left_out=left_out) for one in lanes)
    batches = next((batches for batches in claims if batches), [])
    planned = plans({batch[0].asset for batch in batches})
    for batch in batches:
        # One filter may lead to what another business owns, and the next one not.
        of_plan: dict[Plan, list[Lookup]] = defaultdict(list)
        for lookup in batch:
            of_plan[planned_for(lookup, planned)].append(lookup)
        for plan, lookups in of_plan.items():
            _send(lookups, plan, under_way, now)
    return len(batches)


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
    """Hold what was accepted and has lost its credential since; end what may not be asked at all."""
    if planned.lacks_credential:
        outcome = holds.outcome_without(why.code)
        holds.put_back(claimed, HeldFor.TOKEN, why=planned.why_not, outcome=outcome)
    else:
        recording.record_not_asked(claimed, Outcome.NOT_ASKED, planned.why_not, now=timezone.now())


def _ask(questions: Sequence[LinksQuestion | ProfileQuestion], credential: Credential) -> Sequence[Reply]:
    """Ask Graph, in a thread: no model and no database here."""
    failure = None
    try:
        return graph_client().ask(questions, CallCredential(token=credential.token, app_secret=credential.app_secret))
    except GraphError as error:
        failure = error
    return [failure] * len(questions)


def _record(done: "Mapping[Future[Sequence[Reply]], _Call]") -> list[BaseException]:
    """Record what came, the batches of a business together; gives what calls raised that is no error of Graph's."""
    batches: dict[int, list[AskedBatch]] = defaultdict(list)
    for future, call in sorted(done.items(), key=lambda pair: pair[1].since):
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
    """Record batches of one business; one that can't be recorded must not cost the others."""
    try:
        recording.record_together(batches, now=timezone.now())
    except Exception as bug:  # noqa: BLE001  (raised in the end)
        if len(batches) == 1:
            return [bug]
        return [told for batch in batches for told in _record_together([batch])]
    return []


def _renew(calls: Collection[_Call]) -> None:
    """Prolong our leases: an answer of many pages takes longer than one call."""
    lease = timezone.now() + timedelta(seconds=settings.IDLINK_LEASE_SECONDS)
    lookups = [lookup for call in calls for lookup in call.lookups]
    # Another attempt is another worker's, which took over.
    _unlocked(Lookup.objects.still_of(*lookups), lambda mine: mine.update(lease_until=lease))


def _unlocked(lookups: LookupQuerySet, change: Callable[[LookupQuerySet], int]) -> None:
    """Change those of these rows that nobody is writing at the moment: who waits for none can't lock up others."""
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
    """The process's client, with its pooled connections."""
    return GraphClient(
        settings.IDLINK_GRAPH_URL, settings.IDLINK_GRAPH_VERSION, deadline=settings.IDLINK_GRAPH_DEADLINE
    )


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """The process's threads for calls; each keeps its connection to Graph."""
    at_once = settings.IDLINK_CALLS_AT_ONCE
    return ThreadPoolExecutor(at_once + _spare(at_once), thread_name_prefix="graph")
