"""Undoing imports in tests: the undo and its taking back, worked off to the end."""

import io

import pytest
from django.core.management import call_command
from django.utils import timezone

from lookups.evidence import undoing
from lookups.models import Decision, Person, Run
from tests.lookups.people_of_johns import ASID, GAME_ASID, OMAR_ASID, OMAR_PSID, PSID, asker

JOHN = frozenset({f"PSID {PSID}", f"ASID {ASID}", f"ASID {GAME_ASID}"})
OMAR = frozenset({f"PSID {OMAR_PSID}", f"ASID {OMAR_ASID}"})
LONG_AGO = 24 * 90  # hours: longer than any answer is fresh
ALONE = {frozenset({one}) for one in JOHN | OMAR}


def work_off(run: Run) -> None:
    while undoing.go_on_undoing(run.pk):
        pass
    run.refresh_from_db()


@pytest.fixture
def ask(world):
    return asker(world)


@pytest.fixture
def undo(world):
    """Undo an import to the end."""

    def act(run: Run) -> Decision:
        decision = undoing.start_undoing(run, reason="Wrong file.", by=world.user, now=timezone.now())
        work_off(run)
        return decision

    return act


@pytest.fixture
def take_back(world):
    def act(run: Run) -> None:
        undoing.take_back(run, reason="Right file after all.", by=world.user, now=timezone.now())
        work_off(run)

    return act


@pytest.fixture
def sound(world):
    """Whatever a test does: afterwards nothing contradicts the evidence."""
    yield
    out = io.StringIO()
    call_command("rebuild_people", "--check", "--business", str(world.page.business_id), stdout=out)
    assert out.getvalue().endswith(": 0 differences.\n")
    call_command("check_invariants", stdout=out)


def everything() -> set[tuple[str, frozenset[str]]]:
    """Persons with their public IDs."""
    people = Person.objects.prefetch_related("scoped_ids")
    held = ((one.public_id, frozenset(str(row) for row in one.scoped_ids.all())) for one in people)
    return {(name, ids) for name, ids in held if ids}
