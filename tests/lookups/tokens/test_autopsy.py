"""A dead token's autopsy: each cause made in the sandbox is named rightly, and the links it hurts are all found."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import AccessToken, Page, TokenCheck
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import Match
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token
from lookups.tokens import checking
from lookups.tokens.autopsy import autopsy_of, hurt_links
from tests.makers import make_token

pytestmark = pytest.mark.django_db


def look_up(world, page: Page, value: str) -> None:
    ask_about(asset=page, value=value, by=world.user, now=timezone.now())
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass


def autopsy(token: AccessToken):
    """The autopsy by today's clock, of the token as it is stored."""
    return autopsy_of(AccessToken.objects.get(pk=token.pk), timezone.now())


@pytest.fixture
def token(world) -> AccessToken:
    return world.page.tokens.get()


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        ({"because": "expired"}, "expired"),
        ({"ends_in": -60}, "expired"),
        ({"because": "password changed"}, "password"),
        ({"because": "app removed"}, "app_removed"),
        ({"because": "role lost"}, "role_lost"),
        ({"because": "permission removed"}, "permission_removed"),
        ({"data_access_ends_in": -60}, "data_access"),
        ({"refuse": {"code": 190, "subcode": 459}}, "checkpoint"),
        ({"refuse": {"code": 190, "subcode": 464}}, "unconfirmed"),
        ({"refuse": {"code": 190, "subcode": 466}}, "ended"),
        ({"refuse": {"code": 190, "subcode": 467}}, "logged_out"),
        ({"refuse": {"code": 102}}, "logged_out"),
        ({"refuse": {"code": 190}}, "unknown"),
    ],
    ids=str,
)
def test_each_cause_made_in_the_sandbox_is_named_by_the_call_that_met_it(world, token, sandbox, happens, code):
    look_up(world, world.page, "12345123")
    assert autopsy(token) is None
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, **happens})

    look_up(world, world.page, "77001234567")

    found = autopsy(token)
    assert found.cause.code == code
    assert found.last_good < found.first_bad
    assert (found.held, found.others_work) == (1, False)


@pytest.mark.parametrize("happens", [{"because": "role lost"}, {"because": "password changed"}], ids=str)
def test_the_check_alone_finds_the_cause_too(world, token, sandbox, happens):
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, **happens})

    checking.check(resolver.graph_client(), token.pk, now=timezone.now())

    assert autopsy(token).cause.code == {"role lost": "role_lost", "password changed": "password"}[happens["because"]]


def test_a_secret_that_was_reset_is_named_at_the_app_and_at_its_pages(world, token, sandbox):
    sandbox.control("secrets", {"app": world.app.graph_id})
    app_s = world.app.tokens.get()

    for one in (token, app_s):
        checking.check(resolver.graph_client(), one.pk, now=timezone.now())
        assert autopsy(one).cause.code == "secret_reset"
        assert autopsy(one).first_bad


def test_the_links_that_age_are_those_that_only_its_own_ids_confirm(world, token, sandbox):
    for value in ("12345123", "77001234567"):
        look_up(world, world.page, value)
    other = Page.objects.select_related("business", "managed_by").get(name="John's Fan Club")
    look_up(world, other, "88001234567")
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "because": "password changed"})
    checking.check(resolver.graph_client(), token.pk, now=timezone.now())

    found = autopsy(token)

    own = [match for match in Match.objects.all() if match.source.asset_id == world.page.pk]
    assert set(hurt_links(world.page)) == set(own) != set(Match.objects.all())
    assert (found.links, found.scoped_ids) == (len(own), 2)


def test_nothing_suffers_where_another_token_works(world, token, sandbox):
    look_up(world, world.page, "12345123")
    token.last_check.mark_refused(because="gone", at=timezone.now(), code=190, subcode=458)
    make_token(world.page, page_token(default_world(), world.page.graph_id))

    found = autopsy(token)

    assert found.others_work
    assert (found.held, found.links) == (0, 0)


def test_dates_tell_where_graph_s_words_do_not(token):
    token.last_check.mark_refused(because="The session is invalid.", at=timezone.now(), code=190)
    assert autopsy(token).cause.code == "unknown"

    TokenCheck.objects.filter(pk=token.pk).update(data_access_ends_at=timezone.now() - timedelta(days=1))
    assert autopsy(token).cause.code == "data_access"
