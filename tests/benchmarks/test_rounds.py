"""Ways are measured round by round, and compared with what ran in the same round."""

import argparse
import importlib.util

import pytest

from tests.benchmarks.__main__ import measure
from tests.benchmarks.ratios import BY_NAME, ratios
from tests.benchmarks.table import medians, ratio_table, table
from tests.benchmarks.ways import WAYS

FIGURES = {"people": 8.0, "client_ms": 1.0, "server_ms": 2.0, "bytes": 3456.0, "sandbox_percent": 7.0}


class Recorder:
    """Stands where the runner stands; the n-th run of a way has n times a hundred people per second."""

    def __init__(self):
        self.ran = []

    def run(self, way, latency):
        self.ran.append((way.name, latency))
        return {**FIGURES, "people_per_second": 100.0 * self.ran.count((way.name, latency)), "others_percent": 9.0}


def ordered(**changes):
    return argparse.Namespace(**{"only": None, "latency": None, "repeat": 2, **changes})


def test_each_round_goes_once_round_all_ways():
    recorder = Recorder()

    measure(recorder, ordered())

    half = len(recorder.ran) // 2
    assert recorder.ran[:half] == recorder.ran[half:]
    assert len(set(recorder.ran[:half])) == half
    assert {name for name, _ in recorder.ran} == {way.name for way in WAYS}
    assert [latency for name, latency in recorder.ran[:half] if name == "ids-16"] == [50, 200]
    assert [latency for name, latency in recorder.ran[:half] if name in ("orm", "road-2", "copy")] == [50, 50, 0]


def test_a_kind_or_a_way_and_a_latency_can_be_chosen():
    recorder = Recorder()

    measure(recorder, ordered(only=["road", "fetch-16", "copy"], latency=[20], repeat=1))

    assert recorder.ran == [("fetch-16", 20), ("road-1", 20), ("road-2", 20), ("copy", 0)]


def test_ways_at_equal_concurrency_are_asked_about_as_many_people():
    for threads in (1, 16, 64):
        asked = {BY_NAME[f"{kind}-{threads}"].people(4000) for kind in ("ids", "batches", "fetch")}
        assert len(asked) == 1
    assert {BY_NAME[name].people(4000) for name in ("orm", "values", "road-1", "road-2", "copy")} == {4000}


def test_ways_have_names_of_their_own_and_scripts_that_are_there():
    assert len({way.name for way in WAYS}) == len({way.shown for way in WAYS}) == len(WAYS)
    for module in {way.command[0] for way in WAYS if way.command}:
        assert importlib.util.find_spec(f"tests.benchmarks.{module}")


def run_of(rate, client=1.0, server=1.0):
    return {"people_per_second": rate, "client_ms": client, "server_ms": server}


def test_a_ratio_is_the_median_of_those_of_the_rounds():
    ours, theirs = [run_of(10), run_of(90), run_of(60)], [run_of(100), run_of(100), run_of(20)]

    told = ratios({(50, BY_NAME["road-2"]): ours, (50, BY_NAME["orm"]): theirs})

    assert [row[-1] for row in told if row[0] == "people per second"] == [{50: pytest.approx(0.9)}]


def test_costs_are_those_of_client_and_server_together():
    runs = {
        (50, BY_NAME["road-2"]): [run_of(1, client=2, server=4)],
        (50, BY_NAME["orm"]): [run_of(1, client=1, server=3)],
        (0, BY_NAME["copy"]): [run_of(1, client=0, server=2)],
    }

    told = {(row[0], row[2]): row[-1] for row in ratios(runs)}

    assert told["processor time", BY_NAME["orm"].shown] == {50: 1.5}
    assert told["the database server's processor time", BY_NAME["copy"].shown] == {50: 2.0}


def test_only_what_ran_at_one_latency_is_compared():
    runs = {(50, BY_NAME["fetch-16"]): [run_of(1)], (200, BY_NAME["ids-16"]): [run_of(1)]}

    assert ratios(runs) == []
    assert ratio_table(runs) == ""


def test_medians_are_told_figure_by_figure():
    rounds = [{"people": 1.0, "client_ms": 9.0}, {"people": 2.0, "client_ms": 1.0}, {"people": 3.0, "client_ms": 5.0}]

    assert medians(rounds) == {"people": 2.0, "client_ms": 5.0}


def test_the_tables_name_every_figure():
    runs = measure(Recorder(), ordered(only=["road-2", "copy", "orm"], repeat=3))

    lines = [" ".join(line.replace("|", " ").split()) for line in table(runs).splitlines()]
    assert "idlink's road, two processes 50 ms 8 200 1.00 ms 2.00 ms 3,456 7 % 9 %" in lines
    assert "COPY of the road's rows 8 200 1.00 ms 2.00 ms 3,456" in lines
    assert "1.00" in ratio_table(runs)
