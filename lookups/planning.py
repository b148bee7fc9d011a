"""Can this be asked, with which credentials; if not, why. Costs no call; shown before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from businesses.credentials import Credential, Missing, credential_for
from businesses.models import FacebookApp, Page
from lookups.models import Lookup, PolicyReview, Question, ScopedID
from lookups.outcomes import Edge


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


def plan(asset: FacebookApp | Page, *, edges: Sequence[Edge] = tuple(Edge), question: str = Question.LINKS) -> Plan:
    """Plan a question about an ID of this app or Page.

    Which of the guide's four use cases it is follows from the kind of ID and the edge; the policy must
    have been confirmed for the business before anything is asked (the guide, Policy).
    """
    summary = _summary(asset, edges, question)
    reasons = _refusals(asset)
    credential = credential_for(asset)
    if isinstance(credential, Missing):
        missing = Reason(credential.code, credential.text, credential.remedy)
        return Plan(allowed=False, summary=summary, reasons=(*reasons, missing), lacks_credential=not reasons)
    if reasons:
        return Plan(allowed=False, summary=summary, reasons=tuple(reasons))
    review = PolicyReview.objects.filter(business=asset.business_id, closed_at=None).first()
    waits = (_under_review(review),) if review else ()
    return Plan(allowed=True, summary=summary, reasons=waits, held=bool(review), credential=credential)


def plan_of(lookup: Lookup) -> Plan:
    """Plan a stored lookup anew, with today's credentials."""
    return plan(lookup.asset, edges=lookup.edges, question=lookup.question)


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
    known = plans if plans is not None else {}
    pairs = [(scoped_id, _planned(scoped_id.asset, edge, known)) for scoped_id in scoped_ids]

    def rank(pair: tuple[ScopedID, Plan]) -> tuple[bool, bool, bool]:
        scoped_id, planned = pair
        return not planned.allowed, scoped_id.asset == only, scoped_id.answered_at(edge) is None

    return min(pairs, key=rank, default=None)


def _planned(asset: FacebookApp | Page, edge: Edge, known: Plans) -> Plan:
    """Plan once for all IDs of one app or Page."""
    key = (type(asset).__name__, asset.pk, str(edge))
    if key not in known:
        known[key] = plan(asset, edges=(edge,))
    return known[key]


def _summary(asset: FacebookApp | Page, edges: Sequence[Edge], question: str) -> str:
    token = "app access token" if isinstance(asset, FacebookApp) else "page access token"
    what = " and ".join(edges) if question == Question.LINKS else "the name"
    return f"Asks Graph for {what} with the {token} of “{asset}”."


def _refusals(asset: FacebookApp | Page) -> list[Reason]:
    if asset.business.policy_confirmed_at:
        return []
    return [
        Reason(
            "policy_not_confirmed",
            f"Nobody has confirmed Meta's policy for “{asset.business}” yet.",
            "An admin must first confirm, on the business's page, that all its apps and Pages "
            "are owned by and maintained for this one business.",
        )
    ]


def _under_review(review: PolicyReview) -> Reason:
    return Reason(
        "under_review",
        f"Meta is reviewing “{review.business}”: {review.message}",
        "The lookup is stored and held; it goes on by itself when the review ends.",
    )
