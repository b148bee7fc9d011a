"""Each token is checked with debug_token, over HTTP, against the sandbox: what it tells, what is stored of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.credentials import Choice, app_key, choice_for
from businesses.models import AccessToken, AppSecret, Asset, Page, Problem, TokenCheck
from businesses.reasons import Reason
from lookups import tasks
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import HeldFor, Lookup, State
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token, system_token, user_token
from lookups.tokens import checking
from lookups.tokens.due_checks import tokens_to_check
from tests.makers import make_token

pytestmark = [pytest.mark.django_db, pytest.mark.orm]


def checked(token: AccessToken, **how) -> TokenCheck:
    """What is known of the token after a check by today's clock."""
    checking.check(resolver.graph_client(), token.pk, now=timezone.now(), **how)
    return TokenCheck.objects.get(pk=token.pk)


def in_use(asset: Asset) -> int | str:
    """The key of the token that questions are asked with, or why there is none."""
    found = choice_for(asset)
    return found.token_pk if isinstance(found, Choice) else found.code


def work_off() -> None:
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass


@pytest.fixture
def broker(settings):
    """A place for the messages that wake workers."""
    (settings.VAR_DIR / "broker" / "queue").mkdir(parents=True, exist_ok=True)


@pytest.fixture
def page_s(world) -> AccessToken:
    return world.page.tokens.get()


@pytest.fixture
def app_s(world) -> AccessToken:
    return world.app.tokens.get()


def test_a_right_token_is_proven_and_what_graph_tells_is_stored(world, page_s):
    check = checked(page_s)

    assert (check.problem, check.check_trouble) == ("", "")
    assert check.proven_at == check.checked_at != None  # noqa: E711
    assert (check.told_kind, check.issuing_app, check.speaks_for_page) == (
        "PAGE", world.app.graph_id, world.page.graph_id,
    )  # fmt: skip
    assert "pages_messaging" in check.scopes
    assert check.expires_at is None


def test_an_app_token_is_proven_too_in_either_form(world, app_s):
    joined = make_token(world.app, f"{world.app.graph_id}|{secret_of(world)}")

    for check in (checked(app_s), checked(joined)):
        assert (check.problem, check.told_kind, check.issuing_app) == ("", "APP", world.app.graph_id)
        assert check.proven_at


def secret_of(world) -> str:
    key = app_key(world.app.secret)
    assert key
    return key.app_secret


def test_a_token_that_is_none_is_refused_and_the_old_one_stays_in_use(world, page_s):
    checked(page_s)
    pasted = make_token(world.page, "pasted-by-mistake")
    assert in_use(world.page) == page_s.pk, "not before it is proven"

    check = checked(pasted)

    assert check.refused_at
    assert check.problem == Problem.REFUSED
    assert in_use(world.page) == page_s.pk


def test_a_new_token_takes_over_when_it_is_proven_and_deleting_it_brings_the_old_one_back(world, page_s):
    checked(page_s)
    new = make_token(world.page, page_token(default_world(), world.page.graph_id))
    assert in_use(world.page) == page_s.pk, "not before it is proven"

    checked(new)
    assert in_use(world.page) == new.pk

    new.delete()
    assert in_use(world.page) == page_s.pk


def test_a_new_proven_token_that_calls_refuse_gives_way_to_the_old_one(world, page_s):
    checked(page_s)
    check = checked(make_token(world.page, page_token(default_world(), world.page.graph_id)))

    check.mark_refused(because="The session is invalid.", at=timezone.now(), code=190)

    assert in_use(world.page) == page_s.pk


