"""Over many varied worlds: what preflight calls green is answered, and red is refused for the cause it names.

PREFLIGHT_WORLDS=200 tries two hundred worlds; each is a business's apps, Pages, tokens and secrets, right or wrong.
"""

import os
from collections import Counter
from collections.abc import Iterable

import pytest
from django.db import transaction
from django.utils import timezone

from businesses.models import AccessToken, Asset, Business
from lookups.asking import resolver
from lookups.asking.starting import ask_to_test
from lookups.graph import (
    GraphError,
    LinksQuestion,
    NotPermitted,
    ProofRefused,
    TokenRefused,
    TooManyCalls,
    UnderPolicyReview,
    UnknownID,
)
from lookups.models import HeldFor, Lookup, PolicyReview, ScopedID, State
from lookups.models.outcomes import ANSWERED
from lookups.tokens import checking, owners
from lookups.tokens.obstacles import Colour
from lookups.tokens.preflight import PreflightCall, call_between, readiness_of
from tests.lookups.varied_worlds import StoredWorld, store

pytestmark = pytest.mark.django_db

WORLDS = int(os.environ.get("PREFLIGHT_WORLDS", "22"))
# The cause that preflight names, and what Graph says when asked all the same. A token of another app or Page fails
# by its proof or, where the secret fits, for the ID that it can't see.
SAYS = {
    "no_token": {TokenRefused},
    "token_refused": {TokenRefused},
    "token_expired": {TokenRefused},
    "data_access": {TokenRefused},
    "token_wrong": {TokenRefused, ProofRefused, UnknownID},
    "no_secret": {ProofRefused},
    "secret_wrong": {ProofRefused},
    "no_managing_app": {ProofRefused},
    "no_permission": {NotPermitted},
}
# Refused by the policy: Graph would answer, of another business's people.
POLICY = {"not_owned", "not_one_business"}
SEEN: Counter[str] = Counter()


@pytest.mark.parametrize("seed", range(WORLDS))
def test_green_is_answered_and_red_is_refused_for_the_cause_it_names(sandbox, settings, seed):
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()
    world = store(sandbox.control("world", {"seed": str(seed), "people": 10}))
    check_everything(world)
    owners = {one["id"]: one["business"] for one in sandbox.read("assets")}
    for business in Business.objects.all():
        calls = calls_of(world, business)
        SEEN.update(str(one.colour) for one in calls)
        SEEN.update(reason.code for one in calls for reason in one.reasons)
        ask_the_green(business, [one for one in calls if one.colour == Colour.GREEN])
        for one in calls:
            if one.colour == Colour.RED:
                ask_the_red(sandbox, world, owners, one)
    resolver.graph_client.cache_clear()


def test_these_worlds_hold_much_of_everything():
    """What stands above would show nothing if all were of one colour; some causes are rare."""
    rare = {"token_expired"} if WORLDS >= 200 else {"token_expired", "data_access"}
    assert min(SEEN[colour] for colour in ("green", "amber", "red")) > 2 * WORLDS, SEEN
    assert {code for code in {*SAYS, *POLICY} if not SEEN[code]} <= rare, SEEN
    assert {"owner_unknown", "quota", "token_unchecked"} <= set(SEEN)


def check_everything(world: StoredWorld) -> None:
    client = resolver.graph_client()
    for token in AccessToken.objects.order_by("pk"):
        checking.check(client, token.pk, now=timezone.now())
    for asset in world.assets.values():
        owners.ask_owner(client, asset.pk, now=timezone.now())


def calls_of(world: StoredWorld, business: Business) -> list[PreflightCall]:
    ready = readiness_of(world.of(business), timezone.now()).values()
    return [
        call
        for source in ready
        for target in ready
        if not (call := call_between(source, target)).is_to_itself and known_id(source.asset)
    ]


def known_id(asset: Asset) -> str:
    return ScopedID.objects.filter(asset=asset).values_list("value", flat=True).first() or ""


def ask_the_green(business: Business, calls: Iterable[PreflightCall]) -> None:
    """Through the whole road. A review is what nobody can know before the first answer tells of it."""
    asked = []
    for one in calls:
        with transaction.atomic():
            lookup = ask_to_test(source=one.source, target=one.target, by=None, now=timezone.now())
        asked.append((one, lookup.pk))
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    in_review = PolicyReview.objects.filter(business=business, closed_at=None).exists()
    for one, pk in asked:
        lookup = Lookup.objects.get(pk=pk)
        told = f"{one.source} to {one.target}: {lookup.state}, {lookup.outcomes}, {lookup.why}"
        if in_review and (lookup.state, lookup.held_for) == (State.HELD, HeldFor.REVIEW):
            continue
        assert lookup.state == State.DONE, told
        assert lookup.outcome_of(one.edge) in ANSWERED, told
    if in_review:
        assert all(one.colour != Colour.GREEN for one in calls_again(business)), "from now on it is known"


def calls_again(business: Business) -> list[PreflightCall]:
    return calls_of(StoredWorld(), business)


def ask_the_red(sandbox, world: StoredWorld, owners: dict[str, str], one: PreflightCall) -> None:
    red = {obstacle.reason.code for obstacle in one.obstacles if obstacle.colour == Colour.RED}
    told = f"{one.source} to {one.target}: {[reason.text for reason in one.reasons]}"
    assert red <= set(SAYS) | POLICY, told
    if red & POLICY:
        ends = [one.source, one.target, one.source.managed_by]
        graph_id = one.source.business.graph_id
        assert any(end and owners[end.graph_id] not in ("", graph_id) for end in ends), told
    if not red - POLICY:
        return
    said = ask_past_planning(sandbox, world, one)
    assert type(said) in set().union(*(SAYS[code] for code in red - POLICY)), f"{told}, but Graph says {said!r}"


def ask_past_planning(sandbox, world: StoredWorld, one: PreflightCall) -> object:
    """Ask with whatever there is. Limits and reviews, which Graph may tell of first, are lifted."""
    asset, target = one.source, one.target
    question = LinksQuestion(known_id(asset), edges=(one.edge,), narrowed=((one.edge, target.graph_id),))
    for _ in range(3):
        try:
            (said,) = resolver.graph_client().ask([question], world.whatever_there_is(asset))
        except GraphError as error:
            said = error
        if isinstance(said, TooManyCalls):
            for graph_id, stored in world.assets.items():
                sandbox.control("usage", {"of": {stored.kind: graph_id}, "users": 10_000})
        elif isinstance(said, UnderPolicyReview):
            for business in Business.objects.all():
                sandbox.control("reviews", {"business": business.graph_id, "under_review": False})
        else:
            break
    return said
