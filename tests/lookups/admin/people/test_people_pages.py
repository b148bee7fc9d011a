"""The pages on people that can be trusted: conflicts, chains, comparing, deciding, the past, search, filters."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from businesses.models import AssetKind, Business
from lookups.asking import resolver
from lookups.evidence.profile_retention import drop_old_profiles
from lookups.models import Conflict, Decision, Lookup, Person, PolicyReview, Profile, ScopedID
from lookups.models.outcomes import Edge, answered_column
from tests.lookups.admin.searched import found
from tests.lookups.people_of_johns import (
    ASID,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    OMAR_PSID,
    PAGE,
    PSID,
    asset,
    persons,
    resolve,
    scoped,
)


@pytest.fixture
def mixed_up(sandbox, ask):
    """John and Omar, linked wrongly by an ID that moved."""
    ask(PAGE, PSID, hours=1)
    ask(MOVIE_APP, OMAR_ASID, hours=1)
    john = {"asset": GAME_APP, "id": GAME_ASID}
    sandbox.control("people", {"move": john, "to": {"asset": MOVIE_APP, "id": OMAR_ASID}})
    ask(MOVIE_APP, OMAR_ASID)


def text(response) -> str:
    return response.content.decode()


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def decide_address(kind: str, one: ScopedID, other: ScopedID) -> str:
    return f"{reverse('admin:lookups_person_decide')}?kind={kind}&one={one.public_id}&other={other.public_id}"


def test_a_person_in_conflict_says_so_and_leads_to_both_pieces_of_evidence(mixed_up, client):
    page = text(client.get(scoped(PAGE, PSID).person.address))
    assert "Don't rely on the links of this person" in page

    conflict = Conflict.objects.filter(kind="two_ids", one__asset__kind=AssetKind.APP).get()
    shown = text(client.get(reverse("admin:lookups_conflict_change", args=[conflict.pk])))

    for value in (ASID, OMAR_ASID):
        assert f"ASID {value}" in shown
    assert "GET /v26.0/12345123?fields=ids_for_apps.limit(100)" in shown
    assert "trace ID" in shown


def test_the_list_of_conflicts_shows_open_ones_first_and_can_be_narrowed(mixed_up, client):
    address = reverse("admin:lookups_conflict_changelist")
    assert "one app or Page gives two IDs" in text(client.get(address))

    Conflict.objects.update(ended_at=timezone.now())

    assert "one app or Page gives two IDs for a person</" not in text(client.get(address))
    assert "over" in text(client.get(address, {"running": "over"}))


def test_both_sides_of_a_conflict_are_checked_with_one_click(mixed_up, client):
    conflict = Conflict.objects.filter(kind="two_ids").first()
    before = Lookup.objects.count()

    response = client.post(reverse("admin:lookups_conflict_check", args=[conflict.pk]))

    assert "Being asked" in said(response)
    assert Lookup.objects.count() == before + 2
    resolve()


def test_a_conflict_is_accepted_with_a_reason_only(mixed_up, client):
    conflict = Conflict.objects.filter(kind="two_ids").first()
    address = reverse("admin:lookups_conflict_accept", args=[conflict.pk])

    assert "Give a reason" in said(client.post(address, {"reason": " "}))
    assert not Decision.objects.exists()
    assert "Accepted" in said(client.post(address, {"reason": "Two accounts."}))
    conflict.refresh_from_db()
    assert not conflict.is_open
    assert "Two accounts." in text(client.get(reverse("admin:lookups_conflict_change", args=[conflict.pk])))


def test_keeping_apart_shows_what_follows_and_does_it(mixed_up, client):
    address = decide_address("apart", scoped(MOVIE_APP, ASID), scoped(MOVIE_APP, OMAR_ASID))

    preview = text(client.get(address))
    assert preview.index("Before") < preview.index("After")
    assert len(persons()) == 1
    refused = client.post(address, {"reason": ""})
    assert refused.status_code == 400
    done = client.post(address, {"reason": "Two people."})

    assert done.status_code == 302
    assert len(persons()) == 2
    page = text(client.get(scoped(MOVIE_APP, ASID).person.address))
    assert "Two people." in page
    undo = reverse("admin:lookups_person_undo", args=[Decision.objects.get().pk])
    assert "Take it back" in text(client.get(undo))
    client.post(undo, {"reason": "One after all."})
    assert len(persons()) == 1
    assert "taken back already" in text(client.get(undo))


def test_a_chain_is_explained_link_by_link(ask, client):
    ask(PAGE, PSID)
    ask(MOVIE_APP, ASID)
    address = reverse("admin:lookups_person_explain")
    ids = {"one": scoped(GAME_APP, GAME_ASID).public_id, "other": scoped(PAGE, PSID).public_id}

    page = text(client.get(address, ids))

    assert "Why these IDs are one person" in page
    assert "one way" in page
    assert "Row (SHA-256)" in page
    both = text(client.get(address, {"one": scoped(MOVIE_APP, ASID).public_id, "other": ids["other"]}))
    assert "both ways" in both
    same = text(client.get(address, {"one": ids["one"], "other": ids["one"]}))
    assert "one and the same ID" in same


def test_two_persons_are_compared_and_one_question_would_settle_it(ask, client):
    ask(PAGE, PSID)
    ask(PAGE, OMAR_PSID)
    one, other = scoped(PAGE, PSID).person, scoped(PAGE, OMAR_PSID).person
    address = reverse("admin:lookups_person_compare", args=[one.public_id])

    page = text(client.get(address, {"other": other.public_id.lower()}))

    assert "are two persons" in page
    assert "1 call" in page
    assert "Never the same" in page
    assert "There is no person" in text(client.get(address, {"other": "XXXXXXXXXXXX"}))
    assert "one person already" in text(client.get(address, {"other": one.public_id}))


def test_the_person_page_of_a_past_day(ask, client):
    ask(PAGE, PSID, hours=72)
    person = scoped(PAGE, PSID).person

    yesterday = timezone.now() - timedelta(days=1)
    page = text(client.get(person.address, {"on": f"{yesterday:%Y-%m-%d}"}))
    assert f"As of {yesterday:%d %B %Y}" in page
    assert PSID in page
    long_ago = text(client.get(person.address, {"on": "2020-01-01"}))
    assert "Nothing was known of this person yet." in long_ago
    for wrong in ("yesterday", "2026-13-45", "2026-02-30"):
        assert "That is not a date" in said(client.get(person.address, {"on": wrong}))


def test_the_picture_shows_each_id_and_says_it_in_words(ask, client):
    ask(PAGE, PSID)

    page = text(client.get(scoped(PAGE, PSID).person.address))

    assert "found with 3 IDs, proved by the" in " ".join(re.sub("<[^>]+>", "", page).split())
    assert "<svg" in page
    assert "The picture in words" in page


@pytest.mark.parametrize("typed", ["1234", "john", "JOHN sm", "smith john"])
def test_people_are_found_by_the_beginning_of_an_id_or_by_name(ask, client, typed):
    Business.objects.update(read_names=True)
    ask(PAGE, PSID)

    page = text(found(client, typed))

    assert "Similar" in page
    assert "John Smith" in page


@pytest.mark.parametrize("typed", ["nobody at all", "jo hn zz", "%", "__", "a" * 100])
def test_what_finds_nobody_says_so(ask, client, typed):
    ask(PAGE, PSID)

    assert 'role="alert"' in text(found(client, typed))


def test_a_nul_character_is_refused_wherever_it_stands(client):
    for address, values in (("find", {"q": "\x00"}), ("admin:lookups_person_explain", {"one": "a\x00", "other": "b"})):
        assert client.get(reverse(address), values).status_code == 400
    assert client.post(reverse("find"), {"q": "1\x002"}).status_code == 400


@pytest.mark.parametrize("on", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_beyond_the_calendar_is_no_date(ask, client, on):
    ask(PAGE, PSID)

    assert "That is not a date" in said(client.get(scoped(PAGE, PSID).person.address, {"on": on}))


def test_the_list_of_people_is_narrowed_and_the_address_keeps_it(mixed_up, ask, client):
    ask(PAGE, OMAR_PSID)
    ask("380374449010777", "00123456789")
    address = reverse("admin:lookups_person_changelist")
    movie, page = (str(asset(graph_id).pk) for graph_id in (MOVIE_APP, PAGE))
    ines, john = scoped("380374449010777", "00123456789").person, scoped(PAGE, PSID).person

    def shown(**narrowed: str) -> set[str]:
        listed = text(client.get(address, narrowed))
        return {person.public_id for person in (ines, john) if person.public_id in listed}

    everybody = {ines.public_id, john.public_id}
    assert shown() == everybody
    assert shown(linked=movie) == {john.public_id}
    assert shown(missing=page) == {ines.public_id}
    assert shown(state="conflict") == {john.public_id}
    assert shown(state="stale") == set()
    assert shown(state="review") == set()
    assert shown(changed="1") == everybody
    ScopedID.objects.update(**dict.fromkeys(map(answered_column, Edge)))
    assert shown(state="stale") == everybody
    now = timezone.now()
    PolicyReview.objects.create(
        business=john.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="(#200)"
    )
    assert shown(state="review") == everybody
    assert shown(linked="999999") == everybody


def test_who_was_found_within_some_days_has_changed_and_nobody_else(ask, client):
    ask(PAGE, PSID, hours=48)
    ask(PAGE, OMAR_PSID)
    address = reverse("admin:lookups_person_changelist")
    long_known, new = scoped(PAGE, PSID).person.public_id, scoped(PAGE, OMAR_PSID).person.public_id

    changed = {days: text(client.get(address, {"changed": days})) for days in ("1", "7")}

    assert {days: (long_known in page, new in page) for days, page in changed.items()} == {
        "1": (False, True),
        "7": (True, True),
    }


def test_profile_fields_are_read_shown_and_dropped_in_time(ask, client, sandbox):
    Business.objects.update(read_names=True, profile_days=30)
    ask(MOVIE_APP, ASID)
    ask(PAGE, PSID)

    page = text(client.get(scoped(PAGE, PSID).person.address))
    assert "21 or older" in page
    assert "Deleted 30 days after it was read." in page
    assert drop_old_profiles(timezone.now() + timedelta(days=29)) == 0
    assert drop_old_profiles(timezone.now() + timedelta(days=31)) == 2
    assert not Profile.objects.exists()
    assert Person.objects.exists()


def test_a_profile_field_that_has_gone_from_graph_costs_only_itself(ask, sandbox, start_sandbox, settings):
    settings.IDLINK_GRAPH_URL = start_sandbox("--switch=payment_field=off").url
    resolver.graph_client.cache_clear()
    Business.objects.update(read_names=True)

    ask(PAGE, PSID)

    profile = Profile.objects.get()
    assert (profile.name, profile.is_payment_enabled) == ("John Smith", None)


def test_profiles_are_not_asked_for_unless_wanted(ask, sandbox):
    ask(PAGE, PSID)

    assert not Profile.objects.exists()
    assert not [entry for entry in sandbox.journal() if str(entry["params"].get("fields", "")).startswith("name")]
