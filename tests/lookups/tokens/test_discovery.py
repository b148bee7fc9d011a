"""With a token pasted once idlink reads what a business has, and adds what was chosen; through the real sandbox."""

import pytest
from django.utils import timezone

from businesses.credentials import credential_for
from businesses.models import AccessToken, Business, FacebookApp, Page
from businesses.secrets import unseal
from lookups.asking import resolver
from lookups.graph import GraphError, Listed
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token, user_token
from lookups.tokens import discovery
from lookups.tokens.discovery import Found, Place, Relation, Told

pytestmark = [pytest.mark.django_db, pytest.mark.database]

JOHNS, NORTH = "112233445566778", "223344556677889"
MOVIE_APP, NEXT_PAGE, FAN_PAGE, HELP_PAGE = "259773517400382", "380374449010653", "380374449010777", "380374449010888"


@pytest.fixture
def johns(world) -> Business:
    return Business.objects.get(graph_id=JOHNS)


def system_token_of(sandbox, graph_id: str) -> str:
    return next(one["system_token"] for one in sandbox.world["businesses"] if one["id"] == graph_id)


def forget(*models_and_keys) -> None:
    """Take apps and Pages away, as if nobody had typed them in."""
    for model, column, key in models_and_keys:
        one = model.objects.get(**{column: key})
        if model is FacebookApp:
            Page.objects.filter(managed_by=one).update(managed_by=None)
        one.tokens.all().delete()
        one.delete()


def read(business: Business, token: str) -> tuple[Told, dict[str, Found]]:
    told = discovery.read(resolver.graph_client(), business, token)
    return told, {one.id: one for one in discovery.found_in(told, business)}


def test_all_that_a_business_owns_is_read_and_what_stands_here_is_told(sandbox, johns):
    forget((Page, "page_id", HELP_PAGE))

    told, found = read(johns, system_token_of(sandbox, JOHNS))

    assert (told.me, told.troubles) == ("System user", [])
    assert {one.name for one in found.values() if one.kind == "app"} == {
        "JohnsMovieApp", "John's Game App", "John's Instant Quiz",
    }  # fmt: skip
    assert {one.relation for one in found.values()} == {Relation.OWNED}
    assert found[MOVIE_APP].place == Place.HERE
    assert not found[MOVIE_APP].may_be_added
    assert found[HELP_PAGE].place == Place.NEW
    assert found[HELP_PAGE].may_be_added


def test_what_is_only_shared_is_shown_and_cannot_be_added(sandbox, johns):
    north = Business.objects.get(graph_id=NORTH)
    forget((Page, "page_id", FAN_PAGE))

    told, found = read(north, system_token_of(sandbox, NORTH))
    added = discovery.add(told, north, [f"page:{FAN_PAGE}"], tokens=True, by=None)

    assert (found[FAN_PAGE].relation, found[FAN_PAGE].place) == (Relation.CLIENT, Place.NEW)
    assert not found[FAN_PAGE].may_be_added
    assert (added.apps, added.pages, added.tokens) == (0, 0, ())
    assert not Page.objects.filter(page_id=FAN_PAGE).exists()


def test_what_stands_under_another_business_here_is_not_named_with_it(sandbox, johns):
    north = Business.objects.get(graph_id=NORTH)

    told, found = read(north, system_token_of(sandbox, NORTH))

    assert found[FAN_PAGE].place == Place.TAKEN
    assert "John" not in found[FAN_PAGE].place.label
    assert discovery.add(told, north, [one.key for one in found.values()], tokens=False, by=None).pages == 0


def test_chosen_ones_are_added_with_the_tokens_that_came_along(sandbox, johns, world):
    forget((Page, "page_id", FAN_PAGE), (Page, "page_id", NEXT_PAGE))

    told, found = read(johns, system_token_of(sandbox, JOHNS))
    added = discovery.add(told, johns, [f"page:{FAN_PAGE}"], tokens=True, by=world.user.pk)

    assert told.maker == FacebookApp.objects.get(app_id=MOVIE_APP)
    assert found[FAN_PAGE].token_fits
    assert (added.apps, added.pages, len(added.tokens)) == (0, 1, 1)
    page = Page.objects.get(page_id=FAN_PAGE)
    assert (page.name, page.managed_by, page.found_in_answer) == ("John's Fan Club", told.maker, False)
    token = AccessToken.objects.get(page=page)
    assert (token.pk, token.created_by) == (added.tokens[0], world.user)
    assert unseal(token.sealed_value, bound_to=token.seal_name) == page_token(default_world(), FAN_PAGE, MOVIE_APP)
    assert credential_for(page).token_pk == token.pk
    assert not Page.objects.filter(page_id=NEXT_PAGE).exists(), "it was not ticked"


def test_tokens_are_left_alone_unless_wanted(sandbox, johns):
    forget((Page, "page_id", FAN_PAGE))

    told, _ = read(johns, system_token_of(sandbox, JOHNS))
    added = discovery.add(told, johns, [f"page:{FAN_PAGE}"], tokens=False, by=None)

    assert (added.pages, added.tokens) == (1, ())
    assert not AccessToken.objects.filter(page__page_id=FAN_PAGE).exists()


