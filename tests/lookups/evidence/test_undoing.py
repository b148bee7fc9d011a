"""An import is undone: what only it brought is retracted, all else stays; taken back, all is as before."""

from unittest.mock import patch

import pytest
from django.utils import timezone

from lookups import tasks
from lookups.evidence import decisions, undoing
from lookups.evidence.undoing import CannotUndo, Stage, stepping
from lookups.lists import running
from lookups.models import Conflict, Decision, Lookup, Match, MatchEvent, PersonEvent, Run, ScopedID
from lookups.people.history import as_of
from tests.lookups.evidence.undone import ALONE, JOHN, LONG_AGO, OMAR, everything, work_off
from tests.lookups.imported import imported
from tests.lookups.people_of_johns import (
    ASID,
    GAME_APP,
    GAME_ASID,
    MOVIE_APP,
    OMAR_ASID,
    OMAR_PSID,
    PAGE,
    PSID,
    let_pass,
    persons,
    scoped,
    states,
)

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("sound")]


def step(run: Run) -> None:
    """Do one step only, as a worker does that is then stopped in good order."""
    assert stepping._step(undoing.latest(run).pk)
    Decision.objects.update(busy_until=None)


def stage(run: Run) -> Stage:
    return undoing.stage_of(run, undoing.latest(run))


def open_conflicts() -> list[str]:
    return sorted(Conflict.objects.filter(ended_at=None, settled_by=None).values_list("kind", flat=True))


def test_what_only_the_import_brought_is_retracted_and_nothing_is_deleted(world, undo):
    run = imported(world, (PAGE, PSID), (PAGE, OMAR_PSID))
    assert persons() == {JOHN, OMAR}
    ids, matches = ScopedID.objects.count(), Match.objects.count()

    decision = undo(run)

    assert persons() == ALONE
    assert (run.undone_at is not None, stage(run)) == (True, Stage.UNDONE)
    assert set(states().values()) == {"retracted"}
    assert set(Match.objects.values_list("retracted_by", flat=True)) == {decision.pk}
    assert (ScopedID.objects.count(), Match.objects.count()) == (ids, matches)
    assert open_conflicts() == []


def test_taken_back_the_same_persons_are_there_with_their_public_ids(world, undo, take_back):
    run = imported(world, (PAGE, PSID), (PAGE, OMAR_PSID), (GAME_APP, GAME_ASID))
    before, links = everything(), states()

    undo(run)
    take_back(run)

    assert (everything(), states()) == (before, links)
    assert (run.undone_at, stage(run)) == (None, Stage.STANDING)
    undo(run)
    assert persons() == ALONE


def test_what_was_known_before_stays(world, ask, undo):
    ask(PAGE, PSID, hours=LONG_AGO)
    run = imported(world, (PAGE, OMAR_PSID), (MOVIE_APP, ASID))

    undo(run)

    assert persons() == {JOHN, *(frozenset({one}) for one in OMAR)}
    # The import was the only one to say that these two are one; both belong to John by other answers.
    assert states()[f"ASID {ASID} → ASID {GAME_ASID}"] == "retracted"
    assert states()[f"PSID {PSID} → ASID {ASID}"] == "confirmed"
    assert open_conflicts() == []


def test_an_import_of_all_ids_of_persons_known_before_leaves_no_conflicts_behind(world, ask, undo):
    ask(PAGE, PSID, hours=LONG_AGO)
    run = imported(world, (MOVIE_APP, ASID), (GAME_APP, GAME_ASID))
    before = persons()

    undo(run)

    assert persons() == before == {JOHN}
    assert open_conflicts() == []


def test_what_another_lookup_has_confirmed_since_stays(world, ask, undo):
    run = imported(world, (PAGE, PSID), (PAGE, OMAR_PSID))
    let_pass(LONG_AGO)
    ask(PAGE, PSID)

    undo(run)

    assert persons() == {JOHN, *(frozenset({one}) for one in OMAR)}


def test_what_the_other_direction_gave_to_another_lookup_stays(world, ask, undo):
    run = imported(world, (PAGE, OMAR_PSID))
    let_pass(LONG_AGO)
    ask(MOVIE_APP, OMAR_ASID)

    undo(run)

    assert persons() == {OMAR}
    assert "retracted" not in states().values()


def test_what_somebody_asserted_or_retracted_stays_as_he_wanted(world, undo, take_back):
    run = imported(world, (PAGE, PSID))
    decide(world, Decision.Kind.RETRACT)
    let_pass(LONG_AGO)
    before = everything()

    decision = undo(run)

    retracted = Match.objects.exclude(retracted_by=decision).get()
    assert retracted.target.value == GAME_ASID
    take_back(run)
    assert everything() == before


def decide(world, kind: Decision.Kind) -> Decision:
    one, other = scoped(PAGE, PSID), scoped(GAME_APP, GAME_ASID)
    return decisions.decide(kind, one, other, reason="So.", by=world.user, now=timezone.now())


def test_a_link_asserted_by_hand_keeps_the_persons_together(world, undo):
    run = imported(world, (PAGE, PSID))
    retraction = decide(world, Decision.Kind.RETRACT)
    decide(world, Decision.Kind.ASSERT)
    decisions.undo(retraction, reason="No.", by=world.user, now=timezone.now())

    undo(run)

    assert frozenset({f"PSID {PSID}", f"ASID {GAME_ASID}"}) in persons()


