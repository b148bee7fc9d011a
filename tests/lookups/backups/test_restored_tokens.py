"""A token that came back with a backup is used again only once Graph has told that it works."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.credentials import Choice, choice_for
from businesses.models import AccessToken, Asset, FacebookApp, Problem, TokenCheck
from lookups.asking.resolver import graph_client
from lookups.backups.standstill import stand_still
from lookups.tokens import checking
from lookups.tokens.due_checks import tokens_to_check
from lookups.tokens.health import Level, health_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(world) -> AccessToken:
    """That of the Page, restored."""
    stand_still(timezone.now() - timedelta(days=1), timezone.now())
    return AccessToken.objects.get(asset=world.page)


def check(token: AccessToken) -> AccessToken:
    assert token.pk in tokens_to_check(timezone.now())
    checking.check(graph_client(), token.pk, now=timezone.now())
    token.refresh_from_db()
    return token


def health(token: AccessToken):
    return health_of(token, timezone.now())


def test_one_that_works_is_used_again_after_its_check(token, world):
    assert (health(token).level, health(token).code) == (Level.UNKNOWN, "restored")
    assert not health(token).needs_somebody

    check(token)

    assert (token.last_check.problem, token.last_check.proven_at is None) == ("", False)
    assert isinstance(choice_for(world.page), Choice)


def test_one_that_was_revoked_since_is_never_used(token, world, sandbox):
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "because": "password changed"})

    check(token)

    assert token.last_check.is_dead
    assert token.last_check.refused_at is not None
    assert not isinstance(choice_for(world.page), Choice)


def test_while_graph_is_away_it_stays_out_of_use_and_is_tried_again(token, world, sandbox):
    sandbox.control("rules", [{"match": {}, "action": {"error": {"code": 2, "status": 500}}}])

    check(token)

    assert token.last_check.problem == Problem.RESTORED
    assert not isinstance(choice_for(world.page), Choice)
    assert "is tried again by itself" in health(token).words
    later = timezone.now() + timedelta(minutes=10)
    assert token.pk in tokens_to_check(later)


def test_if_it_can_not_be_checked_it_stays_out_of_use_and_says_why(token, world):
    Asset.objects.update(managed_by=None)

    check(token)

    assert token.last_check.problem == Problem.RESTORED
    assert "No app is set as the one that manages the Page" in health(token).words
    assert health(token).needs_somebody


def test_a_secret_that_was_reset_since_does_not_bring_it_back_unchecked(token, world, sandbox):
    AccessToken.objects.exclude(pk=token.pk).delete()  # another token of the app could ask in place of its secret
    app = FacebookApp.objects.get(pk=world.page.managed_by.pk)
    right = sandbox.asset("John's Next Great Thing")["secret"]
    app.set_secret("0" * 32)
    check(token)
    assert token.last_check.problem == Problem.RESTORED
    assert "the secret stored for the app" in token.last_check.problem_text

    app.set_secret(right)

    assert not isinstance(choice_for(world.page), Choice), "the new secret alone proves nothing"
    TokenCheck.objects.update(check_tried_at=None)
    check(token)
    assert isinstance(choice_for(world.page), Choice)


def test_the_newest_of_two_that_work_is_used(token, world):
    older = AccessToken.objects.get(pk=token.pk)
    newer = AccessToken(business=older.business, asset=older.asset)
    newer.set_value("no-such-token")
    newer.save()
    stand_still(timezone.now(), timezone.now())

    for one in (newer, older):
        checking.check(graph_client(), one.pk, now=timezone.now())

    used = choice_for(world.page)
    assert isinstance(used, Choice)
    assert used.token_pk == older.pk, "what was never shown to work does not take over"