@pytest.mark.parametrize(
    ("make", "problem", "words"),
    [
        (lambda w, page: page_token(w, "380374449010777"), Problem.WRONG_PAGE, "of the Page 380374449010777"),
        (lambda w, page: page_token(w, page.graph_id, "1419232575008550"), Problem.WRONG_APP, "John's Game App"),
        (lambda w, page: system_token(w, "112233445566778"), Problem.WRONG_KIND, "a system user's access token"),
        (
            lambda w, page: user_token(w, page.managed_by.graph_id, "645195294", timezone.now().timestamp()),
            Problem.WRONG_KIND,
            "a user's access token",
        ),
    ],
    ids=["another Page's", "made by another app", "a system user's", "a user's"],
)
def test_the_wrong_token_is_kept_but_never_used_and_says_why(world, page_s, make, problem, words):
    checked(page_s)
    check = checked(make_token(world.page, make(default_world(), world.page)))

    assert (check.problem, check.proven_at) == (problem, None)
    assert words in check.problem_text
    assert in_use(world.page) == page_s.pk

    page_s.delete()
    missing = choice_for(world.page)
    assert isinstance(missing, Reason)
    assert missing.code == "token_wrong"
    assert words in missing.text


def test_a_page_token_without_the_permission_is_told_and_does_not_take_over(world, page_s, sandbox):
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "scopes": ["pages_show_list"]})

    check = checked(page_s)

    assert (check.problem, check.proven_at) == (Problem.NO_PERMISSION, None)
    assert "pages_messaging" in check.problem_text
    assert in_use(world.page) == page_s.pk, "the only one is used all the same"


def test_expiry_is_stored_and_an_expired_token_is_refused(world, page_s, sandbox):
    of_page = {"token_of": {"page": world.page.graph_id}}
    sandbox.control("tokens", {**of_page, "ends_in": 5 * 86400})
    check = checked(page_s)
    assert timedelta(days=4) < check.expires_at - timezone.now() <= timedelta(days=5)
    assert check.problem == ""

    sandbox.control("tokens", {**of_page, "ends_in": -5})
    check = checked(page_s)
    assert (check.refused_code, check.refused_subcode, check.problem) == (190, 463, Problem.REFUSED)
    assert "expired" in check.refused_because


def test_the_end_of_data_access_is_stored(world, page_s, sandbox):
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "data_access_ends_in": 2 * 86400})

    check = checked(page_s)

    assert timedelta(days=1) < check.data_access_ends_at - timezone.now() <= timedelta(days=2)


def test_a_reset_secret_is_found_at_both_kinds_of_token_and_mended_by_the_new_one(world, page_s, app_s, sandbox):
    new = sandbox.control("secrets", {"app": world.app.graph_id})

    assert checked(page_s).problem == Problem.SECRET_WRONG
    assert "secret" in checked(page_s).problem_text
    assert in_use(world.page) == "secret_wrong"
    check = checked(app_s)
    assert (check.problem, check.refused_code) == (Problem.REFUSED, 190)

    app = world.app
    app.set_secret(new["secret"])
    assert page_s.pk in tokens_to_check(timezone.now() + timedelta(minutes=10))
    assert in_use(world.page) == page_s.pk, "not even waiting for the check"
    assert checked(page_s).problem == ""


def test_trouble_changes_nothing_but_is_told(world, page_s, settings, sandbox):
    before = checked(page_s)
    settings.IDLINK_GRAPH_URL = "http://127.0.0.1:9"
    resolver.graph_client.cache_clear()

    check = checked(page_s)

    assert check.check_trouble
    assert check.check_tried_at > before.check_tried_at
    for column in ("checked_at", "proven_at", "problem", "refused_at", "expires_at"):
        assert getattr(check, column) == getattr(before, column)


def test_a_refused_token_that_graph_calls_valid_again_waits_for_a_hand(page_s):
    checked(page_s)
    page_s.refresh_from_db()
    page_s.last_check.mark_refused(because="…", at=timezone.now(), code=190, subcode=492)

    assert checked(page_s).refused_at, "Graph calls some tokens valid whose calls it refuses"
    check = checked(page_s, another_go=True)
    assert (check.refused_at, check.refused_subcode, check.refused_because) == (None, None, "")


