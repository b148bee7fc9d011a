"""With a token pasted once idlink reads what a business has, and adds what was chosen; through the real sandbox."""

import pytest
from django.utils import timezone

from businesses.credentials import choice_for
from businesses.models import AccessToken, AppSecret, Asset, AssetKind, Business, FoundBy, Ownership
from businesses.secrets import unseal
from lookups.asking import resolver
from lookups.graph import GraphError, ListedAsset
from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.tokens import page_token, user_token
from lookups.tokens.adding import add_chosen
from lookups.tokens.candidates import Candidate, candidates_in
from lookups.tokens.discovery import AssetsSeen, Relation, assets_seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.orm]

JOHNS, NORTH = "112233445566778", "223344556677889"
MOVIE_APP, NEXT_PAGE, FAN_PAGE, HELP_PAGE = "259773517400382", "380374449010653", "380374449010777", "380374449010888"


@pytest.fixture
def johns(world) -> Business:
    return Business.objects.get(graph_id=JOHNS)


def system_token_of(sandbox, graph_id: str) -> str:
    return next(one["system_token"] for one in sandbox.world["businesses"] if one["id"] == graph_id)


def forget(*graph_ids: str) -> None:
    """Take apps and Pages away, as if nobody had typed them in."""
    for graph_id in graph_ids:
        asset = Asset.objects.get(graph_id=graph_id)
        asset.managed_pages.update(managed_by=None)
        asset.tokens.all().delete()
        asset.delete()


def read(business: Business, token: str) -> tuple[AssetsSeen, dict[str, Candidate]]:
    seen = assets_seen_by(resolver.graph_client(), business, token)
    return seen, {one.graph_id: one for one in candidates_in(seen, business)}


def test_all_that_a_business_owns_is_read_and_what_stands_here_is_told(sandbox, johns):
    forget(HELP_PAGE)

    seen, found = read(johns, system_token_of(sandbox, JOHNS))

    assert (seen.me, seen.troubles) == ("System user", [])
    assert {one.name for one in found.values() if one.kind == AssetKind.APP} == {
        "JohnsMovieApp", "John's Game App", "John's Instant Quiz",
    }  # fmt: skip
    assert {one.relation for one in found.values()} == {Relation.OWNED}
    assert found[MOVIE_APP].is_here
    assert not found[MOVIE_APP].may_be_added
    assert not found[HELP_PAGE].is_here
    assert found[HELP_PAGE].may_be_added


def test_what_is_only_shared_is_shown_and_cannot_be_added(sandbox, johns):
    north = Business.objects.get(graph_id=NORTH)
    forget(FAN_PAGE)

    seen, found = read(north, system_token_of(sandbox, NORTH))
    added = add_chosen(seen, north, [FAN_PAGE], tokens=True, by=None)

    assert (found[FAN_PAGE].relation, found[FAN_PAGE].is_here) == (Relation.CLIENT, False)
    assert not found[FAN_PAGE].may_be_added
    assert (added.apps, added.pages, added.tokens) == (0, 0, ())
    assert not Asset.objects.filter(graph_id=FAN_PAGE).exists()


def test_of_what_stands_under_another_business_here_nothing_is_told(sandbox, johns):
    north = Business.objects.get(graph_id=NORTH)

    seen, found = read(north, system_token_of(sandbox, NORTH))

    assert Asset.objects.get(graph_id=FAN_PAGE).business == johns
    assert (found[FAN_PAGE].is_here, found[FAN_PAGE].relation) == (False, Relation.CLIENT)
    assert add_chosen(seen, north, list(found), tokens=False, by=None).pages == 0


def test_what_another_business_only_claims_can_be_added_by_its_owner(sandbox, johns):
    forget(HELP_PAGE)
    north = Business.objects.get(graph_id=NORTH)
    Asset.objects.create(business=north, kind=AssetKind.PAGE, graph_id=HELP_PAGE, name="typed in by mistake")

    seen, found = read(johns, system_token_of(sandbox, JOHNS))
    added = add_chosen(seen, johns, [HELP_PAGE], tokens=False, by=None)

    assert found[HELP_PAGE].may_be_added
    assert added.pages == 1
    assert set(Asset.objects.filter(graph_id=HELP_PAGE).values_list("business", "ownership")) == {
        (johns.pk, Ownership.UNKNOWN), (north.pk, Ownership.UNKNOWN),
    }  # fmt: skip


def test_chosen_ones_are_added_with_the_tokens_that_came_along(sandbox, johns, world):
    forget(FAN_PAGE, NEXT_PAGE)

    seen, found = read(johns, system_token_of(sandbox, JOHNS))
    added = add_chosen(seen, johns, [FAN_PAGE], tokens=True, by=world.user.pk)

    assert seen.maker == Asset.objects.get(graph_id=MOVIE_APP)
    assert found[FAN_PAGE].token_fits
    assert (added.apps, added.pages, len(added.tokens)) == (0, 1, 1)
    page = Asset.objects.get(graph_id=FAN_PAGE)
    assert (page.name, page.managed_by, page.found_by) == ("John's Fan Club", seen.maker, FoundBy.LIST)
    token = AccessToken.objects.get(asset=page)
    assert (token.pk, token.created_by) == (added.tokens[0], world.user)
    assert unseal(token.sealed_value, bound_to=token.seal_name) == page_token(default_world(), FAN_PAGE, MOVIE_APP)
    assert choice_for(page).token_pk == token.pk
    assert not Asset.objects.filter(graph_id=NEXT_PAGE).exists(), "it was not ticked"


