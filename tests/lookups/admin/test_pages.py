"""Find, person, lookup, tokens and policy pages as their users meet them; what each role may do."""

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
from lookups.models import Conflict, Lookup, Person, Run
from tests.makers import make_business, make_user

FIND = "/admin/find/"


@pytest.fixture
def staff(world):
    return member(world, Role.STAFF)


def member(world, role: Role) -> Client:
    client = Client()
    client.force_login(make_user(f"a {role}", world.page.business, role=role))
    return client


def looked_up(world, value: str = "12345123") -> Person:
    """A person, found by a real lookup."""
    lookup = ask_about(asset=world.page, value=value, by=world.user, now=timezone.now())
    while resolver.resolve_batch("staff"):
        pass
    lookup.refresh_from_db()
    return lookup.scoped_id.person


def text_of(response) -> str:
    """What the page says, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_first_page_after_log_in_is_find_a_person(staff):
    assert staff.get("/").url == "/admin/"
    assert staff.get("/admin/").url == FIND


def test_a_known_id_opens_its_person_at_once_and_asks_nothing(world, staff, sandbox):
    person = looked_up(world)
    calls = len(sandbox.journal())

    for text in ("12345123", " 645195294\n", "10152368852405295", person.public_id, person.public_id.lower()):
        assert staff.get(FIND, {"q": text}).url == person.address
    assert len(sandbox.journal()) == calls


def test_digits_known_in_two_scopes_give_a_list(world, staff):
    looked_up(world, "77001234567")
    quiz = FacebookApp.objects.get(name="John's Instant Quiz")
    ask_about(asset=quiz, value="77001234567", by=world.user, now=timezone.now())
    while resolver.resolve_batch("staff"):
        pass

    assert "2 people have this ID" in text_of(staff.get(FIND, {"q": "77001234567"}))


def test_the_choice_of_app_or_page_is_remembered(world, staff):
    key = f"page:{world.page.pk}"
    assert "checked" not in staff.get(FIND, {"q": "5"}).content.decode()

    staff.post(FIND, {"q": "5", "asset": key})

    again = staff.get(FIND, {"q": "6"}).content.decode()
    assert re.search(rf'value="{key}"\s+required\s+checked', again)


def test_asking_stores_a_run_and_leads_to_its_lookup(world, staff):
    response = staff.post(FIND, {"q": "12345123", "asset": f"page:{world.page.pk}"})

    lookup = Lookup.objects.get(question="links")
    assert response.url == f"{lookup.address}?then=person"
    assert str(Run.objects.get().asked_by) == "a staff"
    assert "Waiting for a worker" in text_of(staff.get(lookup.address))


def test_asking_without_a_choice_says_what_to_choose(staff):
    response = staff.post(FIND, {"q": "5"})

    assert response.status_code == 400
    assert "Choose the app or Page that this ID comes from." in text_of(response)


def test_viewers_see_people_but_can_ask_nothing(world):
    person, viewer = looked_up(world), member(world, Role.VIEWER)

    page = viewer.get(person.address)
    assert "12345123" in text_of(page)
    assert "Look up again" not in text_of(page)
    assert "Ask only this" not in text_of(page)
    assert "Your role shows stored people only" in text_of(viewer.get(FIND, {"q": "5"}))
    assert viewer.post(FIND, {"q": "5", "asset": f"page:{world.page.pk}"}).status_code == 400
    assert viewer.post(reverse("admin:lookups_person_ask", args=[person.public_id])).status_code == 404
    assert Lookup.objects.count() == 1


def test_somebody_without_a_business_is_told_what_to_do(world):
    client = Client()
    client.force_login(make_user("new"))

    assert "You are not a member of any business here" in text_of(client.get(FIND))


def test_person_page_shows_each_app_and_page_with_its_outcome_and_proof(world, staff):
    Business.objects.update(read_names=True)
    person = looked_up(world)

    page = staff.get(person.address)
    text = text_of(page)

    assert "John Smith" in text
    for name in ("John's Game App", "JohnsMovieApp", "John's Instant Quiz", "John's Next Great Thing"):
        assert name.replace("'", "&#x27;") in page.content.decode()
    assert text.count("asked, none") >= 3
    assert "Proved by ids_for_apps of PSID 12345123" in text
    assert "Last confirmed just now" in text
    assert page.content.decode().count('data-copy="') == 3


def test_a_cell_never_asked_says_so(world, staff):
    person = looked_up(world)
    Lookup.objects.update(apps_outcome="", pages_outcome="")

    assert "Nobody has asked yet." in text_of(staff.get(person.address))


def test_a_cell_of_a_refused_token_says_so_until_it_can_be_asked(world, staff):
    person = looked_up(world)
    AccessToken.objects.all().delete()
    Lookup.objects.update(apps_outcome="token", pages_outcome="token", why="Session has expired")

    text = text_of(staff.get(person.address))

    assert "token unusable" in text
    assert "Session has expired" in text
    assert "has no page access token" in text


def test_two_ids_in_one_app_are_shown_as_in_conflict(world, staff):
    person = looked_up(world)
    known = person.scoped_ids.get(value="645195294")
    now, business = timezone.now(), person.business
    other = person.scoped_ids.create(business=business, app=known.app, value="645195295", first_seen=now)
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


def test_lookup_page_goes_on_to_the_person_when_done(world, staff):
    person = looked_up(world)
    lookup = Lookup.objects.get()

    assert staff.get(f"{lookup.address}?then=person").url == person.address
    part = staff.get(f"{lookup.address}?then=person", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == person.address
    assert "Open the person" in text_of(staff.get(lookup.address))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("token", "two words", "without blanks"),
        ("token", "", "required"),
        ("token", "x" * 5000, "too long"),
        ("token", "123|abc", "a token of the app 123, not of"),
        ("token", "ｆｕｌｌ", "without blanks"),
    ],
)
def test_token_form_refuses_nonsense_without_repeating_it(world, field, value, message):
    admin = member(world, Role.ADMIN)
    data = {"business": world.app.business.pk, "app": world.app.pk, field: value}

    response = admin.post(reverse("admin:businesses_accesstoken_add"), data)

    assert message in text_of(response)
    assert not value or value not in response.content.decode()


def test_token_is_kept_out_of_the_form_when_another_field_is_wrong(world):
    admin = member(world, Role.ADMIN)

    response = admin.post(reverse("admin:businesses_accesstoken_add"), {"token": "canary-of-a-token"})

    assert response.status_code == 200
    assert "canary-of-a-token" not in response.content.decode()


def test_a_saved_token_is_used_and_shown_by_fingerprint_only(world):
    admin = member(world, Role.ADMIN)
    AccessToken.objects.all().delete()
    value = "259773517400382|canary-of-a-token"

    admin.post(
        reverse("admin:businesses_accesstoken_add"),
        {"business": world.app.business.pk, "app": world.app.pk, "token": value},
    )

    token = AccessToken.objects.get()
    assert str(token.created_by) == "a admin"
    for address in (f"/admin/businesses/accesstoken/{token.pk}/change/", "/admin/businesses/accesstoken/"):
        page = admin.get(address).content.decode()
        assert token.fingerprint in page
        assert "canary" not in page


def test_an_app_secret_is_written_and_never_read_back(world):
    admin = member(world, Role.ADMIN)
    address = reverse("admin:businesses_facebookapp_change", args=[world.app.pk])
    FacebookApp.objects.filter(pk=world.app.pk).update(sealed_secret="", secret_fingerprint="")

    admin.post(address, {"name": "Movies", "app_secret": "canary-of-a-secret"})
    after = FacebookApp.objects.get(name="Movies")

    assert after.secret_fingerprint
    assert "canary" not in admin.get(address).content.decode()
    admin.post(address, {"name": "Movies", "app_secret": "another, past the trial"})
    assert FacebookApp.objects.get(name="Movies").sealed_secret == after.sealed_secret


def test_the_users_by_which_limits_are_reckoned_are_entered_on_the_forms(world):
    admin = member(world, Role.ADMIN)

    app = {"name": "Movies", "daily_users": "1200"}
    admin.post(reverse("admin:businesses_facebookapp_change", args=[world.app.pk]), app)
    page = {"name": "Bot", "managed_by": world.page.managed_by_id, "engaged_users": "70"}
    admin.post(reverse("admin:businesses_page_change", args=[world.page.pk]), page)

    assert FacebookApp.objects.get(name="Movies").daily_users == 1200
    assert Page.objects.get(name="Bot").engaged_users == 70


def test_policy_is_confirmed_once_by_an_admin_on_record(db):
    business = make_business("New", policy=False)
    address = reverse("admin:businesses_business_policy", args=[business.pk])
    clients = {}
    for role in Role:
        clients[role] = Client()
        clients[role].force_login(make_user(role, business, role=role))

    assert clients[Role.STAFF].post(address, {"confirmed": "yes"}).status_code == 404
    assert "Tick the box" in text_of(clients[Role.ADMIN].post(address))
    business.refresh_from_db()
    assert business.policy_confirmed_at is None

    clients[Role.ADMIN].post(address, {"confirmed": "yes"})

    business.refresh_from_db()
    assert str(business.policy_confirmed_by) == "admin"
    assert "confirmed on" in text_of(clients[Role.STAFF].get(f"/admin/businesses/business/{business.pk}/change/"))


def test_banner_of_a_review_stands_on_every_page_of_its_business_only(world):
    ask_about(asset=world.lab_page, value="3456789013", by=world.user, now=timezone.now())
    while resolver.resolve_batch("staff"):
        pass
    inside, outside = Client(), Client()
    inside.force_login(make_user("in", world.lab_page.business))
    outside.force_login(make_user("out", world.page.business))

    for address in (FIND, "/admin/lookups/lookup/", "/admin/businesses/page/"):
        text = text_of(inside.get(address))
        assert "is under review by Meta" in text
        assert "1 lookup waiting" in text
        assert "is under review by Meta" not in text_of(outside.get(address))


def test_asking_again_during_a_review_is_refused_within_the_hour(world):
    ask_about(asset=world.lab_page, value="3456789013", by=world.user, now=timezone.now())
    while resolver.resolve_batch("staff"):
        pass
    client = Client()
    client.force_login(make_user("in", world.lab_page.business))
    review = world.lab_page.business.reviews.get()

    response = client.post(reverse("admin:lookups_policyreview_probe", args=[review.pk]), follow=True)

    assert "Not sent: Graph was asked less than an hour ago" in text_of(response)


def test_digits_known_in_one_place_can_be_asked_about_in_another(world, staff):
    looked_up(world)

    page = staff.get(FIND, {"q": "12345123", "ask": "1"})

    assert "One person has this ID" in text_of(page)
    assert "in another app or Page" in text_of(page)
    assert page.content.decode().count('name="asset"') == 6


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
