"""Two beats, or two workers that take their messages, at once: every due ID is asked once."""

import threading
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from lookups.asking import resolver
from lookups.freshness import refresh
from lookups.models import FreshnessCount, Lookup, Person, Run, ScopedID
from tests.lookups.people_of_johns import resolve
from tests.lookups.refreshing import A_DAY, let_pass, make_person

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
PEOPLE, BEATS = 300, 4


@pytest.fixture(autouse=True)
def _broker(settings) -> None:
    """What is committed here sends messages; nobody takes them."""
    for name in ("queue", "control"):
        Path(settings.VAR_DIR, "broker", name).mkdir(parents=True, exist_ok=True)


def at_once(act) -> list[Exception]:
    """Do it in several threads, each with a connection of its own, started together.

    On SQLite, whose writers take turns anyway, one after the other: its database in memory has one connection.
    """
    if connection.vendor == "sqlite":
        for _ in range(BEATS):
            act()
        return []
    barrier, failures = threading.Barrier(BEATS), []

    def run() -> None:
        try:
            barrier.wait()
            act()
        except Exception as failure:  # noqa: BLE001  (told in the end)
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(BEATS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_every_due_id_is_asked_once(world, monkeypatch):
    monkeypatch.setattr(refresh, "CHUNK", 20)
    for n in range(PEOPLE):
        make_person(world, f"5550{n:03}", days=31 + n / 1000)

    for _ in range(3):
        assert at_once(lambda: refresh.pick(timezone.now())) == []
        FreshnessCount.objects.update(picked_at=None)  # even if the ticks did not know of each other

    asked = Counter(Lookup.objects.values_list("scoped_id", flat=True))
    assert set(asked.values()) == {1}
    assert len(asked) == PEOPLE
    run = Run.objects.get()
    assert run.rows == PEOPLE


def test_what_is_due_is_asked_once_while_answers_come_in(world):
    for n in range(60):
        make_person(world, f"5550{n:03}", days=31)

    def beat_and_work() -> None:
        refresh.pick(timezone.now())
        resolver.free_and_find_work(timezone.now())
        resolve()

    assert at_once(beat_and_work) == []
    FreshnessCount.objects.update(picked_at=None)
    let_pass(A_DAY / 12)
    assert at_once(beat_and_work) == []

    assert Counter(Lookup.objects.values_list("value", flat=True)).most_common(1)[0][1] == 1
    assert Lookup.objects.count() == 60 == ScopedID.objects.count() == Person.objects.count()
    assert set(Run.objects.values_list("state", flat=True)) == {"done"}
