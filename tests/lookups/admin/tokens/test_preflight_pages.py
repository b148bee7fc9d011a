"""Preflight as its users meet it: the grid, a cell's causes, one test call; for a business and for one person."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Business, FacebookApp, Page, Role
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import Lookup, Run, ScopedID
from lookups.tokens import checking, owners
from tests.lookups.admin.searched import search_address
from tests.makers import make_app, make_business, make_page, make_token, make_user
from tests.pages import member, text_of

PSID = "12345123"


@pytest.fixture
def ready(world):
    """Tokens checked, owners known, one person asked about."""
    client, now = resolver.graph_client(), timezone.now()
    for token in AccessToken.objects.all():
        checking.check(client, token.pk, now=now)
        owners.ask_owner_by_token(client, token.pk, now=now, by_hand=True)
    ask_about(asset=world.page, value=PSID, by=world.user, now=now)
    while resolver.resolve_turn("staff", at_once=1, most=1):
        pass
    return world


def staff_of(business: Business) -> Client:
    client = Client()
    client.force_login(make_user(f"staff of {business}", business, role=Role.STAFF))
    return client


def grid_of(business: Business, **query: object) -> str:
    query_string = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse('admin:businesses_business_preflight', args=[business.pk])}?{query_string}"


def call_address(world) -> str:
    return reverse("admin:businesses_business_testcall", args=[world.page.business_id])


def labels(response) -> list[str]:
    return re.findall(r'aria-label="((?:Ready|Not sure|Can&#x27;t|Can\'t): [^"]*)"', response.content.decode())


def test_the_menus_entry_leads_to_the_only_business_or_offers_a_choice(world):
    business, other = world.page.business, world.lab_page.business
    start = reverse("admin:businesses_business_preflights")

    alone = staff_of(business).get(start)
    both = Client()
    both.force_login(make_user("both", business, other))

    assert alone.url == grid_of(business)[:-1]
    assert f"{business.name}" in text_of(both.get(start))
    assert f"{other.name}" in text_of(both.get(start))
    nobody = Client()
    nobody.force_login(make_user("nobody"))
    assert "not a member of any business" in text_of(nobody.get(start))


def test_each_cell_is_a_link_with_a_sign_and_a_word(ready):
    response = member(ready.page.business, Role.VIEWER).get(grid_of(ready.page.business))

    assert "Ready: from JohnsMovieApp to John&#x27;s Fan Club" in labels(response)
    assert "✓ Ready 30" in text_of(response)
    assert "itself" in text_of(response)
    assert response.content.decode().count('scope="col"') == 7
    assert response.content.decode().count('scope="row"') == 6


def test_a_cell_shows_its_causes_and_what_to_do(ready):
    AccessToken.objects.filter(asset=ready.page).delete()
    cell = f"{ready.page.pk},{ready.app.pk}"

    told = text_of(staff_of(ready.page.business).get(grid_of(ready.page.business, cell=cell)))

    assert "✕ Can't From “John's Next Great Thing” to “JohnsMovieApp”" in told
    assert "use case 1: the person's IDs in apps, asked with a PSID" in told
    assert "“John's Next Great Thing” has no page access token. What to do: Ask an admin to add one" in told
    assert "Test one call" not in told


def test_one_test_call_leads_to_its_lookup(ready):
    game = FacebookApp.objects.get(name="John's Game App")
    cell = f"{ready.page.pk},{game.pk}"
    client = staff_of(ready.page.business)
    page = client.get(grid_of(ready.page.business, cell=cell))
    assert "Test one call" in text_of(page)

    response = client.post(call_address(ready), {"source": ready.page.pk, "target": game.pk})

    lookup = Lookup.objects.first()
    assert response.url == lookup.address
    assert (lookup.run.kind, lookup.value, lookup.only) == (Run.Kind.TEST, PSID, game)


def test_a_viewer_tests_nothing(ready):
    client = member(ready.page.business, Role.VIEWER)
    cell = f"{ready.page.pk},{ready.app.pk}"

    assert "Test one call" not in text_of(client.get(grid_of(ready.page.business, cell=cell)))
    posted = client.post(call_address(ready), {"source": ready.page.pk, "target": ready.app.pk})
    assert posted.status_code == 404


def test_a_red_cell_and_one_without_a_known_id_are_not_tested(ready):
    AccessToken.objects.filter(asset=ready.page).delete()
    quiz = FacebookApp.objects.get(name="John's Instant Quiz")
    client, before = staff_of(ready.page.business), Lookup.objects.count()

    red = client.post(call_address(ready), {"source": ready.page.pk, "target": ready.app.pk}, follow=True)
    none = client.post(call_address(ready), {"source": quiz.pk, "target": ready.app.pk}, follow=True)

    assert "Not asked. “John's Next Great Thing” has no page access token" in text_of(red)
    assert "No ID of “John's Instant Quiz” is known here yet" in text_of(none)
    assert Lookup.objects.count() == before


@pytest.mark.parametrize("forged", [{}, {"source": "x", "target": "1"}, {"source": "0", "target": ""}])
def test_forged_ends_are_no_ends(ready, forged):
    assert staff_of(ready.page.business).post(call_address(ready), forged).status_code == 404


def test_anothers_app_is_no_end_either(ready):
    theirs = FacebookApp.objects.get(name="Quiet Lab Login")
    posted = {"source": ready.page.pk, "target": theirs.pk}

    assert staff_of(ready.page.business).post(call_address(ready), posted).status_code == 404


def add_apps_and_pages(business: Business, how_many: int) -> None:
    for number in range(how_many):
        app = make_app(business, f"App {number:02}")
        make_token(app)
        make_token(make_page(business, app, f"Page {number:02}"))


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_many_apps_and_pages_are_paged_filtered_and_take_no_more_queries(db):
    business, few = make_business(), make_business("Few")
    add_apps_and_pages(business, 60)
    add_apps_and_pages(few, 1)
    client = staff_of(business)

    assert queries_of(client, grid_of(business)) <= queries_of(staff_of(few), grid_of(few))
    response = client.get(grid_of(business))
    assert len(labels(response)) == 20 * 10 - 10
    assert "Rows 1–20 of 120" in text_of(response)
    second = client.get(grid_of(business, r=2, c=3))
    assert "Columns 21–30 of 120" in text_of(second)
    assert "r=2&amp;c=3&amp;cell=" in second.content.decode()
    filtered = client.get(grid_of(business, q="page 07"))
    assert "Page 07" in text_of(filtered)
    assert "Page 08" not in text_of(filtered)
    assert "No app or Page is named like “zzz”" in text_of(client.get(grid_of(business, q="zzz")))


def test_finding_plans_all_apps_and_pages_at_once(db):
    business, few = make_business(), make_business("Few")
    add_apps_and_pages(business, 50)
    add_apps_and_pages(few, 1)
    client, other = staff_of(business), staff_of(few)

    many, one = (search_address(who, "123456") for who in (client, other))

    assert queries_of(client, many) <= queries_of(other, one)
    assert "Page 49" in text_of(client.get(many))


def test_odd_addresses_do_no_harm(ready):
    client = staff_of(ready.page.business)
    for query in ({"r": "x", "c": "-1"}, {"cell": "a,b,c"}, {"q": "%22%3E"}):
        assert client.get(grid_of(ready.page.business, **query)).status_code == 200


def test_a_business_without_apps_says_what_to_do(db):
    business = make_business()

    assert "No apps and Pages yet." in text_of(staff_of(business).get(grid_of(business)))


def test_for_one_person_the_known_ids_stand_against_all_apps_and_pages(ready):
    person = ScopedID.objects.get(value=PSID).person
    client = staff_of(ready.page.business)
    address = reverse("admin:lookups_person_preflight", args=[person.public_id])

    response = client.get(address)
    assert response.content.decode().count('scope="row"') == 3, "the person is known in three places"
    assert "Ready: from John&#x27;s Next Great Thing to John&#x27;s Fan Club" in labels(response)
    fan = Page.objects.get(name="John's Fan Club")
    opened = text_of(client.get(f"{address}?cell={ready.page.pk},{fan.pk}"))
    assert "Ask for the ID in “John's Fan Club”" in opened
    assert "Preflight" in text_of(client.get(person.address))
    assert client.get(reverse("admin:lookups_person_preflight", args=["nobody"])).status_code == 404
