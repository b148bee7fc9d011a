"""Processor time is that of everybody concerned, and figures are a person's."""

import argparse
import math
import multiprocessing
import os
import time

import pytest

from tests.benchmarks.measuring import Used, cpu_seconds, figures, measured, parent_of

needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="there is no /proc")


def burn(seconds):
    start = time.process_time()
    while time.process_time() < start + seconds:
        pass


@needs_proc
def test_the_time_of_children_counts_while_they_live_and_when_they_have_ended():
    context = multiprocessing.get_context("spawn")
    before, can_end = cpu_seconds(os.getpid()), context.Event()
    child = context.Process(target=burn_and_wait, args=(0.3, burnt := context.Event(), can_end))
    child.start()

    assert burnt.wait(60)
    assert cpu_seconds(os.getpid()) - before >= 0.2
    assert parent_of(child.pid) == os.getpid()
    can_end.set()
    child.join(60)
    assert cpu_seconds(os.getpid()) - before >= 0.2


def burn_and_wait(seconds, burnt, can_end):
    burn(seconds)
    burnt.set()
    can_end.wait(60)


@needs_proc
def test_a_process_that_is_not_there_has_used_nothing():
    assert cpu_seconds(2**22 + 1) == 0


def test_figures_are_a_persons_and_others_are_who_is_left():
    before = Used(client=1, server=10, sandbox=100, machine=1000)
    after = Used(client=3, server=14, sandbox=101, machine=1009)

    told = figures(before, after, wall=4, people=1000)

    assert told == {
        "people": 1000,
        "people_per_second": 250,
        "client_ms": 2,
        "server_ms": 4,
        "sandbox_percent": 25,
        "others_percent": 50,
    }


def test_work_is_measured_from_its_begin_to_its_end():
    given = argparse.Namespace(server=0, sandbox=0, people=10)

    told, measure = measured(lambda: burn(0.2), given)

    assert told is None
    assert measure["client_ms"] >= 20
    assert measure["people_per_second"] <= 50
    assert measure["server_ms"] == measure["sandbox_percent"] == 0
    assert not math.isnan(measure["others_percent"])
