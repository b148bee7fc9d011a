"""During a review lookups are held, nothing more is sent, and a probe finds out when it is over."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import FacebookApp
from lookups.asking import probes, recording, resolver
from lookups.asking.claiming import claim
from lookups.graph import UnderPolicyReview
from lookups.models import Lookup, PolicyReview, State
from tests.lookups.asking.single import answer, ask, resolve

pytestmark = [pytest.mark.database]


def test_a_review_holds_the_lookup_and_all_that_wait_and_sends_nothing_more(world, sandbox):
    lookup = ask(world, world.lab_page, "3456789013")
    waiting = ask(world, FacebookApp.objects.get(name="Quiet Lab Login"), "3456789012")

    resolve(lookup)
    waiting.refresh_from_db()

    assert (lookup.state, waiting.state) == (State.HELD, State.HELD)
    calls = len(sandbox.journal())
    later = resolve(ask(world, world.lab_page, "3456789014"))
    assert later.state == State.HELD
    assert len(sandbox.journal()) == calls


def test_a_review_of_one_business_leaves_another_alone(world):
    resolve(ask(world, world.lab_page, "3456789013"))

    assert resolve(ask(world, world.page, "12345123")).state == State.DONE


def test_a_probe_during_a_review_prolongs_it_and_afterwards_ends_it(world, sandbox, settings):
    lookup = resolve(ask(world, world.lab_page, "3456789013"))
    held = resolve(ask(world, world.lab_page, "3456789014"))
    later = timezone.now() + timedelta(hours=7)
    review = PolicyReview.objects.get()

    assert not probes.send_probe(review, now=timezone.now()), "not within an hour"
    assert probes.due_for_probe(later) == [review]
    assert probes.send_probe(review, now=later)
    assert not probes.send_probe(review, now=later), "one probe at a time"
    resolve(lookup)
    review.refresh_from_db()
    assert (lookup.state, review.answers, review.closed_at) == (State.HELD, 2, None)

    sandbox.control("reviews", {"business": world.lab_page.business.graph_id, "under_review": False})
    assert probes.send_probe(review, now=later + timedelta(hours=14))
    resolve(lookup)
    held.refresh_from_db()
    review.refresh_from_db()

    assert (lookup.state, held.state) == (State.DONE, State.DONE)
    assert review.closed_at


def test_a_lookup_held_in_the_moment_a_review_ends_goes_on(world):
    lookup = ask(world, world.page, "12345123")
    Lookup.objects.update(state=State.HELD, held_for="review")

    assert resolver.free_and_find_work(timezone.now()) == ["staff"]

    assert resolve(lookup).state == State.DONE


def test_what_was_claimed_in_the_moment_a_review_began_is_not_sent(world, sandbox, monkeypatch):
    lookup, real = ask(world, world.page, "12345123"), resolver.claim

    def claim_as_it_begins(*told, **options):
        claimed, now = real(*told, **options), timezone.now()
        facts = {"opened_at": now, "last_answer_at": now, "next_probe_at": now, "message": "(#200)"}
        PolicyReview.objects.get_or_create(business=world.page.business, closed_at=None, defaults=facts)
        return claimed

    monkeypatch.setattr(resolver, "claim", claim_as_it_begins)
    resolve(lookup)

    assert (lookup.state, lookup.held_for) == (State.HELD, "review")
    assert sandbox.journal() == []


def test_an_answer_to_a_question_sent_before_the_review_does_not_end_it(world):
    lookup = ask(world, world.page, "12345123")
    (claimed,) = claim("staff", now=timezone.now())
    now = timezone.now()
    review = PolicyReview.objects.create(
        business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="(#200)"
    )

    answer(claimed)

    lookup.refresh_from_db()
    review.refresh_from_db()
    assert lookup.state == State.DONE
    assert review.closed_at is None


def test_a_review_that_comes_while_an_answer_is_stored_goes_before_anything_more_is_asked(world, sandbox, monkeypatch):
    answered, refused = ask(world, world.page, "12345123"), ask(world, world.app, "645195294")
    last = ask(world, FacebookApp.objects.get(name="John's Game App"), "1000001")
    real_ask, real_wait, real_record = resolver._ask, resolver.wait, recording.record_together
    storing, sent = threading.Event(), set()

    def ask_graph(questions, credential):
        if questions[0].node_id != refused.value:
            return real_ask(questions, credential)
        assert storing.wait(20)
        return [UnderPolicyReview("In review.", code=200) for _ in questions]

    def watch(calls, **options):
        sent.update(calls)
        return real_wait(calls, **options)

    def record(batches, *, now):
        storing.set()
        real_wait(sent, timeout=20)
        real_record(batches, now=now)

    monkeypatch.setattr(resolver, "_ask", ask_graph)
    monkeypatch.setattr(resolver, "wait", watch)
    monkeypatch.setattr(recording, "record_together", record)
    resolver.resolve_turn("staff", at_once=2)

    states = dict(Lookup.objects.values_list("pk", "state"))
    assert [states[one.pk] for one in (answered, refused, last)] == [State.DONE, State.HELD, State.HELD]
    assert len([entry for entry in sandbox.journal() if entry["path"] == "/"]) == 1
