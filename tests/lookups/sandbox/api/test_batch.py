"""Batches that make no sense."""

import pytest

from tests.contract.wire import Caller, send


@pytest.mark.parametrize("items", ["x", "{}", "[1]", "[" * 5000, '[{"relative_url": "//["}]', '[{"method": 7}]'])
def test_batches_that_make_no_sense_are_refused_or_judged_item_by_item(sandbox, items):
    caller = Caller(sandbox, "JohnsMovieApp")
    form = {"access_token": caller.token, "batch": items}

    reply = send(sandbox, "POST", "/", form=form)

    assert reply.status == 400 or all(item["code"] >= 400 for item in reply.body)