def test_a_retraction_taken_back_after_the_undo_does_not_bring_the_import_back(world, undo, take_back):
    run = imported(world, (PAGE, PSID))
    before = everything()
    retraction = decide(world, Decision.Kind.RETRACT)
    decision = undo(run)

    decisions.undo(retraction, reason="No.", by=world.user, now=timezone.now())

    assert set(Match.objects.values_list("retracted_by", flat=True)) == {decision.pk}
    take_back(run)
    assert everything() == before


def test_a_later_answer_that_gives_a_retracted_link_raises_a_conflict_and_does_not_bring_it_back(world, ask, undo):
    run = imported(world, (PAGE, OMAR_PSID))
    undo(run)

    ask(PAGE, OMAR_PSID)
    ask(MOVIE_APP, OMAR_ASID)

    assert persons() == {frozenset({one}) for one in OMAR}
    assert open_conflicts() == ["apart"]


def test_taken_back_what_answers_said_meanwhile_counts(world, ask, undo, take_back):
    run = imported(world, (PAGE, OMAR_PSID))
    undo(run)
    ask(MOVIE_APP, OMAR_ASID)

    take_back(run)

    assert persons() == {OMAR}
    assert set(states().values()) == {"confirmed"}
    assert open_conflicts() == []
    undo(run)
    assert persons() == {OMAR}, "by now another lookup has given it, too"


def test_a_pair_kept_apart_stays_so(world, undo, take_back):
    run = imported(world, (PAGE, PSID))
    decide(world, Decision.Kind.KEEP_APART)
    before = everything()

    undo(run)
    take_back(run)

    assert everything() == before


def test_it_goes_on_where_a_killed_worker_left_it(world, undo):
    run = imported(world, (PAGE, PSID), (PAGE, OMAR_PSID))
    with patch.object(stepping, "STEP", 1):
        undoing.start_undoing(run, reason="Wrong.", by=world.user, now=timezone.now())
        step(run)
        assert stage(run) == Stage.UNDOING
        before = everything()
        with patch.object(stepping, "settle", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
            undoing.go_on_undoing(run.pk)
        assert everything() == before, "the step that died left nothing behind"
        assert len([ids for ids in persons() if len(ids) > 1]) == 1
        assert not undoing.go_on_undoing(run.pk), "the lease of the dead worker runs"
        assert undoing.left_behind(timezone.now()) == []
        assert undoing.left_behind(timezone.now() + 2 * stepping.LEASE) == [run.pk]
        Decision.objects.update(busy_until=None)
        work_off(run)

    assert persons() == ALONE
    assert undoing.left_behind(timezone.now() + 2 * stepping.LEASE) == []


def test_taken_back_half_way_it_turns_round(world, take_back):
    run = imported(world, (PAGE, PSID), (PAGE, OMAR_PSID))
    before = everything()
    with patch.object(stepping, "STEP", 1):
        undoing.start_undoing(run, reason="Wrong.", by=world.user, now=timezone.now())
        step(run)
        assert len(persons()) > 2
        undoing.take_back(run, reason="No.", by=world.user, now=timezone.now())
        assert stage(run) == Stage.RESTORING
        with pytest.raises(CannotUndo, match="already"):
            undoing.start_undoing(run, reason="Yes.", by=world.user, now=timezone.now())
        work_off(run)

    assert everything() == before
    assert stage(run) == Stage.STANDING


def test_it_is_the_task_that_works_it_off_and_the_sweep_that_finds_what_was_left(world, settings):
    settings.CELERY_TASK_ALWAYS_EAGER = True
    run = imported(world, (PAGE, PSID))
    undoing.start_undoing(run, reason="Wrong.", by=world.user, now=timezone.now())
    woken = []
    with patch("lookups.tasks.sweeping.wake_undoing", woken.append), patch("lookups.tasks.sweeping.wake"):
        tasks.sweep()
    assert woken == [run.pk]

    tasks.undo_run(run_pk=run.pk, of_another_version=1)

    run.refresh_from_db()
    assert stage(run) == Stage.UNDONE


def test_the_history_tells_of_it(world, undo, take_back):
    run = imported(world, (PAGE, OMAR_PSID))
    person, then = scoped(PAGE, OMAR_PSID).person, timezone.now()
    decision = undo(run)
    during = timezone.now()
    take_back(run)

    kinds = list(MatchEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["retracted", "restored"]
    moved = PersonEvent.objects.order_by("pk")
    assert [(event.kind, event.decision) for event in moved] == [("split", decision), ("joined", decision)]
    for at, size in ((then, 2), (during, 1), (timezone.now(), 2)):
        assert len(as_of(person, at).members) == size


def test_an_undone_import_is_not_tried_again(world, undo):
    run = imported(world, (PAGE, PSID), ("380374449010777", "123"))
    undo(run)

    with pytest.raises(running.CannotChange, match="undone"):
        running.retry(run, by=world.user, now=timezone.now())


def test_another_import_of_the_same_ids_is_not_touched(world, undo):
    first = imported(world, (PAGE, OMAR_PSID))
    let_pass(LONG_AGO)
    second = imported(world, (PAGE, OMAR_PSID))
    assert Lookup.objects.filter(run=second).exists()

    undo(second)
    assert persons() == {OMAR}
    undo(first)

    assert persons() == {OMAR}, "the second one confirmed what the first had brought"