def test_what_graph_tells_of_an_added_one_is_kept(sandbox, johns):
    told = default_world().assets[FAN_PAGE].object
    forget(FAN_PAGE)

    seen, _ = read(johns, system_token_of(sandbox, JOHNS))
    add_chosen(seen, johns, [FAN_PAGE], tokens=False, by=None)

    page = Asset.objects.get(graph_id=FAN_PAGE)
    assert (page.category, page.link) == (told["category"], told["link"])
    assert page.category


def test_tokens_are_left_alone_unless_wanted(sandbox, johns):
    forget(FAN_PAGE)

    seen, _ = read(johns, system_token_of(sandbox, JOHNS))
    added = add_chosen(seen, johns, [FAN_PAGE], tokens=False, by=None)

    assert (added.pages, added.tokens) == (1, ())
    assert not AccessToken.objects.filter(asset__graph_id=FAN_PAGE).exists()


def test_a_token_made_by_another_app_than_the_managing_one_is_not_stored(sandbox, johns):
    """HELP_PAGE is managed by the game; the system user's token, so all that come with it, are the movie app's."""
    seen, found = read(johns, system_token_of(sandbox, JOHNS))
    added = add_chosen(seen, johns, [HELP_PAGE], tokens=True, by=None)

    assert not found[HELP_PAGE].token_fits
    assert found[HELP_PAGE].why_no_token == "it is made by “JohnsMovieApp”, but “John's Game App” manages the Page"
    assert added.tokens == ()


def test_without_the_making_app_and_its_secret_no_tokens_are_offered(sandbox, johns):
    AppSecret.objects.filter(app__graph_id=MOVIE_APP).delete()
    AccessToken.objects.filter(asset__graph_id=NEXT_PAGE).delete()

    seen, found = read(johns, system_token_of(sandbox, JOHNS))

    assert seen.maker is None
    assert "can't be told" in found[NEXT_PAGE].why_no_token
    assert len(found) == 6, "what there is is told all the same"


def test_a_page_without_a_managing_app_gets_the_one_that_made_its_token(sandbox, johns):
    AccessToken.objects.filter(asset__graph_id=NEXT_PAGE).delete()
    Asset.objects.filter(graph_id=NEXT_PAGE).update(managed_by=None)

    seen, _ = read(johns, system_token_of(sandbox, JOHNS))
    added = add_chosen(seen, johns, [NEXT_PAGE], tokens=True, by=None)

    assert (added.pages, len(added.tokens)) == (0, 1)
    assert Asset.objects.get(graph_id=NEXT_PAGE).managed_by == seen.maker


def test_the_same_token_is_not_stored_twice(sandbox, johns):
    seen, found = read(johns, system_token_of(sandbox, JOHNS))

    assert found[NEXT_PAGE].why_no_token == "this very one is stored already"
    assert add_chosen(seen, johns, [NEXT_PAGE], tokens=True, by=None).tokens == ()


def test_only_what_graph_told_can_be_added(sandbox, johns):
    seen, _ = read(johns, system_token_of(sandbox, JOHNS))

    added = add_chosen(seen, johns, ["666", "667", "nonsense", ""], tokens=True, by=None)

    assert (added.apps, added.pages) == (0, 0)


def test_another_businesss_token_shows_nothing_of_this_one(sandbox, johns):
    forget(FAN_PAGE)

    seen, found = read(johns, system_token_of(sandbox, NORTH))

    assert len(seen.troubles) == 4
    assert all(not one.may_be_added for one in found.values())


def test_a_users_token_without_the_permission_says_so(sandbox, johns, world):
    token = user_token(default_world(), MOVIE_APP, "645195294", timezone.now().timestamp())

    seen, found = read(johns, token)

    assert found == {}
    assert len(seen.troubles) == 4
    assert all("business_management" in one for one in seen.troubles)


def test_a_token_that_is_none_is_an_error(johns):
    with pytest.raises(GraphError):
        assets_seen_by(resolver.graph_client(), johns, "EAAgarbage")


def test_long_lists_are_read_to_their_end_by_cursor(sandbox, johns, monkeypatch):
    monkeypatch.setattr("lookups.graph.discovery.PAGE_SIZE", 1)

    seen, _ = read(johns, system_token_of(sandbox, JOHNS))

    assert [len(seen.owned[AssetKind.APP]), len(seen.owned[AssetKind.PAGE]), len(seen.accounts)] == [3, 3, 3]
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

    seen, found = read(johns, system_token_of(strict, JOHNS))

    assert seen.troubles == []
    assert len(found) == 6


def test_no_repr_tells_a_token():
    seen = AssetsSeen(accounts=[ListedAsset("1", "x", "canary-token")])

    assert "canary" not in repr(seen)
