"""Lookups that wait for a working token or secret, and their release.

They were accepted; then Graph refused the token or the signature, or one of them was taken away. Nothing of
them is lost: they go on by themselves as soon as their app or Page can be asked again.
"""

from collections.abc import Sequence

from businesses.credentials import Missing, credential_for, secret_doubted
from lookups.asking.reviews import open_review
from lookups.models import HeldFor, Lookup, State
from lookups.models.outcomes import Edge, Outcome
from lookups.models.scoped_id import asset_of

_NO_OUTCOMES = {"apps_outcome": "", "pages_outcome": ""}

_OUTCOMES = {"token_refused": Outcome.TOKEN, "secret_wrong": Outcome.PROOF, "secret_doubted": Outcome.PROOF}


def token_columns(lookup: Lookup, outcome: Outcome, why: str) -> dict[str, object]:
    """What is written on a lookup that waits for a token; its cells tell the outcome meanwhile."""
    edges = lookup.edges
    return {
        "state": State.HELD,
        "held_for": HeldFor.TOKEN,
        "is_probe": False,
        "lease_until": None,
        "not_before": None,
        "why": why,
        "apps_outcome": outcome if Edge.APPS in edges else "",
        "pages_outcome": outcome if Edge.PAGES in edges else "",
    }


def secret_columns(lookup: Lookup) -> dict[str, object]:
    """What is written on a lookup whose signature Graph refused; it waits for the secret that it names."""
    page = lookup.page
    missing = secret_doubted(page.managed_by if page else lookup.app)
    return token_columns(lookup, Outcome.PROOF, f"{missing.text} {missing.remedy}")


def outcome_without(code: str) -> Outcome:
    """Name the outcome of a question that lacks its token or secret; `code` says what is missing."""
    return _OUTCOMES.get(code, Outcome.NOT_ASKED)


def hold_for_token(lookups: Sequence[Lookup], outcome: Outcome, why: str) -> None:
    """Put claimed lookups back: their app or Page has no working token or secret any more."""
    for lookup in lookups:
        mine = Lookup.objects.filter(pk=lookup.pk, attempt=lookup.attempt, state=State.CLAIMED)
        mine.update(**token_columns(lookup, outcome, why))


def release_for_tokens() -> int:
    """Let go on what waited for a token and has one now; gives how many lookups."""
    waiting = Lookup.objects.filter(state=State.HELD, held_for=HeldFor.TOKEN).order_by()
    scopes = waiting.values_list("app_id", "page_id").distinct()
    return sum(_release(app_pk, page_pk) for app_pk, page_pk in scopes)


def _release(app_pk: int | None, page_pk: int | None) -> int:
    asset = asset_of(app_pk, page_pk)
    if isinstance(credential_for(asset), Missing):
        return 0
    held = Lookup.objects.filter(state=State.HELD, held_for=HeldFor.TOKEN, app=app_pk, page=page_pk)
    if open_review(asset.business):  # now they wait for its end, and one of them may be its probe
        held.update(**_NO_OUTCOMES, held_for=HeldFor.REVIEW, tries=0, not_before=None)
        return 0
    return held.let_go(**_NO_OUTCOMES)
