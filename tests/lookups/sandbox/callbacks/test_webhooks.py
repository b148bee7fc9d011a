"""Webhooks of Pages that the sandbox sends: what they tell, how they are signed, and what came back."""

import json
import time
from hashlib import sha1, sha256
from hmac import HMAC

import pytest

from tests.contract.wire import GAME_APP, MOVIE_APP, PAGE, PSID, send

OTHER_PSID = "12345124"
SECRET, BODY = (
    "app-secret-1",
    b'{"object":"page","entry":[{"id":"380374449010653","time":1764000000000,"messaging":[]}]}',
)


@pytest.fixture
def tell(sandbox, harness):
    """Lets the sandbox tell of messages; gives what it says came back."""
    return lambda **told: sandbox.control("webhooks", {"url": harness.url, "page": PAGE, **told})


@pytest.fixture
def secrets(sandbox) -> dict[str, str]:
    return {app["id"]: app["secret"] for app in sandbox.world["businesses"][0]["apps"]}


def signature(secret: str, body: bytes) -> str:
    return f"sha256={HMAC(secret.encode(), body, sha256).hexdigest()}"


def psid_in(body: bytes) -> str:
    (entry,) = json.loads(body)["entry"]
    (event,) = entry["messaging"]
    return event["sender"]["id"]


def test_signatures_are_those_of_the_contract():
    assert signature(SECRET, BODY) == "sha256=fd5ce1d07ca63a31c5df287df915ed2e60c344f3d5bc3bd2d08a4c681a5a7bcd"


def test_a_message_is_told_with_its_psid_and_signed_over_the_bytes(tell, harness, secrets):
    (told,) = tell()

    (call,) = harness.calls
    assert call.headers["content-type"] == "application/json"
    assert call.headers["x-hub-signature-256"] == signature(secrets[MOVIE_APP], call.body)
    event = json.loads(call.body)
    (entry,) = event["entry"]
    (message,) = entry["messaging"]
    assert (event["object"], entry["id"]) == ("page", PAGE)
    assert (message["sender"], message["recipient"]) == ({"id": PSID}, {"id": PAGE})
    assert abs(message["timestamp"] / 1000 - time.time()) < 60
    assert message["message"]["mid"].startswith("m_")
    assert (told["psid"], told["status"], told["accepted"]) == (PSID, 200, True)


def test_what_is_parsed_and_written_anew_has_another_signature(tell, harness, secrets):
    tell(text="Chào 👋 https://x.example/")

    (call,) = harness.calls
    assert call.body.isascii()
    assert json.loads(call.body)["entry"][0]["messaging"][0]["message"]["text"] == "Chào 👋 https://x.example/"
    for anew in (json.dumps(json.loads(call.body), separators=(",", ":"), ensure_ascii=flag) for flag in (True, False)):
        assert call.headers["x-hub-signature-256"] != signature(secrets[MOVIE_APP], anew.encode())


@pytest.mark.parametrize(
    ("how", "genuine", "psid"),
    [("forged", False, PSID), ("tampered", False, OTHER_PSID), ("other app", False, PSID), ("stale", True, PSID)],
)
def test_a_webhook_may_be_wrong(tell, harness, secrets, how, genuine, psid):
    tell(how=how)

    (call,) = harness.calls
    assert (call.headers["x-hub-signature-256"] == signature(secrets[MOVIE_APP], call.body)) == genuine
    assert psid_in(call.body) == psid
    assert (json.loads(call.body)["entry"][0]["time"] / 1000 < time.time() - 6 * 86400) == (how == "stale")


def test_a_signature_may_be_an_old_one_or_missing(tell, harness, secrets):
    tell(how="wrong algorithm")
    tell(how="unsigned")

    old, none = harness.calls
    assert old.headers["x-hub-signature"] == f"sha1={HMAC(secrets[MOVIE_APP].encode(), old.body, sha1).hexdigest()}"
    assert "x-hub-signature-256" not in old.headers
    assert not [name for name in none.headers if name.startswith("x-hub")]


def test_another_apps_secret_may_sign_by_right_or_not(tell, harness, secrets):
    tell(app=GAME_APP)
    tell(how="other app", signed_by=GAME_APP)

    for call in harness.calls:
        assert call.headers["x-hub-signature-256"] == signature(secrets[GAME_APP], call.body)


def test_a_replayed_webhook_comes_twice_byte_for_byte(tell, harness):
    assert [one["status"] for one in tell(how="replayed")] == [200, 200]
    assert harness.calls[0].body == harness.calls[1].body
    assert harness.calls[0].headers == harness.calls[1].headers


def test_in_an_echo_the_person_is_the_recipient(tell, harness):
    tell(echo=True)

    (event,) = json.loads(harness.calls[0].body)["entry"][0]["messaging"]
    assert (event["sender"]["id"], event["recipient"]["id"], event["message"]["is_echo"]) == (PAGE, PSID, True)


def test_a_thousand_may_come_many_at_once(tell, harness, secrets):
    told = tell(psids=[str(20000 + number) for number in range(1000)], at_once=100)

    assert [one["status"] for one in told] == [200] * 1000
    assert {psid_in(call.body) for call in harness.calls} == {one["psid"] for one in told}
    assert len({call.headers["x-hub-signature-256"] for call in harness.calls}) == 1000
    assert harness.most_at_once > 5


@pytest.mark.parametrize("knows", [True, False])
def test_a_callback_is_asked_whether_it_is_willing(tell, harness, knows):
    harness.answer_to = lambda call: (200, call.query["hub.challenge"]) if knows else (403, "")

    (told,) = tell(verify_token="agreed")

    (call,) = harness.calls
    assert (call.method, call.query["hub.mode"], call.query["hub.verify_token"]) == ("GET", "subscribe", "agreed")
    assert told["accepted"] is knows


@pytest.mark.parametrize(
    "told",
    [
        {"url": "http://192.0.2.7/"}, {"page": MOVIE_APP}, {"page": "1"}, {"how": "x"}, {"psids": []},
        {"psids": [""], "how": "tampered"}, {"app": "1"}, {"app": PAGE}, {"how": "other app", "signed_by": "1"},
        {"at_once": 0}, {"psids": ["1"] * 1001},
    ],
)  # fmt: skip
def test_webhooks_that_make_no_sense_are_refused(sandbox, told):
    body = {"url": "http://127.0.0.1:1/", "page": PAGE, **told}

    assert send(sandbox, "POST", "/__control/webhooks", json_body=body).status == 400
