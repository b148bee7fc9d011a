"""Preflight by the rules alone: what each cause makes of a cell, by its colour, code and words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import AccessToken, AppSecret, Asset, Business, FacebookApp, FoundBy, Ownership, Page, TokenCheck
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import PolicyReview, QuotaPool, ScopedID
from lookups.tokens import checking, owners
from lookups.tokens.obstacles import Colour
from lookups.tokens.preflight import PreflightCall, call_between, calls_of_person, readiness_of

pytestmark = [pytest.mark.django_db, pytest.mark.orm]

PSID = "12345123"


@pytest.fixture
def ready(world):
    """The sandbox's world with every token checked and every owner known."""
    client, now = resolver.graph_client(), timezone.now()
    for token in AccessToken.objects.all():
        checking.check(client, token.pk, now=now)
    for asset in everything():
        owners.ask_owner(client, asset.pk, now=now)
    return world


def everything() -> list[Asset]:
    return list(Asset.objects.to_plan())


def look(source: Asset, target: Asset) -> PreflightCall:
    ready = readiness_of(Asset.objects.to_plan().filter(pk__in=[source.pk, target.pk]), timezone.now())
    return call_between(ready[source], ready[target])


def codes(one: PreflightCall) -> list[str]:
    return [reason.code for reason in one.reasons]


def fan(world) -> Page:
    return Page.objects.get(name="John's Fan Club")


def test_what_was_checked_and_is_owned_is_green_in_all_four_lookups(ready):
    game = FacebookApp.objects.get(name="John's Game App")

    found = [look(*ends) for ends in ((ready.page, game), (ready.app, fan(ready)), (ready.app, game))]
    found.append(look(ready.page, fan(ready)))

    assert [one.colour for one in found] == [Colour.GREEN] * 4
    assert [one.use_case for one in found] == [1, 2, 3, 4]
    assert [one.reasons for one in found] == [()] * 4


def test_before_anything_was_checked_nobody_knows_for_sure(world):
    one = look(world.page, world.app)

    assert one.colour == Colour.AMBER
    assert codes(one) == ["token_unchecked", "owner_not_asked", "owner_not_asked"]


