"""What reads a list may take only so much memory and time, has no file of its parent, and may die without loss."""

import fcntl
import os
import signal

import pytest

from lookups.lists import imports
from lookups.lists.imports import confined as module
from lookups.lists.imports import places, recognising, sources
from lookups.lists.imports.confined import ReaderLost, confined
from lookups.models import ListFile, Run
from tests.lookups.lists.imports.lists import as_xlsx, read, rows, send
from tests.makers import NOW

TEXT = b"psid\n1\n2\n"


def new_list(app) -> Run:
    return imports.take_in(business=app.business, chunks=[TEXT], name="x.csv", by=None, now=NOW)


def kill_oneself(*told):
    os.kill(os.getpid(), signal.SIGKILL)


def test_more_memory_than_allowed_is_refused_with_the_number(settings):
    settings.IDLINK_LIST_READ_MB = 50

    with pytest.raises(imports.CannotRead, match="more than 50 MB of memory"):
        list(confined(lambda: [len(bytearray(90 * 1024 * 1024))], seconds=5))
    assert list(confined(lambda: [len(bytearray(9))], seconds=5)) == [9]


def test_more_processor_time_than_allowed_is_refused_with_the_number():
    def forever():
        while True:
            pass
        yield

    with pytest.raises(imports.CannotRead, match="more than 1 seconds of processor time"):
        list(confined(forever, seconds=1))


def test_the_child_keeps_no_file_of_its_parent(tmp_path):
    with (tmp_path / "open").open("w"):
        (kept,) = confined(lambda: [sorted(map(int, os.listdir("/dev/fd")))], seconds=5)

    assert len([number for number in kept if number > 2]) == 2  # the pipe, and the listing itself


def test_closing_ends_the_child():
    found = confined(lambda: (os.getpid() for _ in iter(int, 1)), seconds=5)
    child = next(found)
    found.close()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_an_error_of_ours_says_where_it_was_but_not_what_stands_in_the_list():
    def fail():
        raise ValueError("12345123")
        yield

    with pytest.raises(RuntimeError, match=r"ValueError at .*test_confined\.py:\d+") as failed:
        list(confined(fail, seconds=5))
    assert "12345123" not in str(failed.value)


def test_a_child_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.02)

    with pytest.raises(ReaderLost, match="nothing for too long"):
        list(confined(lambda: [os.kill(os.getpid(), signal.SIGSTOP)], seconds=5))


@pytest.mark.django_db
def test_a_list_whose_reader_was_killed_is_read_again(app, monkeypatch):
    run = new_list(app)
    with monkeypatch.context() as killing:
        killing.setattr(recognising, "_looked_at", kill_oneself)
        assert not imports.read_some(run.pk, NOW)
    run.refresh_from_db()
    assert (run.state, run.list_file.attempts) == (Run.State.READING, 1)
    imports.read_some(run.pk, NOW)
    run.refresh_from_db()
    assert (run.state, ListFile.objects.get().attempts) == (Run.State.MAPPING, 0)

    with monkeypatch.context() as killing:
        killing.setattr(sources, "rows_in_place", kill_oneself)
        read(run, app)
    assert (run.state, rows(run), ListFile.objects.get().attempts) == (Run.State.READING, [], 1)
    imports.read_some(run.pk, NOW)

    run.refresh_from_db()
    assert (run.state, run.todo, ListFile.objects.get().attempts) == (Run.State.READY, 2, 0)


@pytest.mark.django_db
def test_a_list_that_kills_its_reader_again_and_again_is_refused(app, monkeypatch):
    run = new_list(app)
    monkeypatch.setattr(recognising, "_looked_at", kill_oneself)
    for _ in range(places.MOST_ATTEMPTS + 1):
        imports.read_some(run.pk, NOW)

    run.refresh_from_db()
    assert run.state == Run.State.REFUSED
    assert "was lost 10 times at the same place" in run.why


@pytest.mark.django_db
def test_two_processes_never_read_one_list_at_a_time(app):
    run = new_list(app)
    with run.list_file.path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert not imports.read_some(run.pk, NOW)
        assert ListFile.objects.get().attempts == 0, "the other one reads"

    imports.read_some(run.pk, NOW)
    run.refresh_from_db()
    assert run.state == Run.State.MAPPING


@pytest.mark.django_db
def test_no_child_waits_for_a_list_that_nobody_reads_any_more(app, monkeypatch):
    monkeypatch.setattr("lookups.lists.imports.reading.CHUNK", 1)
    children, fork = [], os.fork
    monkeypatch.setattr(module.os, "fork", lambda: children.append(fork()) or children[-1])
    run = send(app, as_xlsx([["psid"], *([str(number)] for number in range(6_000))]))
    imports.name_columns(run, id_column=0, asset=app, has_header=True, now=NOW)
    assert imports.read_some(run.pk, NOW)
    child = children[-1]
    os.kill(child, 0)

    imports.discard(run, None, NOW)
    imports.end_children()

    assert not sources._kept
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
