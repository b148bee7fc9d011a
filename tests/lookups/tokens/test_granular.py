"""A permission granted for other Pages is told on *Token health* and in preflight, before a lookup meets it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Role
from lookups.asking import resolver
from lookups.graph import TokenReport
from lookups.graph.tokens import read_report
from lookups.tokens.checking import check
from lookups.tokens.obstacles import Colour
from lookups.tokens.preflight import call_between, readiness_of
from tests.lookups.asking.single import ask, resolve
from tests.pages import member, text_of

FOR_OTHERS = "pages_messaging was granted for other Pages, not for this one"


@pytest.fixture
def told(world, sandbox):
    """Lets the Page's token be checked under a setting of the switch; gives what preflight says of a call."""

    def of(setting: str):
        sandbox.control("switches", {"granular_scopes": setting})
        check(resolver.graph_client(), AccessToken.objects.get(asset=world.page).pk, now=timezone.now())
        ready = readiness_of([world.page, world.app], timezone.now())
        return call_between(ready[world.page], ready[world.app])

    return of


def test_a_page_that_the_permission_was_not_granted_for_is_red_and_named(world, told):
    call = told("another")

    assert call.colour == Colour.RED
    assert FOR_OTHERS in " ".join(reason.text for reason in call.reasons)
    page = text_of(member(world.page.business, Role.VIEWER).get(reverse("admin:businesses_accesstoken_health")))
    assert FOR_OTHERS in page
    assert "grant it for this very Page" in page
    assert resolve(ask(world, world.page, "12345123")).apps_outcome == "not_visible", "and so Graph says"


@pytest.mark.parametrize("setting", ["named", "unnamed", "left_out"])
def test_a_permission_for_this_page_or_for_all_is_well(world, told, setting):
    call = told(setting)

    assert FOR_OTHERS not in " ".join(reason.text for reason in call.reasons)
    assert call.colour != Colour.RED
    assert resolve(ask(world, world.page, "12345123")).apps_outcome == "linked"


@pytest.mark.parametrize(
    ("granular", "granted"),
    [
        (None, True), ("x", True), ([None, "x", {}], True), ([{"scope": "pages_messaging"}], True),
        ([{"scope": "pages_messaging", "target_ids": []}], True),
        ([{"scope": "pages_messaging", "target_ids": ["7", 8]}], True),
        ([{"scope": "pages_messaging", "target_ids": [7]}], True),
        ([{"scope": "pages_messaging", "target_ids": ["8"]}], False),
        ([{"scope": "pages_show_list", "target_ids": ["8"]}], True),
        ([{"scope": ["x"], "target_ids": {"7": 1}}], True),
    ],
)  # fmt: skip
def test_whatever_granular_scopes_hold_only_other_ids_take_the_permission_away(granular, granted):
    facts = {"is_valid": True, "scopes": ["pages_messaging"], "granular_scopes": granular}
    report: TokenReport = read_report({"data": facts})

    assert report.is_granted("pages_messaging", "7") == granted
    assert not report.is_granted("pages_show_list", "7")
