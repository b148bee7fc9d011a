"""Only what one business owns is matched: Graph is asked who owns what, over HTTP, and what is not owned is refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import AccessToken, Asset, FacebookApp, Ownership, Page, ShownBy, TokenCheck
from lookups import tasks
from lookups.asking import resolver
from lookups.asking.planning import plan, plans
from lookups.asking.starting import CannotAsk, ask_about, ask_again, ask_cell, ask_to_test
from lookups.models import Conflict, Lookup, Match, QuotaPool, Run, ScopedID, State
from lookups.tokens.owners import ask_owner, owners_to_ask
from lookups.tokens.ownership import note_lists
from tests.makers import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.orm]

PSID, ASID, GAME_ASID = "12345123", "645195294", "10152368852405295"
NORTH = "223344556677889"


def checked(asset: Asset) -> Asset:
    """The app or Page after Graph was asked who owns it."""
    ask_owner(resolver.graph_client(), asset.pk, now=timezone.now())
    return Asset.objects.select_related("business", "managed_by").get(pk=asset.pk)


def game(world) -> FacebookApp:
    return FacebookApp.objects.select_related("business").get(name="John's Game App")


def work_off() -> None:
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass


def codes(refused: CannotAsk) -> list[str]:
    return [reason.code for reason in refused.plan.reasons]


@pytest.mark.parametrize("name", ["app", "page"])
def test_graph_names_the_business_that_owns_an_app_or_a_page(world, name):
    asset = checked(getattr(world, name))

    assert (asset.ownership, asset.owner_graph_id) == (Ownership.OWN, asset.business.graph_id)
    assert asset.owner_shown_by == ShownBy.FIELD
    assert asset.owner_checked_at


def test_the_question_is_signed(world, sandbox):
    checked(world.page)

    (asked,) = [one for one in sandbox.journal() if world.page.graph_id in one["path"]]
    assert asked["proof"] == "ok"
    assert "owner_business" in str(asked)


def test_what_another_business_owns_is_refused_as_source_in_the_words_of_the_policy(world, sandbox):
    sandbox.control("assets", {"asset": world.page.graph_id, "business": NORTH})
    page = checked(world.page)

    with pytest.raises(CannotAsk) as refused:
        ask_about(asset=page, value=PSID, by=world.user, now=timezone.now())

    assert (page.ownership, page.owner_graph_id) == (Ownership.OTHER, NORTH)
    assert codes(refused.value) == ["not_owned"]
    assert "another business (223344556677889) owns “John's Next Great Thing”" in refused.value.plan.why_not
    assert "Meta's policy" in refused.value.plan.why_not
    assert not Lookup.objects.exists()


def test_and_as_target(world, sandbox):
    lookup = ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()
    sandbox.control("assets", {"asset": game(world).graph_id, "business": NORTH})
    target = checked(game(world))
    lookup.refresh_from_db()

    for ask in (
        lambda: ask_cell(person=lookup.scoped_id.person, only=target, by=world.user, now=timezone.now()),
        lambda: ask_to_test(source=world.page, target=target, by=world.user, now=timezone.now()),
    ):
        with pytest.raises(CannotAsk) as refused:
            ask()
        assert codes(refused.value) == ["not_owned"]


def test_rows_of_an_app_that_is_not_owned_are_left_out_and_told(world):
    FacebookApp.objects.filter(name="John's Game App").update(ownership=Ownership.OTHER, owner_graph_id=NORTH)

    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()

    assert set(ScopedID.objects.values_list("value", flat=True)) == {PSID, ASID}
    assert "it says that another business owns it: left out" in Lookup.objects.get().why
    assert Conflict.objects.get().kind == Conflict.Kind.MOVED
    assert not Match.objects.filter(target__value=GAME_ASID).exists()


def test_what_was_accepted_before_is_not_asked_any_more(world, sandbox):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    sandbox.control("assets", {"asset": world.page.graph_id, "business": NORTH})
    checked(world.page)

    work_off()

    lookup = Lookup.objects.get()
    assert (lookup.state, lookup.pages_outcome) == (State.DONE, "not_asked")
    assert "another business" in lookup.why


def test_an_app_that_comes_back_is_asked_again(world, sandbox):
    sandbox.control("assets", {"asset": world.page.graph_id, "business": NORTH})
    assert not plan(checked(world.page)).allowed
    sandbox.control("assets", {"asset": world.page.graph_id, "business": world.page.business.graph_id})

    assert plan(checked(world.page)).allowed


def test_a_client_asset_is_refused_and_a_later_look_at_its_field_does_not_forget_that(world, sandbox):
    page = world.page
    note_lists(page.business, owned=[], client=[page], now=timezone.now())
    sandbox.control("assets", {"asset": page.graph_id, "business": NORTH})

    page = checked(world.page)

    assert (page.ownership, page.owner_graph_id) == (Ownership.CLIENT, NORTH)
    assert [reason.code for reason in plan(page).reasons] == ["only_shared"]
    assert "only shared with" in plan(page).why_not


def test_an_app_that_nobody_owns_stays_unknown_and_may_be_asked(world, sandbox):
    sandbox.control("assets", {"asset": world.app.graph_id, "business": ""})

    app = checked(world.app)

    assert (app.ownership, app.owner_words) == (Ownership.UNKNOWN, "owner not confirmed: Graph names none")
    assert plan(app).allowed


def test_trouble_changes_nothing_but_what_is_told_of_the_attempt(world, sandbox):
    before = checked(world.page)
    sandbox.control("rules", [{"match": {}, "action": {"error": {"code": 2, "status": 500}}}])

    page = checked(world.page)

    assert (page.ownership, page.owner_checked_at) == (before.ownership, before.owner_checked_at)
    assert page.owner_tried_at > before.owner_tried_at
    assert "made on demand" in page.owner_trouble


def test_a_reached_limit_is_noted_for_all(world, sandbox):
    sandbox.control("usage", {"of": {"page": world.page.graph_id}, "users": 1, "used": 200})

    checked(world.page)

    assert QuotaPool.objects.get(asset=world.page).wait_until > timezone.now()


def test_usage_told_with_the_answer_is_noted_too(world, sandbox):
    sandbox.control("usage", {"of": {"page": world.page.graph_id}, "percent": 97})

    checked(world.page)

    assert QuotaPool.objects.get(asset=world.page).percent == 97


def test_a_token_that_could_not_be_checked_shows_what_it_is_worth(world, sandbox):
    Page.objects.filter(pk=world.page.pk).update(managed_by=None)
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "because": "role lost"})

    checked(world.page)

    check = TokenCheck.objects.get(token__asset=world.page)
    assert (check.refused_code, check.refused_subcode) == (190, 492)


def test_those_never_asked_about_or_a_week_ago_are_due_the_longest_ago_first_in_bounded_parts(world):
    now = timezone.now()
    assert len(owners_to_ask(now, most=100)) == Asset.objects.count()
    assert len(owners_to_ask(now, most=3)) == 3
    Asset.objects.update(owner_checked_at=now, owner_tried_at=now, ownership=Ownership.OWN)
    assert owners_to_ask(now) == []
    long_ago = now - timedelta(days=8)
    Asset.objects.filter(pk=world.page.pk).update(owner_tried_at=long_ago, owner_checked_at=long_ago)

    assert owners_to_ask(now) == [world.page.pk]


@pytest.mark.parametrize("how", ["no token", "refused", "limit", "tried just now", "retired"])
def test_those_that_cannot_be_asked_do_not_stand_in_the_way(world, how):
    page, now = world.page, timezone.now()
    if how == "no token":
        AccessToken.objects.filter(asset=page).delete()
    elif how == "refused":
        TokenCheck.objects.filter(token__asset=page).update(refused_at=now)
    elif how == "limit":
        QuotaPool.objects.create(business=page.business, asset=page, seen_at=now, wait_until=now + timedelta(hours=1))
    elif how == "retired":
        Asset.objects.filter(pk=page.pk).update(retired_at=now)
    else:
        TokenCheck.objects.filter(token__asset=page).update(problem="wrong_page")
        checked(page)

    due = owners_to_ask(now, most=100)

    assert page.pk not in due
    assert world.app.pk in due


def test_a_new_token_has_the_owner_asked_about_with_its_check(world):
    token = AccessToken.objects.get(asset=world.page)

    tasks.check_token(token.pk)

    assert Page.objects.get(pk=world.page.pk).ownership == Ownership.OWN


def test_saving_an_app_or_a_page_sends_a_message_and_the_task_takes_those_of_later_versions(
    world, monkeypatch, django_capture_on_commit_callbacks
):
    sent: list[dict] = []
    monkeypatch.setattr(tasks.check_owner, "apply_async", lambda kwargs, **how: sent.append(kwargs))
    monkeypatch.setattr(tasks.take_new_secret, "apply_async", lambda **how: None)
    with django_capture_on_commit_callbacks(execute=True):
        world.page.save()
        world.app.save()
        Page(business=world.page.business, graph_id="1", name="without a token").save()

    assert sent == [{"asset_pk": world.page.pk}, {"asset_pk": world.app.pk}]
    tasks.check_owner(**sent[0], of_a_later_version=1)
    assert Page.objects.get(pk=world.page.pk).owner_checked_at


def test_the_weekly_round_sends_a_message_for_each_that_is_due(world, monkeypatch):
    sent: list[dict] = []
    monkeypatch.setattr(tasks.check_owner, "apply_async", lambda kwargs, **how: sent.append(kwargs))

    tasks.check_owners(of_a_later_version=1)

    assert [one["asset_pk"] for one in sent] == owners_to_ask(timezone.now())


def test_an_app_that_is_gone_is_no_trouble(world):
    before = list(Asset.objects.values())

    ask_owner(resolver.graph_client(), 999_999, now=timezone.now())

    assert list(Asset.objects.values()) == before


def test_many_are_planned_in_as_many_queries_as_one(world, django_assert_num_queries):
    few = [Asset.objects.select_related("business").get(pk=world.app.pk)]
    many = list(Asset.objects.all())

    with django_assert_num_queries(3):  # reviews, secrets, tokens
        plans(few)
    with django_assert_num_queries(6):  # and the businesses, the managing apps, and their secrets
        planned = plans(many)

    assert {asset: one.allowed for asset, one in planned.items()} == {asset: plan(asset).allowed for asset in many}
    assert {one.summary for one in planned.values()} == {plan(asset).summary for asset in many}


def test_planning_many_says_the_same_of_what_cannot_be_asked(world):
    AccessToken.objects.filter(asset=world.page).delete()
    TokenCheck.objects.filter(token__asset=world.app).update(refused_at=timezone.now(), refused_because="gone")
    make_token(world.app, "another")

    for asset, planned in plans([world.app, world.page, world.lab_page]).items():
        assert (planned.reasons, planned.allowed) == (plan(asset).reasons, plan(asset).allowed)


def test_looking_up_again_plans_all_ids_at_once(world, django_assert_max_num_queries):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()
    person = ScopedID.objects.get(value=PSID).person

    with django_assert_max_num_queries(16):
        ask_again(person=person, by=world.user, now=timezone.now())

    assert Run.objects.filter(kind=Run.Kind.AGAIN).count() == 1


def test_a_test_call_asks_about_an_id_that_is_linked_to_the_target(world):
    ask_about(asset=world.page, value="77001234567", by=world.user, now=timezone.now())
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()

    lookup = ask_to_test(source=world.page, target=game(world), by=world.user, now=timezone.now())
    work_off()

    lookup.refresh_from_db()
    assert (lookup.value, lookup.only, lookup.run.kind) == (PSID, game(world), Run.Kind.TEST)
    assert lookup.apps_outcome == "linked"


def test_without_a_known_id_a_test_call_says_so(world):
    with pytest.raises(CannotAsk) as refused:
        ask_to_test(source=world.page, target=world.app, by=world.user, now=timezone.now())

    assert codes(refused.value) == ["nobody_to_ask"]
    assert "nobody to ask about" in str(refused.value)


def test_a_filter_that_leads_to_another_business_costs_the_lookups_beside_it_nothing(world, sandbox):
    person = answered(world).scoped_id.person
    quiz = FacebookApp.objects.select_related("business").get(name="John's Instant Quiz")
    asked = [ask_cell(person=person, only=one, by=world.user, now=timezone.now()) for one in (game(world), quiz)]
    FacebookApp.objects.filter(pk=game(world).pk).update(ownership=Ownership.OTHER, owner_graph_id=NORTH)

    work_off()

    to_another, beside = (Lookup.objects.get(pk=one.pk) for one in asked)
    assert (to_another.apps_outcome, "another business" in to_another.why) == ("not_asked", True)
    assert (beside.apps_outcome, beside.why) == ("none", "")


def answered(world) -> Lookup:
    lookup = ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()
    return Lookup.objects.get(pk=lookup.pk)
