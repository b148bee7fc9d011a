"""The live part of a run's page, loaded again every two seconds: a fixed number of cheap queries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.urls import reverse

from businesses.models import Asset
from businesses.reasons import Reason
from lookups.admin.lists.run_words import Term, terms_of
from lookups.asking.holds import open_review
from lookups.asking.planning import Plan, plans
from lookups.asking.tallies import Sum, sum_of
from lookups.lists.reckoning import expected_questions
from lookups.models import Ending, HeldFor, ListFile, ListRow, Lookup, PolicyReview, QuotaPool, Run, State

_RECENT, _LOOK_BACK = 1000, timedelta(minutes=2)
_LONG = timedelta(minutes=1)
_OPEN = ("waiting", "held")


@dataclass(frozen=True)
class Held:
    """Lookups and rows that wait for the same thing."""

    count: int
    text: str
    reasons: tuple[Reason, ...] = ()
    link: str = ""
    link_text: str = ""


def is_live(run: Run, counts: Sum | None = None) -> bool:
    """Tell whether the page must load again: something can change without a click."""
    if run.state == Run.State.PAUSED:
        return counts is not None and counts.waiting > run.todo  # some calls are still on their way
    ending = run.state == Run.State.CANCELLED and run.finished_at is None
    return ending or run.state in (Run.State.GOING, Run.State.READING)


def progress_of(run: Run, now: datetime) -> dict[str, Any]:
    """Give the counts, the bar, the rate, the time left, and the held lookups by what they wait for."""
    counts = sum_of(run)
    terms = terms_of(counts)
    going = run.state == Run.State.GOING
    rate = _rate(run, now) if going else None
    questions = expected_questions(run, counts, now) if going and counts.waiting else None
    to_ask = counts.waiting if questions is None else questions - counts.answered
    return {
        "counts": counts,
        "terms": terms,
        "settled": counts.rows - counts.waiting - counts.held,
        "percent": _percent(counts),
        "bars": [(term, _width(term, counts)) for term in terms if term.name not in _OPEN],
        "rate": rate,
        "just_started": run.started_at is not None and now - run.started_at < _LOOK_BACK,
        "left": timedelta(seconds=max(0, to_ask) / rate) if rate and counts.waiting else None,
        "held": _held(run) if counts.held else [],
        "questions": questions,
        "slow_pools": _slow_pools(run, now) if going else [],
        "live": is_live(run, counts),
    }


def reading_of(run: Run, now: datetime) -> dict[str, Any]:
    """Say how far a file was read. For a sheet the rest is unknown: its offset counts rows, not bytes."""
    file = run.list_file
    known = file.kind == ListFile.Kind.CSV and file.size and not file.is_new
    return {
        "file": file,
        "percent": min(100, int(100 * file.offset / file.size)) if known else None,
        "waits_long": file.is_new and now - run.created_at > _LONG,
    }


def _percent(counts: Sum) -> int:
    """Give the percentage of settled rows; it is 100 only when all are settled."""
    settled = counts.rows - counts.waiting - counts.held
    return int(100 * settled / counts.rows) if counts.rows else 100


def _width(term: Term, counts: Sum) -> str:
    return f"{100 * term.count / max(1, counts.rows):.3f}"


def _rate(run: Run, now: datetime) -> float | None:
    """Give the answers per second, from the latest thousand within two minutes; None before the first answer."""
    answered = Lookup.objects.filter(run=run, state=State.DONE).exclude(ending=Ending.FRESH)
    latest = answered.order_by("-pk").values("pk", "finished_at")[:_RECENT]
    told = Lookup.objects.filter(pk__in=latest.values("pk"), finished_at__gte=now - _LOOK_BACK).order_by()
    found = told.aggregate(how_many=Count("pk"), first=Min("finished_at"))
    if not found["how_many"]:
        return None
    since = found["first"]
    if run.started_at and found["how_many"] < _RECENT and now - run.started_at < _LOOK_BACK:
        since = run.started_at  # these are all answers so far
    rate: float = found["how_many"] / max(1.0, (now - since).total_seconds())
    return rate


def _held(run: Run) -> list[Held]:
    held = Lookup.objects.filter(run=run, state=State.HELD).order_by()
    groups = held.values_list("held_for", "asset").annotate(how_many=Count("pk"))
    by_cause, by_asset = Counter[str](), Counter[int]()
    for cause, asset, count in groups:
        by_cause[cause] += count
        if cause == HeldFor.TOKEN:
            by_asset[asset] += count
    found = _for_tokens(by_asset + _held_rows(run))
    if by_cause[HeldFor.REVIEW]:
        found.append(_for_review(by_cause[HeldFor.REVIEW], open_review(run.business)))
    if by_cause[HeldFor.PAUSE]:
        found.append(Held(by_cause[HeldFor.PAUSE], "wait because the run is paused. Press Go on, and they are asked."))
    return found


def _held_rows(run: Run) -> Counter[int]:
    """Count the rows without a lookup, by app or Page: these lack a token or secret."""
    if not run.held_rows:
        return Counter()
    rows = ListRow.objects.filter(run=run, state=ListRow.State.HELD).order_by()
    return Counter(dict(rows.values_list("asset").annotate(how_many=Count("pk"))))


def _for_tokens(by_asset: Mapping[int, int]) -> list[Held]:
    """Say what each app and Page lacks now."""
    planned = plans(Asset.objects.to_plan().filter(pk__in=by_asset))
    return [_for_token(asset, by_asset[asset.pk], plan) for asset, plan in planned.items()]


def _for_token(asset: Asset, count: int, planned: Plan) -> Held:
    text = f"wait for a working token or secret of “{asset}”, and go on by themselves once it is there."
    return Held(count, text, planned.reasons if planned.lacks_credential else ())


def _for_review(count: int, review: PolicyReview | None) -> Held:
    text = "wait for the end of Meta's review of the business, and go on by themselves then."
    address = reverse("admin:lookups_policyreview_change", args=[review.pk]) if review else ""
    return Held(count, text, link=address, link_text="About the review")


def _slow_pools(run: Run, now: datetime) -> list[QuotaPool]:
    """Give this run's apps and Pages that get no calls at the moment, with why and until when."""
    waiting = Lookup.objects.filter(run=run, state=State.WAITING)
    resting = QuotaPool.objects.filter(business=run.business_id).filter(
        Q(wait_until__gt=now) | Q(bulk_wait_until__gt=now)
    )
    return list(resting.filter(Exists(waiting.filter(asset=OuterRef("asset")))).select_related("asset"))