def test_a_token_made_by_another_app_than_the_managing_one_is_not_stored(sandbox, johns):
    """HELP_PAGE is managed by the game; the system user's token, so all that come with it, are the movie app's."""
    told, found = read(johns, system_token_of(sandbox, JOHNS))
    added = discovery.add(told, johns, [f"page:{HELP_PAGE}"], tokens=True, by=None)

    assert not found[HELP_PAGE].token_fits
    assert found[HELP_PAGE].why_no_token == "it is made by “JohnsMovieApp”, but “John's Game App” manages the Page"
    assert added.tokens == ()


def test_without_the_making_app_and_its_secret_no_tokens_are_offered(sandbox, johns):
    FacebookApp.objects.filter(app_id=MOVIE_APP).update(sealed_secret="")
    AccessToken.objects.filter(page__page_id=NEXT_PAGE).delete()

    told, found = read(johns, system_token_of(sandbox, JOHNS))

    assert told.maker is None
    assert "can't be told" in found[NEXT_PAGE].why_no_token
    assert len(found) == 6, "what there is is told all the same"


def test_a_page_without_a_managing_app_gets_the_one_that_made_its_token(sandbox, johns):
    AccessToken.objects.filter(page__page_id=NEXT_PAGE).delete()
    Page.objects.filter(page_id=NEXT_PAGE).update(managed_by=None)

    told, _ = read(johns, system_token_of(sandbox, JOHNS))
    added = discovery.add(told, johns, [f"page:{NEXT_PAGE}"], tokens=True, by=None)

    assert (added.pages, len(added.tokens)) == (0, 1)
    assert Page.objects.get(page_id=NEXT_PAGE).managed_by == told.maker


def test_the_same_token_is_not_stored_twice(sandbox, johns):
    told, found = read(johns, system_token_of(sandbox, JOHNS))

    assert found[NEXT_PAGE].why_no_token == "this very one is stored already"
    assert discovery.add(told, johns, [f"page:{NEXT_PAGE}"], tokens=True, by=None).tokens == ()


def test_only_what_graph_told_can_be_added(sandbox, johns):
    told, _ = read(johns, system_token_of(sandbox, JOHNS))

    added = discovery.add(told, johns, ["app:666", "page:667", "nonsense", ""], tokens=True, by=None)

    assert (added.apps, added.pages) == (0, 0)


def test_another_businesss_token_shows_nothing_of_this_one(sandbox, johns):
    forget((Page, "page_id", FAN_PAGE))

    told, found = read(johns, system_token_of(sandbox, NORTH))

    assert len(told.troubles) == 4
    assert all(not one.may_be_added for one in found.values())


def test_a_users_token_without_the_permission_says_so(sandbox, johns, world):
    token = user_token(default_world(), MOVIE_APP, "645195294", timezone.now().timestamp())

    told, found = read(johns, token)

    assert found == {}
    assert len(told.troubles) == 4
    assert all("business_management" in one for one in told.troubles)


def test_a_token_that_is_none_is_an_error(johns):
    with pytest.raises(GraphError):
        discovery.read(resolver.graph_client(), johns, "EAAgarbage")


def test_long_lists_are_read_to_their_end_by_cursor(sandbox, johns, monkeypatch):
    monkeypatch.setattr("lookups.graph.discovery.PAGE_SIZE", 1)

    told, _ = read(johns, system_token_of(sandbox, JOHNS))

    assert [len(told.owned["app"]), len(told.owned["page"]), len(told.accounts)] == [3, 3, 3]
    assert sum("owned_apps" in one["path"] for one in sandbox.journal()) == 3


def test_lists_without_end_and_slow_ones_are_given_up(sandbox, johns, monkeypatch):
    monkeypatch.setattr("lookups.graph.discovery.PAGE_SIZE", 1)
    monkeypatch.setattr("lookups.graph.discovery.MOST_PAGES", 2)
    assert "owned apps: Graph's list has no end." in read(johns, system_token_of(sandbox, JOHNS))[0].troubles

    monkeypatch.setattr("lookups.tokens.discovery.MOST_SECONDS", -1)
    assert read(johns, system_token_of(sandbox, JOHNS))[0].troubles[0].endswith("Graph took too long to tell all.")


def test_calls_are_signed_where_the_apps_demand_it(start_sandbox, settings, world, johns):
    strict = start_sandbox("--switch=require_app_secret=on")
    settings.IDLINK_GRAPH_URL = strict.url
    resolver.graph_client.cache_clear()

    told, found = read(johns, system_token_of(strict, JOHNS))

    assert told.troubles == []
    assert len(found) == 6


def test_no_repr_tells_a_token():
    told = Told(accounts=[Listed("1", "x", "canary-token")])

    assert "canary" not in repr(told)
