"""Latency: fixed, at random, and for each item of a batch."""

import time

import pytest

from tests.contract.wire import ASID, Caller, send

TOO_MUCH = [float("nan"), float("inf"), -1, "1", True, None, 3600]


def test_latency_delays_every_answer(sandbox):
    sandbox.control("latency", {"seconds": 0.3})
    began = time.monotonic()

    Caller(sandbox, "JohnsMovieApp").get(ASID)

    assert time.monotonic() - began >= 0.3


def test_latency_may_be_random_or_grow_with_the_items_of_a_batch(sandbox):
    app = Caller(sandbox, "JohnsMovieApp")

    def seconds(items: int) -> float:
        before = time.monotonic()
        assert len(app.batch(*[ASID] * items).body) == items
        return time.monotonic() - before

    sandbox.control("latency", {"per_item": 0.02})
    assert seconds(20) >= 0.4
    assert seconds(1) < 0.4
    sandbox.control("latency", {"seconds": 0.1, "spread": 0.1})
    assert seconds(20) >= 0.1


@pytest.mark.parametrize("name", ["seconds", "spread", "per_item"])
@pytest.mark.parametrize("value", TOO_MUCH, ids=str)
def test_a_latency_that_is_no_time_is_refused_clearly(sandbox, name, value):
    reply = send(sandbox, "POST", "/__control/latency", json_body={name: value})

    assert reply.status == 400
    assert f"{name} is a number of seconds from 0 to 3600" in reply.body["error"]
    assert send(sandbox, "POST", "/__control/latency", json_body={"secs": 1}).body["error"].count("secs") == 1