@pytest.mark.parametrize(
    ("change", "colour", "code", "words"),
    [
        ({"refused_at": timezone.now(), "refused_because": "gone"}, "red", "token_refused", "gone"),
        ({"problem": "wrong_app", "problem_text": "made by “Other”"}, "red", "token_wrong", "made by “Other”"),
        ({"problem": "wrong_page", "problem_text": "of the Page 7"}, "red", "token_wrong", "of the Page 7"),
        ({"problem": "wrong_kind", "problem_text": "a user's"}, "red", "token_wrong", "a user's"),
        ({"problem": "data_access", "problem_text": "ended"}, "red", "token_wrong", "ended"),
        ({"problem": "no_permission", "problem_text": "is missing"}, "red", "no_permission", "is missing"),
        ({"problem": "secret_wrong", "problem_text": "x"}, "red", "secret_wrong", "“JohnsMovieApp”"),
        ({"expires_at": timezone.now() - timedelta(hours=1)}, "red", "token_expired", "page access token"),
        ({"data_access_ends_at": timezone.now() - timedelta(hours=1)}, "red", "data_access", "ended on"),
        ({"expires_at": timezone.now() + timedelta(days=2)}, "amber", "token_ends", "ends on"),
        ({"problem": "uncheckable", "problem_text": "nobody knows"}, "amber", "token_uncheckable", "nobody knows"),
        ({"checked_at": None}, "amber", "token_unchecked", "never checked"),
        ({"checked_at": timezone.now() - timedelta(days=3)}, "amber", "token_unseen", "last checked"),
        ({"doubted_at": timezone.now() + timedelta(hours=1)}, "amber", "secret_doubted", "refused a call signed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_known_of_the_token_decides(ready, change, colour, code, words):
    TokenCheck.objects.filter(token__asset=ready.page).update(**change)

    one = look(ready.page, ready.app)

    assert (one.colour, codes(one)) == (colour, [code])
    assert words in one.reasons[0].text
    assert one.reasons[0].remedy
    assert look(ready.app, ready.page).colour == Colour.GREEN, "as a target its token does not matter"


def test_what_is_missing_is_named(ready):
    AccessToken.objects.filter(asset=ready.page).delete()
    assert codes(look(ready.page, ready.app)) == ["no_token"]
    assert "“John's Next Great Thing” has no page access token" in look(ready.page, ready.app).reasons[0].text

    AppSecret.objects.filter(app=ready.app).delete()
    assert codes(look(fan(ready), ready.app)) == ["no_secret"]
    assert "The secret of the app “JohnsMovieApp” is not set" in look(fan(ready), ready.app).reasons[0].text

    Page.objects.filter(pk=ready.page.pk).update(managed_by=None)
    assert codes(look(ready.page, ready.app)) == ["no_managing_app", "no_token"]

    Business.objects.update(policy_confirmed_at=None)
    assert codes(look(fan(ready), ready.app)) == ["policy_not_confirmed", "no_secret"]


def test_what_another_business_owns_is_red_from_both_sides(ready):
    Page.objects.filter(pk=ready.page.pk).update(ownership=Ownership.OTHER, owner_graph_id="99")

    for one in (look(ready.page, ready.app), look(ready.app, ready.page)):
        assert (one.colour, codes(one)) == (Colour.RED, ["not_owned"])
        assert "another business (99) owns" in one.reasons[0].text
        assert "Meta's policy" in one.reasons[0].remedy


def test_what_is_retired_is_red_from_both_sides(ready):
    Asset.objects.filter(pk=ready.page.pk).update(retired_at=timezone.now())

    for one in (look(ready.page, ready.app), look(ready.app, ready.page)):
        assert (one.colour, codes(one)) == (Colour.RED, ["retired"])
    assert look(ready.app, fan(ready)).colour == Colour.GREEN


def test_a_page_whose_managing_app_is_not_of_the_business_is_told_no_apps(ready):
    FacebookApp.objects.filter(pk=ready.app.pk).update(ownership=Ownership.CLIENT)
    game = FacebookApp.objects.get(name="John's Game App")

    assert codes(look(ready.page, game)) == ["not_one_business"]
    assert "not of one business" in look(ready.page, game).reasons[0].text
    assert look(ready.page, fan(ready)).colour == Colour.GREEN


def test_an_app_that_graph_itself_has_named_may_be_a_target_though_its_owner_was_not_asked(ready):
    game = FacebookApp.objects.get(name="John's Game App")
    FacebookApp.objects.filter(pk=game.pk).update(ownership=Ownership.UNKNOWN, found_by=FoundBy.ANSWER)

    assert look(ready.page, game).colour == Colour.GREEN
    assert codes(look(game, ready.page)) == ["owner_unknown"]


@pytest.mark.parametrize(
    ("pool", "code", "words"),
    [
        ({"wait_until": timezone.now() + timedelta(minutes=20)}, "quota", "until"),
        ({"percent": 85}, "slow", "85 %"),
        ({"troubles": 2}, "trouble", "failed to answer"),
    ],
    ids=["out", "slow", "trouble"],
)
def test_a_limit_or_trouble_makes_amber(ready, pool, code, words):
    QuotaPool.objects.update_or_create(
        business=ready.page.business, asset=ready.page, defaults={"seen_at": timezone.now(), **pool}
    )

    one = look(ready.page, ready.app)

    assert (one.colour, codes(one)) == (Colour.AMBER, [code])
    assert words in one.reasons[0].text


def test_the_time_until_which_a_limit_lasts_is_told(ready):
    until = timezone.now().replace(hour=14, minute=20) + timedelta(days=1)
    QuotaPool.objects.update_or_create(
        business=ready.page.business, asset=ready.page, defaults={"seen_at": timezone.now(), "wait_until": until}
    )

    assert f"until {until:%d %b} 14:20 UTC" in look(ready.page, ready.app).reasons[0].text


def test_a_review_makes_all_of_the_business_amber(ready):
    now = timezone.now()
    PolicyReview.objects.create(
        business=ready.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="(#200) review"
    )

    assert codes(look(ready.page, ready.app)) == ["under_review"]
    assert look(ready.lab_page, FacebookApp.objects.get(name="Quiet Lab Login")).colour == Colour.GREEN


def test_the_worst_cause_decides_and_is_told_first(ready):
    QuotaPool.objects.update_or_create(
        business=ready.page.business, asset=ready.page, defaults={"seen_at": timezone.now(), "percent": 90}
    )
    AccessToken.objects.filter(asset=ready.page).delete()

    one = look(ready.page, ready.app)

    assert (one.colour, codes(one)) == (Colour.RED, ["no_token", "slow"])


def test_a_person_who_never_logged_in_to_the_managing_app_is_not_sure_to_have_apps(ready):
    ask_about(asset=ready.page, value=PSID, by=ready.user, now=timezone.now())
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    psid = ScopedID.objects.select_related("asset__managed_by").get(value=PSID)
    game = FacebookApp.objects.select_related("business").get(name="John's Game App")
    asid = ScopedID.objects.select_related("asset").get(asset=ready.app)

    ((_, alone),) = calls_of_person([psid], [game], timezone.now())
    logged_in = calls_of_person([psid, asid], [game], timezone.now())

    assert (alone[0].colour, codes(alone[0])) == (Colour.AMBER, ["not_logged_in"])
    assert "No login of this person to “JohnsMovieApp” is known" in alone[0].reasons[0].text
    assert [calls[0].colour for _, calls in logged_in] == [Colour.GREEN, Colour.GREEN]


def test_a_whole_grid_takes_as_many_queries_as_a_cell(world, django_assert_max_num_queries):
    assets = everything()

    with django_assert_max_num_queries(7):
        ready = list(readiness_of(assets, timezone.now()).values())
        calls = [call_between(source, target) for source in ready for target in ready]

    assert len(calls) == len(assets) ** 2
