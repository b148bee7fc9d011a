"""The road under every setting of the sandbox's switches: wherever Graph may differ, idlink works."""

from dataclasses import fields
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from businesses.models import FacebookApp, Page
from lookups.asking import probes, resolver, starting
from lookups.models import Conflict, Lane, Lookup, Person, PolicyReview
from lookups.sandbox.api.switches import Switches
from tests.lookups.conftest import stored_world
from tests.makers import make_user

PSID, ASID, GAME_ASID = "12345123", "645195294", "10152368852405295"
PAGE, MOVIE_APP, GAME_APP = "380374449010653", "259773517400382", "1419232575008550"
JOHN = {(PAGE, PSID), (MOVIE_APP, ASID), (GAME_APP, GAME_ASID)}

# Every setting that is not the default.
SETTINGS = [
    "proof_for_psid_to_pages=off", "proof_for_asid_to_apps=on", "proof_for_combined_asid=on", "require_app_secret=on",
    "header_token_first=on", "token_status=401", "token_status=403", "review_status=400",
    "not_installed_is_an_error=on", "reviewed_edges=ids_for_apps", "reviewed_edges=ids_for_pages",
    "reviewed_edges=node", "own_page_among_rows=off", "asids_give_pages=off",
    "leave_out_empty_edges=off", "shuffle_rows=on", "page_size=1", "most_rows=1", "guides_page_filter=off",
    "foreign_filter_is_an_error=on", "bad_ids_are_left_out=on", "version_needed=on", "future_version_is_an_error=off",
    "usage_of_psids=pages", "age_range_field=off", "payment_field=off", "only_approved_apps_see_rows=on",
    "profile_of_psids=left_out", "profile_of_psids=unknown", "profile_of_psids=no_profile",
    "profile_of_psids=no_permission", "permitted_fields=off", "foreign_tokens_are_named=on",
    "usage_headers=outer", "usage_headers=items", "usage_headers=none", "use_case_2=managing",
    "use_case_2=managing_or_refused", "asked_version_has_ended=on", "granular_scopes=unnamed",
    "granular_scopes=left_out", "granular_scopes=another",
]  # fmt: skip
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
REVIEWS = [one for one in SETTINGS if one.startswith("review")]

pytestmark = pytest.mark.django_db


@pytest.fixture
def under(sandbox, settings):
    """Turn a switch of the sandbox, which is as new for each test, and store its world."""
    settings.IDLINK_GRAPH_URL = sandbox.url
    resolver.graph_client.cache_clear()

    def turn(setting: str):
        stored_world(sandbox, make_user("seeder"))
        usual = sandbox.read("switches")
        name, _, value = setting.partition("=")
        assert sandbox.control("switches", {name: value}) != usual
        return sandbox

    yield turn
    resolver.graph_client.cache_clear()


def ask_all_about_john() -> list[Lookup]:
    user = make_user("asker", superuser=True)
    for asset, value in [(page(PAGE), PSID), (app(MOVIE_APP), ASID), (app(GAME_APP), GAME_ASID)]:
        starting.ask_about(asset=asset, value=value, by=user, now=timezone.now())
        resolve()
    return list(Lookup.objects.filter(question="links"))


def resolve() -> None:
    for lane in Lane.values:
        while resolver.resolve_turn(lane, at_once=1, most=1):
            pass


def app(app_id: str) -> FacebookApp:
    return FacebookApp.objects.select_related("business").get(graph_id=app_id)


def page(page_id: str) -> Page:
    return Page.objects.select_related("business", "managed_by").get(graph_id=page_id)


def persons() -> set[frozenset[tuple[str, str]]]:
    told = (frozenset((row.asset.graph_id, row.value) for row in person.scoped_ids.all()) for person in people())
    return {ids for ids in told if ids}


def people() -> list[Person]:
    return list(Person.objects.prefetch_related("scoped_ids__asset"))


@pytest.mark.parametrize("setting", SETTINGS)
def test_john_is_one_person_under_every_setting(under, setting):
    under(setting)

    lookups = ask_all_about_john()

    assert [lookup.state for lookup in lookups] == ["done"] * 3
    if setting == "only_approved_apps_see_rows=on":
        assert {(lookup.apps_outcome, lookup.pages_outcome) for lookup in lookups} == {("none", "none")}
        assert persons() == {frozenset({one}) for one in JOHN}
    elif setting == "granular_scopes=another":  # the Page may not ask; what the apps may ask finds all of him
        assert [lookup.apps_outcome for lookup in reversed(lookups)] == ["not_visible", "linked", "linked"]
        assert persons() == {frozenset(JOHN)}
    else:
        assert {lookup.apps_outcome for lookup in lookups} == {"linked"}
        assert persons() == {frozenset(JOHN)}


@pytest.mark.parametrize("setting", ["use_case_2=managing", "use_case_2=managing_or_refused"])
def test_a_page_that_its_apps_alone_may_name_is_no_conflict(under, setting):
    under(setting)

    lookups = ask_all_about_john()

    assert [lookup.pages_outcome for lookup in lookups] == ["none", "linked", "none"]
    assert not Conflict.objects.exists()


@pytest.mark.parametrize("setting", REVIEWS)
def test_a_review_of_any_form_holds_the_business_and_is_released(under, setting):
    sandbox = under(setting)
    business = page(PAGE).business
    sandbox.control("reviews", {"business": business.graph_id, "under_review": True})
    starting.ask_about(asset=page(PAGE), value=PSID, by=make_user("asker", superuser=True), now=timezone.now())
    resolve()

    lookup = Lookup.objects.get(question="links")
    review = PolicyReview.objects.get(business=business)
    assert (lookup.state, review.closed_at) == ("held", None)

    sandbox.control("reviews", {"business": business.graph_id, "under_review": False})
    PolicyReview.objects.update(last_answer_at=LONG_AGO, next_probe_at=LONG_AGO)
    assert probes.send_probe(PolicyReview.objects.get(), now=timezone.now())
    resolve()

    lookup.refresh_from_db()
    review.refresh_from_db()
    assert (lookup.apps_outcome, lookup.pages_outcome) == ("linked", "none")
    assert review.closed_at is not None


def test_every_switch_is_tried_in_its_other_setting():
    """A switch nobody tries is a way Graph may differ that nobody has looked at."""
    assert {setting.partition("=")[0] for setting in SETTINGS} == {one.name for one in fields(Switches)}
