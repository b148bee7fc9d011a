"""What the page of a list says it will cost, against what the sandbox then counts: an answer covers a whole person."""

import re
from collections.abc import Callable, Sequence

import pytest
from django.utils import timezone

from lookups.lists import choosing, feeding, running
from lookups.models import Run
from lookups.sandbox.world.default_world import FAN_PAGE, GAME_APP, HELP_PAGE, MOVIE_APP, NEXT_PAGE
from tests.lookups.list_runs import ask_batch
from tests.lookups.lists.people_lists import (
    Row,
    asked_nodes,
    let_all_become_stale,
    list_of,
    rows_of_people,
    work_as_tasks_do,
)

PEOPLE = 100
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture
def sandbox(start_sandbox):
    """A sandbox with people enough for the lists."""
    return start_sandbox("--people", str(2 * PEOPLE))


def of(rows: Sequence[Row], *assets: str) -> list[Row]:
    return [row for row in rows if row[0] in assets]


def everything(rows: list[Row]) -> list[Row]:
    return rows


def pages_alone(rows: list[Row]) -> list[Row]:
    return of(rows, FAN_PAGE, HELP_PAGE, NEXT_PAGE)


def one_app(rows: list[Row]) -> list[Row]:
    return of(rows, MOVIE_APP)


def an_app_and_a_page_that_another_manages(rows: list[Row]) -> list[Row]:
    return of(rows, GAME_APP, FAN_PAGE)


def backwards(rows: list[Row]) -> list[Row]:
    return rows[::-1]


LISTS = [
    everything,
    an_app_and_a_page_that_another_manages,
    *(pytest.param(which, marks=pytest.mark.long) for which in (pages_alone, one_app, backwards)),
]


def told_calls(client, run: Run) -> tuple[int, int]:
    """The fewest and the most calls that the run's page tells before its start."""
    shown = re.search(r'id="forecast-calls">([^<]*)<', client.get(run.address).content.decode())
    assert shown
    numbers = [int(one.replace(",", "")) for one in re.findall(r"[\d,]+", shown[1])]
    return numbers[0], numbers[-1]


def calls_of(sandbox, world, run: Run) -> int:
    before = len(asked_nodes(sandbox))
    running.start(run, by=world.user, now=timezone.now())
    assert work_as_tasks_do(run).state == Run.State.DONE
    return len(asked_nodes(sandbox)) - before


@pytest.mark.parametrize("which", LISTS)
def test_calls_about_known_people_come_as_they_were_told(world, sandbox, client, which: Callable):
    client.force_login(world.user)
    rows = rows_of_people(PEOPLE)
    work_as_tasks_do(list_of(rows))
    let_all_become_stale()
    run = list_of(which(rows), state=Run.State.READY)

    fewest, most = told_calls(client, run)
    calls = calls_of(sandbox, world, run)

    assert fewest == most
    assert calls == pytest.approx(most, rel=0.2)


@pytest.mark.parametrize("which", LISTS)
def test_calls_about_unknown_people_lie_within_what_was_told(world, sandbox, client, which: Callable):
    client.force_login(world.user)
    rows = which(rows_of_people(PEOPLE))
    run = list_of(rows, state=Run.State.READY)

    fewest, most = told_calls(client, run)
    calls = calls_of(sandbox, world, run)

    assert fewest <= calls <= most == len(rows)
    assert fewest >= max(sum(row[0] == graph_id for row in rows) for graph_id, _ in rows)


def test_a_range_of_calls_whose_times_read_alike_has_one_time(world, client):
    client.force_login(world.user)

    page = client.get(list_of(rows_of_people(8), state=Run.State.READY).address).content.decode()

    assert re.search(r'id="forecast-calls">\d+ to \d+<', page)
    assert 'id="forecast-time">less than a minute<' in page
    assert "Calls, at most" in page


def test_a_list_of_known_and_unknown_people_is_told_as_both(world, sandbox, client):
    client.force_login(world.user)
    rows = rows_of_people(PEOPLE)
    work_as_tasks_do(list_of(rows[: len(rows) // 2]))
    let_all_become_stale()
    run = list_of(rows, state=Run.State.READY)

    fewest, most = told_calls(client, run)
    calls = calls_of(sandbox, world, run)

    assert fewest <= calls <= most < len(rows)


@pytest.mark.parametrize("which", LISTS)
def test_the_page_of_a_list_under_way_tells_its_questions_by_what_the_first_answers_covered(
    world, sandbox, client, which: Callable, monkeypatch
):
    client.force_login(world.user)
    for limit, rows in (("FEED_AHEAD", 60), ("CHUNK", 30), ("AT_ONCE", 0)):
        monkeypatch.setattr(choosing, limit, rows)
    run = list_of(which(rows_of_people(PEOPLE)))

    assert "expected-questions" not in client.get(run.address).content.decode()
    feeding.feed(timezone.now())
    ask_batch("bulk")
    page = client.get(run.address)
    shown = re.search(r'id="expected-questions">([\d,]+)<', page.content.decode())
    seconds, answered = page.context["left"].total_seconds(), page.context["counts"].answered
    assert work_as_tasks_do(run).state == Run.State.DONE

    assert shown
    assert seconds * page.context["rate"] == pytest.approx(int(shown[1]) - answered), (
        "no time for rows that are covered"
    )
    assert int(shown[1]) == pytest.approx(len(asked_nodes(sandbox)), rel=0.2)
