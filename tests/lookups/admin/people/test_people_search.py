"""Searching the lists of people and of lookups, and Find: names without their accents, IDs stored or not."""

import pytest
from django.test import Client
from django.urls import reverse

from businesses.models import Business
from lookups.models import Lookup, Profile
from lookups.models.folding import folded
from lookups.models.outcomes import Outcome
from tests.lookups.admin.searched import found
from tests.lookups.people_of_johns import ASID, GAME_ASID, MOVIE_APP, OMAR_PSID, PAGE, PSID, scoped
from tests.makers import make_business, make_user
from tests.pages import text_of

pytestmark = pytest.mark.database
PEOPLE, LOOKUPS = reverse("admin:lookups_person_changelist"), reverse("admin:lookups_lookup_changelist")


@pytest.fixture
def named(ask):
    """Two people, one of them with this name."""

    def name(text: str) -> str:
        Business.objects.update(read_names=True)
        ask(PAGE, PSID)
        ask(PAGE, OMAR_PSID)
        Profile.objects.filter(scoped_id__person=scoped(PAGE, PSID).person).update(name=text, folded=folded(text))
        return text

    return name


def test_names_are_stored_as_they_are_searched_for(ask):
    Business.objects.update(read_names=True)
    ask(PAGE, PSID)

    assert set(Profile.objects.values_list("name", "folded")) == {("John Smith", "john smith")}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Đỗ Thị Hương", "do"),
        ("Nguyễn Thị Hương", "nguyen thi huong"),
        ("Nguyễn Thị Hương", "Hương Nguyễn"),
        ("Nguye\u0302\u0303n", "nguyễn"),
        ("Nguyen", "Nguyễn"),
    ],
)
def test_a_name_is_found_with_and_without_accents(named, client, name, typed):
    shown = named(name)

    assert shown in text_of(found(client, typed))
    listed = text_of(client.get(PEOPLE, {"q": typed}))
    assert shown in listed
    assert "Omar Haddad" not in listed


@pytest.mark.parametrize("typed", [ASID, ASID[:4], GAME_ASID, "smith john"])
def test_the_list_finds_a_person_by_any_id_its_beginning_or_the_name(named, client, typed):
    named("John Smith")

    listed = text_of(client.get(PEOPLE, {"q": typed}))

    assert scoped(PAGE, PSID).person.public_id in listed
    assert scoped(PAGE, OMAR_PSID).person.public_id not in listed


def test_the_list_finds_a_person_by_the_public_id_in_small_letters_too(named, client):
    named("John Smith")
    public_id = scoped(PAGE, PSID).person.public_id

    assert public_id in text_of(client.get(PEOPLE, {"q": public_id.lower()}))
    assert public_id not in text_of(client.get(PEOPLE, {"q": "%"}))


def test_nobody_is_found_in_another_business(named, client):
    named("John Smith")
    stranger = Client()
    stranger.force_login(make_user("eve", make_business("Elsewhere")))

    for typed in (PSID, PSID[:3], "john", scoped(PAGE, PSID).person.public_id):
        assert "John Smith" not in text_of(stranger.get(PEOPLE, {"q": typed}))
        assert "12345123" not in text_of(stranger.get(LOOKUPS, {"q": typed}))
        searched = found(stranger, typed)
        assert (searched.status_code, "John Smith" in text_of(searched)) == (200, False)


def test_lookups_are_found_by_the_whole_id_stored_or_not_or_under_way(ask, client, world):
    ask(PAGE, PSID)
    ask(MOVIE_APP, "999000999")
    waiting = Lookup.objects.create(
        business=world.page.business,
        run=Lookup.objects.first().run,
        asset=world.page,
        value="777",
        created_at=scoped(PAGE, PSID).first_seen,
    )

    assert Lookup.objects.get(value="999000999").scoped_id is None
    for value in (PSID, "999000999", waiting.value):
        listed = text_of(client.get(LOOKUPS, {"q": value}))
        assert [one for one in (PSID, "999000999", waiting.value) if one in listed] == [value]
    assert Lookup.objects.get(value="999000999").apps_outcome == Outcome.NOT_VISIBLE
