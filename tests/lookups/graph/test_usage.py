"""Usage headers: how much of a limit is used, by captured headers and by odd ones."""

import json
from pathlib import Path

import pytest

from lookups.graph.usage import read_usage

CAPTURED = Path(__file__).parent / "fixtures/captured/usage_headers.json"


def test_captured_usage_headers_are_read():
    told = json.loads(CAPTURED.read_text())["python_facebook_tests"]
    headers = {name: json.dumps(told[name]) for name in ("x-app-usage", "x-business-use-case-usage")}

    app, page = read_usage(headers)

    assert (app.kind, app.percent) == ("app", 91)
    assert (page.kind, page.owner_id, page.percent) == ("pages", "112130216863063", 1)


@pytest.mark.parametrize("text", ["", "x", "[]", "{", '{"a": 1}', '{"a": [1]}', "[" * 10_000, '{"call_count": "9"}'])
def test_malformed_usage_headers_cost_nothing(text):
    assert all(pool.percent == 0 for pool in read_usage({"x-app-usage": text, "x-business-use-case-usage": text}))
