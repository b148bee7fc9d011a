"""Claimed lookups through the sandbox to their outcomes; leases, retries, reviews, refused tokens."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import AccessToken, Business, FacebookApp
from lookups.asking import recording, resolver
from lookups.asking.claiming import claim
from lookups.asking.starting import CannotAsk, ask_again, ask_cell
from lookups.models import Answer, Lookup, Match, Person, Profile, QuotaPool, ScopedID, State
from lookups.models.outcomes import Edge
from tests.lookups.asking.single import answer, ask, resolve
from tests.lookups.graph.hostile_server import HostileServer, batch, http, saying

pytestmark = [pytest.mark.database]


def test_a_lookup_stores_ids_matches_person_and_proof(world):
    lookup = resolve(ask(world, world.page, "12345123"))

    assert (lookup.state, lookup.apps_outcome, lookup.pages_outcome) == ("done", "linked", "none")
    person = lookup.scoped_id.person
    assert {row.value for row in person.scoped_ids.all()} == {"12345123", "645195294", "10152368852405295"}
    answer = Answer.objects.get()
    assert (answer.http_status, answer.version_served, answer.complete) == (200, "v26.0", True)
    assert answer.trace_id
    assert answer.token_fingerprint == AccessToken.objects.get(asset=world.page).fingerprint
    assert set(Match.objects.values_list("first_answer", flat=True)) == {answer.pk}


def test_the_name_is_read_by_a_question_of_its_own_where_wanted(world):
    Business.objects.update(read_names=True)

    resolve(ask(world, world.page, "12345123"))

    assert set(Lookup.objects.values_list("question", flat=True)) == {"links", "name"}
    assert Profile.objects.get().name == "John Smith"
    assert AccessToken.objects.get(asset=world.page).last_check.last_used_at


def test_a_person_asked_about_by_another_id_is_the_same_person(world):
    resolve(ask(world, world.page, "12345123"))
    resolve(ask(world, world.app, "645195294"))

    assert Person.objects.count() == 1
    assert Match.objects.filter(source__value="645195294", target__value="12345123", edge=Edge.PAGES).exists()


def test_asking_twice_while_it_is_under_way_asks_once(world):
    assert ask(world, world.page, "12345123").pk == ask(world, world.page, "12345123").pk
    assert Lookup.objects.count() == 1


def test_look_up_again_confirms_what_stands(world):
    lookup = resolve(ask(world, world.page, "12345123"))
    first = Match.objects.first().confirmed_at

    again = resolve(ask_again(person=lookup.scoped_id.person, by=world.user, now=timezone.now()))

    assert again.pk != lookup.pk
    assert Match.objects.first().confirmed_at > first
    assert Person.objects.count() == 1


def test_one_app_alone_is_asked_for_with_the_guides_filter(world, sandbox):
    person = resolve(ask(world, world.page, "12345123")).scoped_id.person
    game = FacebookApp.objects.get(name="John's Game App")

    lookup = resolve(ask_cell(person=person, only=game, by=world.user, now=timezone.now()))

    assert (lookup.apps_outcome, lookup.pages_outcome) == ("linked", "")
    assert sandbox.journal()[-2]["params"]["app"] == "1419232575008550"


def test_rows_for_another_app_than_asked_for_are_left_out_and_told(world, settings):
    person = resolve(ask(world, world.page, "12345123")).scoped_id.person
    quiz = FacebookApp.objects.get(name="John's Instant Quiz")
    row = {"id": "4711", "app": {"id": "1419232575008550", "name": "x"}}
    lookup = ask_cell(person=person, only=quiz, by=world.user, now=timezone.now())

    with HostileServer(saying(batch({"data": [row]}))) as server:
        asked_of(server, settings)
        resolve(lookup)

    assert lookup.apps_outcome == "none"
    assert "only John's Instant Quiz was asked for: left out" in lookup.why
    assert not ScopedID.objects.filter(value="4711").exists()


def test_an_app_of_another_business_in_an_answer_is_left_out_and_told(world, settings):
    other = FacebookApp.objects.get(name="North Harbour Login")
    FacebookApp.objects.filter(pk=other.pk).update(ownership="own")
    row = {"id": "4711", "app": {"id": other.graph_id, "name": "x"}}
    lookup = ask(world, world.page, "12345123")

    with HostileServer(saying(batch({"ids_for_apps": {"data": [row]}, "id": "12345123"}))) as server:
        asked_of(server, settings)
        resolve(lookup)

    assert "whose owner is not confirmed: left out" in lookup.why
    assert not ScopedID.objects.filter(value="4711").exists()


def test_an_app_that_another_business_only_claims_is_linked_where_the_answer_came(world, settings):
    other = FacebookApp.objects.get(name="North Harbour Login")
    row = {"id": "4711", "app": {"id": other.graph_id, "name": "x"}}
    lookup = ask(world, world.page, "12345123")

    with HostileServer(saying(batch({"ids_for_apps": {"data": [row]}, "id": "12345123"}))) as server:
        asked_of(server, settings)
        resolve(lookup)

    assert ScopedID.objects.get(value="4711").asset.business == world.page.business
    assert not ScopedID.objects.filter(asset=other).exists()


def test_an_app_nobody_had_typed_in_is_added_as_found(world, settings):
    row = {"id": "4711", "app": {"id": "999000999", "name": "Forgotten App"}}
    lookup = ask(world, world.page, "12345123")

    with HostileServer(saying(batch({"ids_for_apps": {"data": [row]}, "id": "12345123"}))) as server:
        asked_of(server, settings)
        resolve(lookup)

    found = FacebookApp.objects.get(graph_id="999000999")
    assert (found.name, found.found_by, found.business) == ("Forgotten App", "answer", world.page.business)
    assert lookup.scoped_id.person.scoped_ids.filter(asset=found).exists()


def test_an_unknown_id_is_not_visible_and_makes_no_person(world):
    lookup = resolve(ask(world, world.page, "424242"))

    assert (lookup.apps_outcome, lookup.pages_outcome) == ("not_visible", "not_visible")
    assert "Check that the ID was copied whole" in lookup.why
    assert not Person.objects.exists()
    assert Answer.objects.get().code_text == "100/33"


def test_a_wrong_secret_is_told_as_a_wrong_proof(world):
    app = world.app
    app.set_secret("another-secret")
    app.save()

    assert resolve(ask(world, app, "645195294")).apps_outcome == "proof"


def test_a_refused_token_is_marked_and_asks_nothing_more(world, sandbox):
    sandbox.control("tokens", {"token_of": {"page": world.page.graph_id}, "refuse": {"code": 190, "subcode": 460}})

    lookup = resolve(ask(world, world.page, "12345123"))

    assert lookup.apps_outcome == "token"
    assert "password" in AccessToken.objects.get(asset=world.page).last_check.refused_because
    with pytest.raises(CannotAsk) as caught:
        ask(world, world.page, "12345124")
    assert caught.value.plan.reasons[0].code == "token_refused"


def test_a_lookup_whose_token_goes_before_the_worker_comes_waits_for_another(world):
    lookup = ask(world, world.page, "12345123")
    AccessToken.objects.filter(asset=world.page).delete()

    resolve(lookup)

    assert (lookup.state, lookup.held_for, lookup.apps_outcome) == ("held", "token", "not_asked")
    assert "has no page access token" in lookup.why


def test_server_trouble_is_tried_again_and_in_the_end_told(world, settings):
    settings.IDLINK_MAX_ATTEMPTS = 2
    lookup = ask(world, world.page, "12345123")
    with HostileServer(saying(http(502, ""))) as server:
        asked_of(server, settings)
        resolve(lookup)
        assert (lookup.state, lookup.tries) == ("waiting", 1)
        assert "tries again by itself" in lookup.why
        Lookup.objects.update(not_before=None)
        QuotaPool.objects.update(wait_until=None)
        resolve(lookup)

    assert (lookup.state, lookup.apps_outcome, lookup.tries) == ("done", "failed", 2)
    assert "gave up after 2 tries; ask again later" in lookup.why
    assert Answer.objects.count() == 2


def test_a_limit_waits_as_long_as_graph_says(world, settings):
    lookup = ask(world, world.page, "12345123")
    answer = http(400, '{"error": {"code": 4, "message": "(#4) limit"}}', Retry_After="3600")

    with HostileServer(saying(answer)) as server:
        asked_of(server, settings)
        resolve(lookup)

    assert lookup.state == "waiting"
    assert lookup.tries == 0, "being told to wait is no failure"
    assert timedelta(minutes=59) < lookup.not_before - timezone.now() < timedelta(minutes=61)


def test_a_claim_is_taken_by_one_worker_only(world):
    ask(world, world.page, "12345123")

    first, second = claim("staff", now=timezone.now()), claim("staff", now=timezone.now())

    assert (len(first), second) == (1, [])


def test_what_a_dead_worker_had_claimed_is_freed_after_its_lease(world, settings):
    ask(world, world.page, "12345123")
    now = timezone.now()
    claim("staff", now=now)

    assert resolver.free_and_find_work(now + timedelta(seconds=1)) == []
    assert resolver.free_and_find_work(now + timedelta(seconds=settings.IDLINK_LEASE_SECONDS + 1)) == ["staff"]


def test_what_a_dead_worker_had_claimed_is_freed_though_the_clock_was_put_back(world, settings):
    ask(world, world.page, "12345123")
    now = timezone.now()
    claim("staff", now=now)

    assert resolver.free_and_find_work(now - timedelta(seconds=settings.IDLINK_LEASE_SECONDS / 2)) == []
    assert resolver.free_and_find_work(now - timedelta(hours=1)) == ["staff"]


def test_a_worker_that_lost_its_lease_changes_nothing(world):
    lookup = ask(world, world.page, "12345123")
    ((stale,),) = claim("staff", now=timezone.now() - timedelta(hours=1))
    resolver.free_and_find_work(timezone.now())
    resolve(lookup)

    recording.record_not_asked([stale], "failed", "too late", now=timezone.now())

    lookup.refresh_from_db()
    assert (lookup.apps_outcome, lookup.attempt) == ("linked", 2)


def test_a_lookup_that_kills_every_worker_is_given_up(world, settings):
    lookup = ask(world, world.page, "12345123")
    now = timezone.now()
    for _ in range(settings.IDLINK_MAX_ATTEMPTS):
        claim("staff", now=now)
        now += timedelta(hours=1)
        resolver.free_and_find_work(now)

    lookup.refresh_from_db()
    assert (lookup.state, lookup.apps_outcome) == ("done", "failed")
    assert "every worker that took this lookup stopped" in lookup.why


def test_nothing_is_asked_before_the_policy_is_confirmed(world):
    Business.objects.update(policy_confirmed_at=None)

    with pytest.raises(CannotAsk) as caught:
        ask(world, world.page, "12345123")

    (reason,) = caught.value.plan.reasons
    assert reason.code == "policy_not_confirmed"
    assert "Ask an admin to confirm" in reason.remedy


def asked_of(server: HostileServer, settings) -> None:
    """Let the resolver ask another server."""
    settings.IDLINK_GRAPH_URL = server.url
    resolver.graph_client.cache_clear()


def test_a_refused_edge_has_its_own_outcome_and_the_other_its_links(world, sandbox):
    refuse = {"status": 403, "code": 10, "message": "(#10) Application does not have permission for this action"}
    sandbox.control("edges", {"edge": "ids_for_pages", "refuse": refuse})

    lookup = resolve(ask(world, world.page, "12345123"))

    assert (lookup.apps_outcome, lookup.pages_outcome) == ("linked", "not_visible")
    assert "ids_for_pages: Graph does not permit this question" in lookup.why
    answer = Answer.objects.get()
    assert (answer.error, answer.code, answer.complete) == ("NotPermitted", 10, False)
    assert Match.objects.count() == 2


def test_an_answer_that_comes_after_another_worker_took_over_is_not_stored(world):
    lookup = ask(world, world.page, "12345123")
    (stale,) = claim("staff", now=timezone.now() - timedelta(hours=1))
    resolver.free_and_find_work(timezone.now())
    ((fresh,),) = claim("staff", now=timezone.now())

    answer(stale)

    lookup.refresh_from_db()
    assert (lookup.state, lookup.attempt) == (State.CLAIMED, fresh.attempt)
    assert not Answer.objects.exists()
    assert not ScopedID.objects.exists()
