"""Plan a question: whether it can be asked, with which credential, and if not, why.

Planning makes no call and decrypts no secret. Pages show the plan before the question is asked.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet, prefetch_related_objects

from businesses.credentials import Choice, choice_for, choices_for
from businesses.models import Asset, Ownership
from businesses.reasons import Reason, reason
from lookups.models import Lookup, PolicyReview, Question, ScopedID
from lookups.models.outcomes import Edge


@dataclass(frozen=True)
class Plan:
    """What would be asked, and whether it may be asked.

    `held` means that the lookup would be stored, but waits for the end of a review. `lacks_credential` means that
    only a token or a secret is missing. `credential` names the token and the secret to use, both still sealed.
    """

    allowed: bool
    summary: str
    reasons: tuple[Reason, ...] = ()
    held: bool = False
    lacks_credential: bool = False
    credential: Choice | None = None

    @property
    def why_not(self) -> str:
        """Every reason with its remedy, as one text."""
        return " ".join(f"{reason.text} {reason.remedy}" for reason in self.reasons)


Plans = dict[tuple[int, Edge], Plan]


def plan(
    asset: Asset,
    *,
    edges: Sequence[Edge] = tuple(Edge),
    question: str = Question.LINKS,
    target: Asset | None = None,
) -> Plan:
    """Plan a question about an ID of this app or Page, perhaps filtered to a `target`.

    The kind of ID and the edge decide which of the guide's four use cases it is. The business must have confirmed
    the policy, and Graph must not say that another business owns the asset or the target (the guide, Policy).
    """
    reviews = _open_reviews([asset.business_id])
    return _planned(asset, choice_for(asset), reviews, _summary(asset, edges, question), target)


def plans(assets: Iterable[Asset], *, edges: Sequence[Edge] = tuple(Edge)) -> dict[Asset, Plan]:
    """Plan a question for each of these apps and Pages, in a few queries for any number of them."""
    known = list(dict.fromkeys(assets))
    prefetch_related_objects(known, "business", "managed_by")
    reviews = _open_reviews({asset.business_id for asset in known})
    return {
        asset: _planned(asset, choice, reviews, _summary(asset, edges, Question.LINKS))
        for asset, choice in choices_for(known).items()
    }


def towards(planned: Plan, target: Asset) -> Plan:
    """Give the same plan for a question filtered to this app or Page."""
    why = not_askable(target)
    if why is None:
        return planned
    reasons = (why, *(planned.reasons if not planned.allowed else ()))
    return Plan(allowed=False, summary=planned.summary, reasons=reasons)


def planned_for(lookup: Lookup, planned: Mapping[Asset, Plan]) -> Plan:
    """Give the plan of a stored lookup; `planned` holds a plan for its app or Page."""
    return towards(planned[lookup.asset], lookup.only) if lookup.only else planned[lookup.asset]


def not_askable(asset: Asset) -> Reason | None:
    """Say why IDs of this app or Page are neither asked about nor linked, whatever the token; None if they are."""
    if asset.is_not_ours:
        whose = f" ({asset.owner_graph_id})" if asset.owner_graph_id else ""
        code = "only_shared" if asset.ownership == Ownership.CLIENT else "not_owned"
        return reason(code, about={"asset": asset, "business": asset.business}, whose=whose)
    return reason("retired", about={"asset": asset}) if asset.retired_at else None


def assets_with_credential(lookups: "QuerySet[Lookup]") -> list[Asset]:
    """Give the apps and Pages of these lookups that have a working token and secret."""
    assets = Asset.objects.filter(pk__in=lookups.order_by().values("asset").distinct()).select_related("business")
    return [asset for asset, choice in choices_for(assets).items() if isinstance(choice, Choice)]


def best_source(
    scoped_ids: Sequence[ScopedID],
    edge: Edge,
    *,
    only: Asset | None = None,
    plans: Plans | None = None,
) -> tuple[ScopedID, Plan] | None:
    """Choose which of a person's IDs to ask for this edge; gives it with its plan, or None if there are no IDs.

    An ID that can be asked is better than one that can't. Next, an ID of another app or Page than `only` is better
    than one of `only`. Last, an ID that has answered is better than one that never did. `plans` keeps the plans for
    the next call.
    """
    known = {} if plans is None else plans
    _plan_missing({scoped_id.asset for scoped_id in scoped_ids}, edge, known)
    pairs = [(scoped_id, known[scoped_id.asset_id, edge]) for scoped_id in scoped_ids]

    def rank(pair: tuple[ScopedID, Plan]) -> tuple[bool, bool, bool]:
        scoped_id, planned = pair
        return not planned.allowed, scoped_id.asset == only, scoped_id.answered_at(edge) is None

    return min(pairs, key=rank, default=None)


def _plan_missing(assets: Collection[Asset], edge: Edge, known: Plans) -> None:
    """Add the plans that `known` lacks, one for each app or Page."""
    missing = [asset for asset in assets if (asset.pk, edge) not in known]
    for asset, planned in plans(missing).items() if missing else ():
        for one in Edge:  # what an edge is asked with depends on the app or Page alone
            summary = _summary(asset, (one,), Question.LINKS)
            known[asset.pk, one] = replace(planned, summary=summary)


def _planned(
    asset: Asset,
    choice: Choice | Reason,
    reviews: dict[int, PolicyReview],
    summary: str,
    target: Asset | None = None,
) -> Plan:
    reasons = _refusals(asset, target)
    if isinstance(choice, Reason):
        return Plan(allowed=False, summary=summary, reasons=(*reasons, choice), lacks_credential=not reasons)
    if reasons:
        return Plan(allowed=False, summary=summary, reasons=tuple(reasons))
    review = reviews.get(asset.business_id)
    waits = (_under_review(review),) if review else ()
    return Plan(allowed=True, summary=summary, reasons=waits, held=bool(review), credential=choice)


def _open_reviews(business_pks: Iterable[int]) -> dict[int, PolicyReview]:
    reviews = PolicyReview.objects.open().filter(business__in=set(business_pks)).select_related("business")
    return {review.business_id: review for review in reviews}


def _summary(asset: Asset, edges: Sequence[Edge], question: str) -> str:
    what = " and ".join(edges) if question == Question.LINKS else "the name"
    return f"Asks Graph for {what} with the {asset.kind_of.token} of “{asset}”."


def _refusals(asset: Asset, target: Asset | None) -> list[Reason]:
    found = [why for end in (asset, target) if end is not None and (why := not_askable(end))]
    policy = asset.business.policy_stop
    return [policy, *found] if policy else found


def _under_review(review: PolicyReview) -> Reason:
    return reason("under_review", about={"business": review.business}, message=review.message)
