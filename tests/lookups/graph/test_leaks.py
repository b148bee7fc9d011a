"""No token, secret or proof in any error, trace or log, whatever goes wrong."""

import http.client
import io
import json
import logging
import pickle
import traceback

import pytest

from lookups.graph import CallCredential, GraphClient, GraphError, LinksQuestion
from lookups.graph.proof import appsecret_proof
from tests.lookups.graph.hostile_server import HostileServer, reset, saying
from tests.lookups.graph.hostile_server import http as answer_of

TOKEN, SECRET = "canary-token-Zk3vQ9x1Lw7TnB5rYc2H", "canary-secret-8fJm2Pq6Xd4Vs0Gt1Na9"
PROOF = appsecret_proof(TOKEN, SECRET)
ECHO = f"Malformed access token {TOKEN} in https://graph.facebook.com/me?access_token={TOKEN}&appsecret_proof={PROOF}"

FAULTS = {
    "reset": reset,
    "hang up": lambda connection: None,
    "html": saying(answer_of(502, "<html>")),
    "echo": saying(answer_of(400, json.dumps({"error": {"code": 190, "message": ECHO}}))),
    "truncated": lambda connection: connection.sendall(answer_of(200, "[null]")[:-3]),
    "redirect": saying(answer_of(302, "", Location=f"http://127.0.0.1:9/?access_token={TOKEN}")),
}


@pytest.fixture
def all_logs(monkeypatch, capsys):
    """Everything any logger says at DEBUG, and what http.client prints."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 0)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    urllib3 = logging.getLogger("urllib3")
    before = urllib3.level
    urllib3.setLevel(logging.DEBUG)
    yield lambda: stream.getvalue() + capsys.readouterr().out
    urllib3.setLevel(before)
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_error_holds_a_secret(fault, all_logs):
    client, error = None, None
    with HostileServer(FAULTS[fault]) as server:
        client = GraphClient(server.url, "v26.0", connect_timeout=1, read_timeout=1, deadline=2)
        try:
            client.ask([LinksQuestion("1")], CallCredential(token=TOKEN, app_secret=SECRET))
        except GraphError as raised:
            error = raised

    assert error is not None
    assert error.__cause__ is None
    assert error.__context__ is None
    shown = [str(error), repr(error), repr(error.args), repr(vars(error)), "".join(traceback.format_exception(error))]
    shown += [pickle.dumps(error).decode("latin-1"), all_logs()]
    for canary in (TOKEN, SECRET, PROOF):
        assert not any(canary in text for text in shown)


@pytest.mark.parametrize("said", ["{}", "Invalid appsecret_proof provided ({}).", "proof:{}, wanted another"])
def test_a_proof_is_cut_out_of_graphs_words_wherever_it_stands(said):
    echo = json.dumps({"error": {"code": 100, "message": said.format(PROOF)}})
    with HostileServer(saying(answer_of(400, echo))) as server, pytest.raises(GraphError) as caught:
        GraphClient(server.url, "v26.0").ask([LinksQuestion("1")], CallCredential(token=TOKEN, app_secret=SECRET))

    assert caught.value.message == said.format("…")


@pytest.mark.parametrize(
    "secret",
    [
        "EAABwzLixnjYBOcanary",
        "EAGm0PX4ZCpsBcanary",
        "259773517400382|canary-of-an-app",
        "259773517400382%7Ccanary-of-an-app",
        "access_token=canary",
        "input_token=canary",
        "client_secret=canary",
        "appsecret_proof=canary",
    ],
)
def test_whatever_looks_like_a_secret_is_cut_out_of_graphs_words(secret):
    told = GraphError(f"(#1) Something about ({secret}) went wrong", trace_id=secret)

    assert "canary" not in str(told) + told.trace_id
    assert told.message.startswith("(#1) Something about (…")


def test_an_error_survives_pickling_whole():
    with HostileServer(FAULTS["echo"]) as server:
        client = GraphClient(server.url, "v26.0")
        with pytest.raises(GraphError) as caught:
            client.ask([LinksQuestion("1")], CallCredential(token=TOKEN, app_secret=SECRET))

    copy = pickle.loads(pickle.dumps(caught.value))

    assert type(copy) is type(caught.value)
    assert vars(copy) == vars(caught.value)


def test_credential_does_not_show_itself():
    shown = repr(CallCredential(token=TOKEN, app_secret=SECRET))

    assert TOKEN not in shown
    assert SECRET not in shown


def test_debug_logs_of_a_good_call_hold_no_secret(sandbox, all_logs):
    asset = sandbox.asset("John's Next Great Thing")
    credential = CallCredential(token=asset["token"], app_secret=asset["secret"])

    GraphClient(sandbox.url, "v26.0").ask([LinksQuestion("12345123")], credential)

    text = all_logs()
    assert "POST /v26.0/" in text, "the log of urllib3 was not looked at"
    assert asset["token"] not in text
    assert asset["secret"] not in text
