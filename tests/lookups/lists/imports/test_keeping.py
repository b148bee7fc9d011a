"""The file of a list is deleted some days after its end, or by hand; what it was read for stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lookups import tasks
from lookups.lists import imports
from lookups.models import ListFile, ListRow, Run
from tests.lookups.lists.imports.lists import read_list, send
from tests.makers import NOW

pytestmark = pytest.mark.django_db
State = Run.State
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def ten_days(settings):
    settings.IDLINK_LIST_KEEP_DAYS = 10


def ended(app, state: str = State.DONE) -> Run:
    run = read_list(app, b"psid\n1\n2\n")
    Run.objects.filter(pk=run.pk).update(state=state, started_at=NOW, finished_at=NOW)
    run.refresh_from_db()
    return run


def remove_old(days: float, run) -> int:
    with run(execute=True):
        return imports.remove_old(NOW + timedelta(days=days))


@pytest.mark.parametrize("state", [State.DONE, State.CANCELLED, State.FAULTY])
def test_it_goes_with_the_days_after_the_end_and_not_before(app, state, django_capture_on_commit_callbacks):
    run = ended(app, state)
    path = run.list_file.path
    assert imports.kept_until(run) == NOW + 10 * DAY

    assert remove_old(9.9, django_capture_on_commit_callbacks) == 0
    assert path.exists()
    assert remove_old(10.1, django_capture_on_commit_callbacks) == 1

    assert not path.exists()
    assert ListFile.objects.get(run=run).removed_at == NOW + timedelta(days=10.1)
    assert ListRow.objects.filter(run=run).count() == 2, "only the file"
    assert remove_old(11, django_capture_on_commit_callbacks) == 0


def test_while_it_is_under_way_it_stays(app, django_capture_on_commit_callbacks):
    run = ended(app)
    for state in (State.GOING, State.PAUSED):
        Run.objects.update(state=state, finished_at=None)
        run.refresh_from_db()
        assert remove_old(1000, django_capture_on_commit_callbacks) == 0
        assert imports.kept_until(run) is None
    assert run.list_file.path.exists()


def test_a_list_that_nobody_starts_is_discarded_and_says_so(app, django_capture_on_commit_callbacks):
    waiting, read = send(app, b"psid\n1\n"), read_list(app, b"psid\n1\n2\n")
    new = imports.take_in(business=app.business, chunks=[b"psid\n1\n"], name="never read", by=None, now=NOW)
    assert imports.kept_until(waiting) == imports.kept_until(read) == NOW + 10 * DAY
    assert remove_old(9.9, django_capture_on_commit_callbacks) == 0

    assert remove_old(10.1, django_capture_on_commit_callbacks) == 3

    for run in (waiting, read, new):
        run.refresh_from_db()
        assert (run.state, run.todo) == (State.CANCELLED, 0)
        assert run.why == "Nobody started it for 10 days."
        assert not run.list_file.path.exists()
    assert read.refused == 2


def test_with_no_days_a_list_still_has_a_day_to_be_started(app, settings, django_capture_on_commit_callbacks):
    settings.IDLINK_LIST_KEEP_DAYS = 0
    over, waiting = ended(app), send(app, b"psid\n1\n")

    assert remove_old(0, django_capture_on_commit_callbacks) == 1

    assert not over.list_file.path.exists()
    assert waiting.list_file.path.exists()


@pytest.mark.parametrize("state", [State.GOING, State.PAUSED, State.DONE, State.CANCELLED, State.FAULTY])
def test_it_can_be_deleted_by_hand_once_it_was_read(app, state, django_capture_on_commit_callbacks):
    run = ended(app, state)

    with django_capture_on_commit_callbacks(execute=True):
        imports.delete_file(run, None, NOW)

    assert not run.list_file.path.exists()
    assert ListRow.objects.filter(run=run).count() == 2


@pytest.mark.parametrize("state", [State.MAPPING, State.READING, State.READY, State.REFUSED])
def test_not_while_it_is_needed_to_read_the_list(app, state):
    run = ended(app, state)

    with pytest.raises(imports.CannotRead, match="still needed"):
        imports.delete_file(run, None, NOW)

    assert run.list_file.path.exists()


def test_a_schedule_does_it(app, settings, django_capture_on_commit_callbacks):
    run = ended(app)
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now() - 11 * DAY)

    assert settings.CELERY_BEAT_SCHEDULE["remove_old_lists"]["task"] == tasks.remove_old_lists.name
    with django_capture_on_commit_callbacks(execute=True):
        tasks.remove_old_lists()

    assert not run.list_file.path.exists()
