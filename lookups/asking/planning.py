"""Can this be asked, with which credentials; if not, why. Costs no call; shown before anything is sent."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import prefetch_related_objects

from businesses.credentials import Credential, Missing, credential_for, credentials_for
from businesses.models import FacebookApp, Ownership, Page
from lookups.models import Lookup, PolicyReview, Question, ScopedID
from lookups.models.outcomes import Edge


@dataclass(frozen=True)
class Reason:
    """Why a question can't be asked, or must wait: a code, a sentence, and what to do about it."""

    code: str
    text: str
    remedy: str


@dataclass(frozen=True)
class Plan:
    """What would be asked, and whether it may.

    `held` means it is stored but waits for a review's end; `lacks_credential` that nothing but a token or a
    secret is missing.
    """

    allowed: bool
    summary: str
    reasons: tuple[Reason, ...] = ()
    held: bool = False
    lacks_credential: bool = False
    credential: Credential | None = field(default=None, repr=False)

    @property
    def why_not(self) -> str:
        """Every reason with its remedy, as one text."""
        return " ".join(f"{reason.text} {reason.remedy}" for reason in self.reasons)


Plans = dict[tuple[str, int, str], Plan]


def plan(
    asset: FacebookApp | Page,
    *,
    edges: Sequence[Edge] = tuple(Edge),
    question: str = Question.LINKS,
    target: FacebookApp | Page | None = None,
) -> Plan:
    """Plan a question about an ID of this app or Page, perhaps filtered to a `target`.

    Which of the guide's four use cases it is follows from the kind of ID and the edge; the policy must
    have been confirmed for the business, and Graph must not say that another business owns either end
    (the guide, Policy).
    """
    reviews = _open_reviews([asset.business_id])
    return _planned(asset, credential_for(asset), reviews, _summary(asset, edges, question), target)


def plans(
    assets: Iterable[FacebookApp | Page], *, edges: Sequence[Edge] = tuple(Edge)
) -> dict[FacebookApp | Page, Plan]:
    """Plan a question about IDs of each of these, in a few queries however many they are."""
    known = list(dict.fromkeys(assets))
    prefetch_related_objects([asset for asset in known if isinstance(asset, FacebookApp)], "business")
    prefetch_related_objects([asset for asset in known if isinstance(asset, Page)], "business", "managed_by")
    reviews = _open_reviews({asset.business_id for asset in known})
    return {
        asset: _planned(asset, credential, reviews, _summary(asset, edges, Question.LINKS))
        for asset, credential in credentials_for(known).items()
    }


def towards(planned: Plan, target: FacebookApp | Page) -> Plan:
    """Give the same plan for a question filtered to this app or Page."""
    reason = not_owned(target)
    if reason is None:
        return planned
    reasons = (reason, *(planned.reasons if not planned.allowed else ()))
    return Plan(allowed=False, summary=planned.summary, reasons=reasons)


def plan_of(lookup: Lookup) -> Plan:
    """Plan a stored lookup anew, with today's credentials."""
    target = lookup.only_app or lookup.only_page
    return plan(lookup.asset, edges=lookup.edges, question=lookup.question, target=target)


def planned_for(lookup: Lookup, planned: Mapping[FacebookApp | Page, Plan]) -> Plan:
    """Give the plan of a stored lookup, taken from those of all its app or Page is among."""
    target = lookup.only_app or lookup.only_page
    return towards(planned[lookup.asset], target) if target else planned[lookup.asset]


def not_owned(asset: FacebookApp | Page) -> Reason | None:
    """Say why an app or a Page that Graph calls another's is neither asked about nor linked; None for others."""
    if not asset.is_not_ours:
        return None
    whose = f" ({asset.owner_graph_id})" if asset.owner_graph_id else ""
    if asset.ownership == Ownership.CLIENT:
        text = f"“{asset}” is only shared with “{asset.business}”: another business{whose} owns it."
    else:
        text = f"Graph says that another business{whose} owns “{asset}”, not “{asset.business}”."
    return Reason(
        "not_owned",
        text,
        "Meta's policy: IDs are matched only between apps and Pages that one business owns and that are maintained "
        "on its behalf. If it has come to this business since, have its owner checked again on the business's page.",
    )


