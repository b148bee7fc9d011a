"""From a request to an answer: what stands around all of them."""

from tests.contract.wire import PSID, send


def test_options_answers_at_once(sandbox):
    assert send(sandbox, "OPTIONS", f"{PSID}/ids_for_apps").status == 200


def test_options_tells_what_a_browser_wants_to_know(sandbox):
    headers = send(sandbox, "OPTIONS", f"{PSID}/ids_for_apps").headers

    assert headers["access-control-allow-origin"] == "*"
    assert "GET" in headers["access-control-allow-methods"]
    assert "Authorization" in headers["access-control-allow-headers"]
    assert "OPTIONS" in headers["allow"]
    assert headers["facebook-api-version"] == "v26.0"