def test_a_checkpoint_passes_by_itself(world, page_s, sandbox):
    of_page = {"token_of": {"page": world.page.graph_id}}
    sandbox.control("tokens", {**of_page, "refuse": {"code": 190, "subcode": 459}})
    assert checked(page_s).refused_subcode == 459

    sandbox.control("tokens", {**of_page, "refuse": None})
    assert checked(page_s).refused_at is None


def test_a_page_without_a_managing_app_says_that_its_token_cant_be_checked(world, page_s):
    Page.objects.filter(pk=page_s.asset_id).update(managed_by=None)

    check = checked(page_s)

    assert check.problem == Problem.UNCHECKABLE
    assert "Choose it on the Page's form." in check.problem_text


def test_lookups_held_for_a_dead_token_go_on_when_a_new_one_is_proven(world, page_s, sandbox, broker):
    lookup = ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "refuse": {"code": 190, "subcode": 460}})
    work_off()
    lookup.refresh_from_db()
    assert (lookup.state, lookup.held_for) == (State.HELD, HeldFor.TOKEN)
    page_s.refresh_from_db()
    assert (page_s.last_check.refused_code, page_s.last_check.refused_subcode) == (190, 460)
    assert page_s.last_check.refused_trace

    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "refuse": None})
    new = make_token(world.page, page_token(default_world(), world.page.graph_id))
    tasks.check_token(new.pk)
    work_off()

    lookup.refresh_from_db()
    assert (lookup.state, lookup.held_for) == (State.DONE, "")
    assert Lookup.objects.get(pk=lookup.pk).apps_outcome == "linked"


def test_a_token_of_an_app_that_nobody_here_knows_is_not_used_as_proven(world, page_s, sandbox):
    checked(page_s)
    AppSecret.objects.filter(app__name="John's Game App").delete()
    check = checked(make_token(world.page, page_token(default_world(), world.page.graph_id, "1419232575008550")))

    assert (check.problem, check.proven_at) == (Problem.UNCHECKABLE, None)
    assert "another app made it" in check.problem_text
    assert in_use(world.page) == page_s.pk


def test_a_token_checked_by_the_wrong_app_may_be_named_as_such(world, page_s, start_sandbox, settings):
    settings.IDLINK_GRAPH_URL = start_sandbox("--switch=foreign_tokens_are_named=on").url
    resolver.graph_client.cache_clear()
    AppSecret.objects.filter(app__name="John's Game App").delete()

    check = checked(make_token(world.page, page_token(default_world(), world.page.graph_id, "1419232575008550")))

    assert check.problem == Problem.WRONG_APP


def test_a_wrong_signature_has_all_tokens_of_that_app_checked(world, page_s, app_s, sandbox):
    everybody = list(AccessToken.objects.all())
    for token in everybody:
        checked(token)
    soon = timezone.now() + timedelta(minutes=10)
    assert tokens_to_check(soon) == []
    sandbox.control("secrets", {"app": world.app.graph_id})
    ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    work_off()
    assert tokens_to_check(soon) == [page_s.pk], "Graph found its signature wrong"

    checked(page_s)

    fan_page_s = AccessToken.objects.get(asset__name="John's Fan Club")
    assert set(tokens_to_check(soon)) == {app_s.pk, fan_page_s.pk}
    checked(app_s)
    checked(fan_page_s)
    assert tokens_to_check(soon) == [], "they don't doubt each other for ever"


def test_lookups_held_for_a_wrong_secret_go_on_when_the_right_one_is_saved(world, page_s, sandbox, broker):
    new = sandbox.control("secrets", {"app": world.app.graph_id})
    lookup = ask_about(asset=world.page, value="12345123", by=world.user, now=timezone.now())
    checked(page_s)
    work_off()
    lookup.refresh_from_db()
    assert (lookup.state, lookup.held_for) == (State.HELD, HeldFor.TOKEN)
    assert "does not take the secret" in lookup.why

    app = world.app
    app.set_secret(new["secret"])
    tasks.take_new_secret(app.pk)
    work_off()

    lookup.refresh_from_db()
    assert (lookup.state, lookup.apps_outcome) == (State.DONE, "linked")
