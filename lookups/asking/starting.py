"""Start a run: plan, then store its lookups. The caller wakes the workers on commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from businesses.models import Asset, Business
from businesses.reasons import reason
from lookups.asking.names import gives_names
from lookups.asking.planning import Plan, best_source, plan, plans, towards
from lookups.models import HeldFor, Lookup, Match, Person, Question, Run, ScopedID
from lookups.models.outcomes import edge_to

_LOOKED_AT_TO_TEST = 500


class CannotAsk(Exception):
    """The question can't be asked; `plan` says why and what to do."""

    def __init__(self, refused: Plan) -> None:
        self.plan = refused
        super().__init__(" ".join(reason.text for reason in refused.reasons))


def ask_about(*, asset: Asset, value: str, by: Any, now: datetime) -> Lookup:
    """Ask for all links of one ID, and for the person's name if the business wants names.

    Gives the lookup already under way if there is one. Raises CannotAsk.
    """
    planned = plan(asset)
    if not planned.allowed:
        raise CannotAsk(planned)
    run = _run(asset.business, Run.Kind.ONE, by, now)
    questions = [_lookup(asset, value, held=planned.held)]
    return _store(run, [*questions, *_name_of([(asset, value, planned)], now)])


def ask_again(*, person: Person, by: Any, now: datetime) -> Lookup:
    """Ask anew about the IDs whose answers proved the person's links; if there are none yet, about all IDs.

    IDs that can't be asked are left out. The name is asked for once. Raises CannotAsk if none can be asked.
    """
    ids = person.scoped_ids.select_related("asset", "business").order_by("pk")
    members = list(ids.annotate(has_proved=Exists(Match.objects.filter(source=OuterRef("pk")))))
    asked = [scoped_id for scoped_id in members if scoped_id.has_proved] or members
    planned_by_asset = plans(scoped_id.asset for scoped_id in asked)
    pairs = [(scoped_id, planned_by_asset[scoped_id.asset]) for scoped_id in asked]
    allowed = [(scoped_id, planned) for scoped_id, planned in pairs if planned.allowed]
    if not allowed:
        raise CannotAsk(pairs[0][1])
    run = _run(person.business, Run.Kind.AGAIN, by, now)
    questions = [_lookup(scoped_id.asset, scoped_id.value, held=planned.held) for scoped_id, planned in allowed]
    name = _name_of(((scoped_id.asset, scoped_id.value, planned) for scoped_id, planned in allowed), now)
    return _store(run, [*questions, *name])


def ask_both(*, one: ScopedID, other: ScopedID, by: Any, now: datetime) -> list[Lookup]:
    """Ask anew about two IDs that contradict each other. Raises CannotAsk if neither can be asked."""
    plans = [(scoped_id, plan(scoped_id.asset)) for scoped_id in (one, other)]
    allowed = [(scoped_id, planned) for scoped_id, planned in plans if planned.allowed]
    if not allowed:
        raise CannotAsk(plans[0][1])
    run = _run(one.business, Run.Kind.AGAIN, by, now)
    questions = [_lookup(scoped_id.asset, scoped_id.value, held=planned.held) for scoped_id, planned in allowed]
    _store(run, questions)
    return questions


def ask_cell(*, person: Person, only: Asset, by: Any, now: datetime) -> Lookup:
    """Ask for the person's ID in this one app or Page (the guide's filters). Raises CannotAsk."""
    members = list(person.scoped_ids.select_related("asset", "business").order_by("pk"))
    source = best_source(members, edge_to(only.kind), only=only)
    if source is None:
        raise CannotAsk(Plan(allowed=False, summary="", reasons=(reason("no_ids"),)))
    scoped_id, planned = source[0], towards(source[1], only)
    if not planned.allowed:
        raise CannotAsk(planned)
    return _ask_filtered(scoped_id, only, _run(person.business, Run.Kind.CELL, by, now), held=planned.held)


def ask_to_test(*, source: Asset, target: Asset, by: Any, now: datetime) -> Lookup:
    """Ask for the link of one known ID of `source` to `target`, if possible an ID that has one. Raises CannotAsk.

    This is a call like any other: what it proves is stored.
    """
    planned = plan(source, target=target)
    if not planned.allowed:
        raise CannotAsk(planned)
    scoped_id = _one_to_test(source, target)
    if scoped_id is None:
        raise CannotAsk(Plan(allowed=False, summary="", reasons=(reason("nobody_to_ask", about={"asset": source}),)))
    return _ask_filtered(scoped_id, target, _run(source.business, Run.Kind.TEST, by, now), held=planned.held)


def _one_to_test(source: Asset, target: Asset) -> ScopedID | None:
    known = ScopedID.objects.filter(asset=source).select_related("asset", "business").order_by("-pk")
    newest = list(known[:_LOOKED_AT_TO_TEST])
    linked = Match.objects.filter(source__in=newest, is_live=True, target__asset=target).order_by("-source").first()
    return next((one for one in newest if linked and one.pk == linked.source_id), next(iter(newest), None))


def _ask_filtered(scoped_id: ScopedID, only: Asset, run: Run, *, held: bool) -> Lookup:
    question = _lookup(scoped_id.asset, scoped_id.value, held=held)
    question.only = only
    return _store(run, [question])


def _name_of(ids: Iterable[tuple[Asset, str, Plan]], now: datetime) -> list[Lookup]:
    """Give a lookup for a person's name, of the first of these IDs whose app or Page gives names; none if none does."""
    asked = (one for one in ids if one[0].business.read_names and gives_names(one[2], now))
    return [
        _lookup(asset, value, held=planned.held, question=Question.NAME) for asset, value, planned in islice(asked, 1)
    ]


def _lookup(asset: Asset, value: str, *, held: bool, question: Question = Question.LINKS) -> Lookup:
    lookup = Lookup(asset=asset, value=value, question=question)
    if held:
        lookup.hold(HeldFor.REVIEW)
    return lookup


def _run(business: Business, kind: Run.Kind, by: Any, now: datetime) -> Run:
    return Run(business=business, kind=kind, asked_by=by, created_at=now)


@transaction.atomic
def _store(run: Run, questions: Sequence[Lookup]) -> Lookup:
    """Store the run and its lookups, except those that are under way already; gives the first lookup.

    They are stored together, so that a worker claims the name with the links, for one call.
    """
    new = [question for question in questions if _under_way(run.business, question) is None]
    if new:
        run.save()
    stored = _known_ids(run.business, new)
    for question in new:
        question.run, question.business, question.created_at = run, run.business, run.created_at
        question.scoped_id = stored.get((question.asset_id, question.value))
        question.save()
    first = questions[0]
    return first if first.pk else _under_way(run.business, first) or first


def _under_way(business: Business, question: Lookup) -> Lookup | None:
    same = Lookup.objects.filter(
        business=business,
        asset=question.asset,
        value=question.value,
        question=question.question,
        only=question.only,
    )
    return same.unfinished().first()


def _known_ids(business: Business, questions: Iterable[Lookup]) -> dict[tuple[int, str], ScopedID]:
    rows = ScopedID.objects.filter(business=business, value__in={question.value for question in questions})
    return {(row.asset_id, row.value): row for row in rows}
