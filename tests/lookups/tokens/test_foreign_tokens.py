"""A token of another business that was saved for a Page is called what it is, and nobody's secret is doubted for it."""

import pytest
from django.utils import timezone

from businesses.models import AccessToken, Problem, Role, TokenCheck
from lookups import tasks
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import HeldFor, State
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token
from lookups.tokens import checking
from lookups.tokens.autopsy import autopsy_of
from tests.lookups.people_of_johns import PSID
from tests.makers import make_token
from tests.pages import member, text_of

pytestmark = pytest.mark.django_db


def check_all() -> None:
    for token in AccessToken.objects.all():
        checking.check(resolver.graph_client(), token.pk, now=timezone.now())


def work_off() -> None:
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass


@pytest.fixture
def foreign(world) -> AccessToken:
    """A token that an app of another business made for a Page of its own."""
    ours = {page.graph_id for page in world.page.business.assets.pages()}
    theirs = next(one for one in default_world().assets.values() if one.kind == "page" and one.id not in ours)
    world.page.tokens.all().delete()
    return make_token(world.page, page_token(default_world(), theirs.id))


def test_a_token_of_another_business_is_called_that_once_graph_has_refused_its_signature(world, foreign):
    check_all()
    assert "Most likely another app made it." in TokenCheck.objects.get(token=foreign).problem_text
    lookup = ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()

    check_all()

    check = TokenCheck.objects.get(token=foreign)
    lookup.refresh_from_db()
    assert (check.problem, check.refused_at) == (Problem.WRONG_APP, None)
    assert f"It was made by another app, not by “{world.page.managed_by}”" in check.problem_text
    assert autopsy_of(AccessToken.objects.get(pk=foreign.pk), timezone.now()) is None, "no cause such as a reset secret"
    assert (lookup.state, lookup.held_for) == (State.HELD, HeldFor.TOKEN)
    shown = text_of(member(world.page.business, Role.STAFF).get(lookup.address))
    assert "Held: token unusable." in shown
    assert "It was made by another app" in shown
    assert "app's present secret" not in shown
    assert "probably reset" not in shown


def test_the_app_s_other_tokens_are_not_doubted_for_it(world, foreign):
    ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()

    check_all()

    others = TokenCheck.objects.filter(business=world.page.business).exclude(token=foreign)
    assert set(others.values_list("problem", flat=True)) == {""}


def test_lookups_that_waited_go_on_with_the_right_token(world, foreign, settings):
    (settings.VAR_DIR / "broker" / "queue").mkdir(parents=True, exist_ok=True)
    lookup = ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
    work_off()
    check_all()

    right = make_token(world.page, page_token(default_world(), world.page.graph_id))
    tasks.check_token(right.pk)

    work_off()
    lookup.refresh_from_db()
    assert (lookup.state, lookup.apps_outcome) == (State.DONE, "linked")
