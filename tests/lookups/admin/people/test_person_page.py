"""The page of a person, and the list of people: outcomes, proofs, what each role may do."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Business, Role
from lookups.models import Conflict, Lookup, Person
from lookups.models.outcomes import Edge, Outcome, outcome_column
from tests.lookups.admin.pages import FIND, looked_up
from tests.lookups.admin.searched import found
from tests.pages import member, text_of


def test_viewers_see_people_but_can_ask_nothing(world):
    person, viewer = looked_up(world), member(world.page.business, Role.VIEWER)

    page = viewer.get(person.address)
    assert "12345123" in text_of(page)
    assert "Look up again" not in text_of(page)
    assert "Ask only this" not in text_of(page)
    assert "Your role shows stored people only" in text_of(found(viewer, "5"))
    assert viewer.post(FIND, {"q": "5", "asset": world.page.pk}).status_code == 400
    assert viewer.post(reverse("admin:lookups_person_ask", args=[person.public_id])).status_code == 404
    assert Lookup.objects.count() == 1


def test_person_page_shows_each_app_and_page_with_its_outcome_and_proof(world, staff):
    Business.objects.update(read_names=True)
    person = looked_up(world)

    page = staff.get(person.address)
    text = text_of(page)

    assert "John Smith" in text
    for name in ("John's Game App", "JohnsMovieApp", "John's Instant Quiz", "John's Next Great Thing"):
        assert name in text
    assert text.count("asked, none") >= 3
    assert "Proved by ids_for_apps of PSID 12345123" in text
    assert "Last confirmed just now" in text
    assert page.content.decode().count('data-copy="') == 3


def test_a_cell_never_asked_says_so(world, staff):
    person = looked_up(world)
    Lookup.objects.update(**{outcome_column(edge): "" for edge in Edge})

    assert "Nobody has asked yet." in text_of(staff.get(person.address))


def test_a_cell_of_a_refused_token_says_so_until_it_can_be_asked(world, staff):
    person = looked_up(world)
    AccessToken.objects.all().delete()
    Lookup.objects.update(**{outcome_column(edge): Outcome.TOKEN for edge in Edge}, why="Session has expired")

    text = text_of(staff.get(person.address))

    assert "token unusable" in text
    assert "Session has expired" in text
    assert "has no page access token" in text


def test_two_ids_in_one_app_are_shown_as_in_conflict(world, staff):
    person = looked_up(world)
    known = person.scoped_ids.get(value="645195294")
    now, business = timezone.now(), person.business
    other = person.scoped_ids.create(business=business, asset=known.asset, value="645195295", first_seen=now)
    assert "2 IDs here, accepted as they are." in text_of(staff.get(person.address))

    Conflict.objects.create(business=business, kind=Conflict.Kind.TWO_IDS, one=known, other=other, found_at=now)

    assert "In conflict: don't rely on either until it is settled." in text_of(staff.get(person.address))


def test_an_id_not_confirmed_for_long_is_stale(world, staff):
    person = looked_up(world)
    assert "stale" not in text_of(staff.get(person.address))

    Business.objects.update(refresh_days=0)

    assert "stale" in text_of(staff.get(person.address))


def test_address_of_a_joined_person_leads_to_the_one_it_is_part_of(world, staff):
    person = looked_up(world)
    old = Person.objects.create(business=person.business, public_id="OLDPERSON234", created_at=timezone.now())
    person.scoped_ids.filter(value="645195294").update(public_id="OLDPERSON234")

    response = staff.get(old.address, follow=True)

    assert response.redirect_chain == [(person.address, 302)]
    assert "OLDPERSON234 is part of this person" in text_of(response)


def test_look_up_again_leads_to_a_new_lookup(world, staff):
    person = looked_up(world)

    response = staff.post(reverse("admin:lookups_person_ask", args=[person.public_id]))

    assert response.url.endswith("?then=person")
    assert Lookup.objects.count() == 2


def test_what_cannot_be_asked_again_is_told_with_its_reason(world, staff):
    person = looked_up(world)
    AccessToken.objects.all().delete()

    response = staff.post(reverse("admin:lookups_person_ask", args=[person.public_id]), follow=True)

    assert "Not asked." in text_of(response)
    assert "has no page access token" in text_of(response)


def test_list_of_people_shows_names_and_finds_by_id_prefix_and_name(world, staff):
    Business.objects.update(read_names=True)
    looked_up(world)
    looked_up(world, "77001234567")

    for query, names in (("John", ["John Smith"]), ("770012", ["Omar Haddad"]), ("", ["John Smith", "Omar Haddad"])):
        text = text_of(staff.get("/admin/lookups/person/", {"q": query}))
        assert [name for name in ("John Smith", "Omar Haddad") if name in text] == names


def test_list_of_people_takes_as_many_queries_for_two_as_for_one(world, staff):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get("/admin/lookups/person/")
        return len(captured)

    looked_up(world)
    one = queries()
    looked_up(world, "77001234567")

    assert queries() == one