def best_source(
    scoped_ids: Sequence[ScopedID],
    edge: Edge,
    *,
    only: FacebookApp | Page | None = None,
    plans: Plans | None = None,
) -> tuple[ScopedID, Plan] | None:
    """Give the ID of a person that is best asked for this edge, with its plan; None without IDs.

    One that can be asked goes before one that can't, one of another app or Page than `only` before its own,
    one that has answered before one that never did. `plans` keeps what was planned, for the next call.
    """
    known = {} if plans is None else plans
    _plan_missing({scoped_id.asset for scoped_id in scoped_ids}, edge, known)
    pairs = [(scoped_id, known[_key(scoped_id.asset, edge)]) for scoped_id in scoped_ids]

    def rank(pair: tuple[ScopedID, Plan]) -> tuple[bool, bool, bool]:
        scoped_id, planned = pair
        return not planned.allowed, scoped_id.asset == only, scoped_id.answered_at(edge) is None

    return min(pairs, key=rank, default=None)


def _plan_missing(assets: Collection[FacebookApp | Page], edge: Edge, known: Plans) -> None:
    """Plan once for all IDs of one app or Page."""
    missing = [asset for asset in assets if _key(asset, edge) not in known]
    if missing:
        known.update({_key(asset, edge): planned for asset, planned in plans(missing, edges=(edge,)).items()})


def _key(asset: FacebookApp | Page, edge: Edge) -> tuple[str, int, str]:
    return (type(asset).__name__, asset.pk, str(edge))


def _planned(
    asset: FacebookApp | Page,
    credential: Credential | Missing,
    reviews: dict[int, PolicyReview],
    summary: str,
    target: FacebookApp | Page | None = None,
) -> Plan:
    reasons = _refusals(asset, target)
    if isinstance(credential, Missing):
        missing = Reason(credential.code, credential.text, credential.remedy)
        return Plan(allowed=False, summary=summary, reasons=(*reasons, missing), lacks_credential=not reasons)
    if reasons:
        return Plan(allowed=False, summary=summary, reasons=tuple(reasons))
    review = reviews.get(asset.business_id)
    waits = (_under_review(review),) if review else ()
    return Plan(allowed=True, summary=summary, reasons=waits, held=bool(review), credential=credential)


def _open_reviews(business_pks: Iterable[int]) -> dict[int, PolicyReview]:
    reviews = PolicyReview.objects.filter(business__in=set(business_pks), closed_at=None).select_related("business")
    return {review.business_id: review for review in reviews}


def _summary(asset: FacebookApp | Page, edges: Sequence[Edge], question: str) -> str:
    token = "app access token" if isinstance(asset, FacebookApp) else "page access token"
    what = " and ".join(edges) if question == Question.LINKS else "the name"
    return f"Asks Graph for {what} with the {token} of “{asset}”."


def _refusals(asset: FacebookApp | Page, target: FacebookApp | Page | None) -> list[Reason]:
    found = [reason for end in (asset, target) if end is not None and (reason := not_owned(end))]
    if not asset.business.policy_confirmed_at:
        found.insert(0, _not_confirmed(asset))
    return found


def _not_confirmed(asset: FacebookApp | Page) -> Reason:
    return Reason(
        "policy_not_confirmed",
        f"Nobody has confirmed Meta's policy for “{asset.business}” yet.",
        "An admin must first confirm, on the business's page, that all its apps and Pages "
        "are owned by and maintained for this one business.",
    )


def _under_review(review: PolicyReview) -> Reason:
    return Reason(
        "under_review",
        f"Meta is reviewing “{review.business}”: {review.message}",
        "The lookup is stored and held; it goes on by itself when the review ends.",
    )
