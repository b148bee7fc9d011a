"""Callbacks that the sandbox sends: who they are about, how they are signed, and what came back."""

import base64
import json
import threading
import time
from hashlib import sha256
from hmac import HMAC

import pytest

from tests.contract.wire import ASID, GAME_APP, MOVIE_APP, PSID, Caller, send

OMAR = "66001234567"


@pytest.fixture
def call_back(sandbox, harness):
    """Lets the sandbox call back; gives what it says came back."""
    return lambda **told: sandbox.control("callbacks", {"url": harness.url, "app": MOVIE_APP, **told})


def read(signed_request: str, secret: str) -> tuple[dict, bool]:
    """Give the payload of a signed request, and whether it was signed with this secret."""
    signature, payload = signed_request.split(".")
    assert "=" not in signed_request
    padded = [one + "=" * (-len(one) % 4) for one in (signature, payload)]
    expected = HMAC(secret.encode(), payload.encode(), sha256).digest()
    return json.loads(base64.urlsafe_b64decode(padded[1])), base64.urlsafe_b64decode(padded[0]) == expected


@pytest.fixture
def secrets(sandbox) -> dict[str, str]:
    return {app["id"]: app["secret"] for app in sandbox.world["businesses"][0]["apps"]}


def test_a_callback_names_a_person_and_is_signed_with_the_apps_secret(call_back, harness, secrets):
    (told,) = call_back()

    payload, is_genuine = read(harness.forms[0]["signed_request"], secrets[MOVIE_APP])
    assert is_genuine
    assert payload["user_id"] == told["asid"] == ASID
    assert payload["algorithm"] == "HMAC-SHA256"
    assert abs(payload["issued_at"] - time.time()) < 60
    assert (told["status"], told["body"], told["accepted"]) == (200, "{}", True)


@pytest.mark.parametrize(
    ("how", "genuine", "user"),
    [("forged", False, ASID), ("tampered", False, "645195295"), ("other app", False, ASID), ("stale", True, ASID),
     ("wrong algorithm", True, ASID)],
)  # fmt: skip
def test_a_callback_may_be_wrong(call_back, harness, secrets, how, genuine, user):
    call_back(how=how)

    payload, is_genuine = read(harness.forms[0]["signed_request"], secrets[MOVIE_APP])
    assert (is_genuine, payload["user_id"]) == (genuine, user)
    assert (payload["issued_at"] < time.time() - 6 * 86400) == (how == "stale")
    assert (payload["algorithm"] != "HMAC-SHA256") == (how == "wrong algorithm")


def test_another_apps_secret_may_sign(call_back, harness, secrets):
    call_back(how="other app", signed_by=GAME_APP)

    assert read(harness.forms[0]["signed_request"], secrets[GAME_APP])[1]


def test_a_replayed_callback_comes_twice_byte_for_byte(call_back, harness):
    assert [one["status"] for one in call_back(how="replayed")] == [200, 200]
    assert harness.forms[0] == harness.forms[1]


def test_a_thousand_callbacks_may_come_at_once(start_sandbox, harness):
    sandbox = start_sandbox("--people=5000")
    told = sandbox.control("callbacks", {"url": harness.url, "app": MOVIE_APP, "count": 1000})

    assert [one["status"] for one in told] == [200] * 1000
    assert len({form["signed_request"] for form in harness.forms}) == 1000
    assert harness.most_at_once > 5
    harness.most_at_once = 0
    sandbox.control("callbacks", {"url": harness.url, "app": MOVIE_APP, "count": 10, "at_once": 1})
    assert harness.most_at_once == 1


def test_people_are_named_one_by_one(call_back, harness, secrets):
    told = call_back(asids=[OMAR, "1"])

    assert [one["asid"] for one in told] == [OMAR, "1"]
    named = {read(form["signed_request"], secrets[MOVIE_APP])[0]["user_id"] for form in harness.forms}
    assert named == {OMAR, "1"}


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ('{"url": "https://x.example/1", "confirmation_code": "a1"}', True), ("{}", False), ("[]", False), ("x", False),
        ('{"url": "http://x.example/1", "confirmation_code": "a1"}', False),
        ('{"url": "https://x.example/1", "confirmation_code": "a-1"}', False),
    ],
)  # fmt: skip
def test_a_deletion_wants_a_url_and_a_code_in_return(call_back, harness, answer, accepted):
    harness.answer = answer

    assert call_back(kind="deletion")[0]["accepted"] is accepted
    assert call_back(kind="deauthorize")[0]["accepted"] is True


def test_what_did_not_come_back_is_told(sandbox, harness):
    harness.status = 500
    assert sandbox.control("callbacks", {"url": harness.url, "app": MOVIE_APP})[0]["accepted"] is False
    told = sandbox.control("callbacks", {"url": "http://127.0.0.1:1/", "app": MOVIE_APP})[0]

    assert "ConnectionRefusedError" in told["error"]


def test_the_sandbox_answers_while_it_calls_back(sandbox, harness):
    answers = []

    def ask() -> None:
        answers.append(send(sandbox, "GET", "/__sandbox/health").status)

    harness.on_call = ask
    sandbox.control("callbacks", {"url": harness.url, "app": MOVIE_APP})

    assert answers == [200]


def test_a_deletion_may_come_while_that_person_is_looked_up(sandbox, harness):
    """The callback is there, and answered, before the question about the same person is."""
    page, order = Caller(sandbox, "John's Next Great Thing"), []
    sandbox.control("latency", {"seconds": 0.5})

    def look_up() -> None:
        order.append(("looked up", page.get(f"{PSID}/ids_for_apps").status))

    lookup = threading.Thread(target=look_up)
    lookup.start()
    (told,) = sandbox.control("callbacks", {"url": harness.url, "app": MOVIE_APP, "kind": "deletion", "asids": [ASID]})
    order.append(("called back", told["status"]))
    lookup.join()

    assert order == [("called back", 200), ("looked up", 200)]


@pytest.mark.parametrize(
    "told",
    [
        {"url": "http://192.0.2.7/"}, {"url": "https://127.0.0.1/"}, {"url": "http://localhost/"}, {"app": "424242"},
        {"how": "x"}, {"kind": "x"}, {"asids": []}, {"count": 0}, {"at_once": 0}, {"asids": ["1"] * 1001},
        {"how": "other app", "signed_by": "1"}, {"count": "x"},
    ],
)  # fmt: skip
def test_callbacks_that_make_no_sense_are_refused(sandbox, told):
    body = {"url": "http://127.0.0.1:1/", "app": MOVIE_APP, **told}

    assert send(sandbox, "POST", "/__control/callbacks", json_body=body).status == 400
