"""Which imports can be undone, and what the preview of an undo tells."""

from unittest.mock import patch

import pytest
from django.utils import timezone

from lookups.evidence import decisions, undoing
from lookups.evidence.undoing import CannotUndo, previewing
from lookups.evidence.undoing.origins import Origin
from lookups.models import Match, Run
from tests.lookups.evidence.undone import JOHN, LONG_AGO, OMAR, everything
from tests.lookups.imported import imported, read_list
from tests.lookups.people_of_johns import ASID, MOVIE_APP, OMAR_PSID, PAGE, PSID, persons, scoped

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("sound")]


def test_the_preview_tells_what_comes_and_changes_nothing(world, ask, undo):
    ask(PAGE, PSID, hours=LONG_AGO)
    run = imported(world, (PAGE, OMAR_PSID), (MOVIE_APP, ASID), (PAGE, PSID))
    before = everything()

    with patch.object(previewing, "STEP", 1):
        shown = undoing.preview_undoing(run)

    assert everything() == before
    assert shown.is_whole
    assert (len(shown.parts), shown.become) == (1, 2)
    assert list(shown.shown) == [scoped(PAGE, OMAR_PSID).person.public_id]
    assert Origin.BEFORE.value in dict(shown.staying) or Origin.BACK.value in dict(shown.staying)
    undo(run)
    assert shown.retracted == len({frozenset(pair) for pair in retracted_pairs()})
    assert persons() == {JOHN, *(frozenset({one}) for one in OMAR)}


def retracted_pairs() -> list[tuple[int, int]]:
    return list(Match.objects.filter(retracted_by__isnull=False).values_list("source", "target"))


def test_of_a_large_import_the_preview_looks_at_the_first_rows_only_and_says_so(world):
    run = imported(world, (PAGE, PSID), (PAGE, OMAR_PSID))

    with patch.object(previewing, "STEP", 1):
        shown = undoing.preview_undoing(run, most=1)

    assert (shown.is_whole, shown.looked_at, shown.asked) == (False, 1, 2)


@pytest.mark.parametrize("state", [Run.State.READY, Run.State.GOING, Run.State.PAUSED])
def test_an_import_that_is_not_over_can_t_be_undone(world, state):
    run = read_list(world, (PAGE, PSID))
    Run.objects.filter(pk=run.pk).update(state=state)

    with pytest.raises(CannotUndo, match="not over yet"):
        undoing.start_undoing(run, reason="Wrong.", by=world.user, now=timezone.now())


def test_a_single_lookup_is_no_import(world, ask):
    assert "Only an import" in undoing.why_not(ask(PAGE, PSID).run)


def test_it_wants_a_reason_and_is_done_once(world, undo, take_back):
    run = imported(world, (PAGE, PSID))
    with pytest.raises(CannotUndo, match="reason"):
        undoing.start_undoing(run, reason="  ", by=world.user, now=timezone.now())
    with pytest.raises(CannotUndo, match="no undo"):
        undoing.take_back(run, reason="x", by=world.user, now=timezone.now())
    decision = undo(run)
    with pytest.raises(CannotUndo, match="already"):
        undo(run)
    with pytest.raises(decisions.CannotDecide):
        decisions.undo(decision, reason="x", by=world.user, now=timezone.now())
    take_back(run)
    with pytest.raises(CannotUndo, match="no undo"):
        take_back(run)
