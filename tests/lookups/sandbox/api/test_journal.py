"""The journal: every request with its verdict, its fault and its size, and never a secret."""

import json

from tests.contract.wire import ASID, PSID, Caller, send
from tests.lookups.sandbox.fault_rules import item


def test_journal_and_log_tell_everything_but_secrets(start_sandbox, tmp_path):
    log = tmp_path / "log.jsonl"
    sandbox = start_sandbox("--log", str(log))
    caller = Caller(sandbox, "JohnsMovieApp")
    caller.get(f"{ASID}/ids_for_pages")
    caller.get(f"{ASID}/ids_for_pages", appsecret_proof="x")
    caller.get(f"{ASID}/ids_for_pages", proof=False)
    caller.batch(ASID)

    entries = sandbox.journal()

    assert [entry["proof"] for entry in entries[:3]] == ["ok", "wrong", "missing"]
    assert [entry["path"] for entry in entries[3:]] == [f"/{ASID}", "/"]
    assert entries[0]["params"]["access_token"].startswith("sha256:")
    assert [json.loads(line) for line in log.read_text().splitlines()] == entries
    for secret in (caller.token, caller.secret, caller.proof):
        assert secret not in log.read_text()


def test_the_journal_tells_which_fault_met_a_request_and_how_much_was_sent(ask, sandbox):
    ask(item({"rows": "duplicate"}))

    met, whole_answer = sandbox.journal()
    assert (met["action"], whole_answer["action"]) == (["rows"], [])
    assert 0 < met["bytes"] < whole_answer["bytes"]


def test_no_secret_stands_in_the_journal_whatever_its_name(sandbox):
    page = Caller(sandbox, "John's Next Great Thing")
    page.get(PSID, zz=page.token, yy=page.secret)
    send(sandbox, "GET", PSID, headers={"Authorization": f"Bearer {page.token}"})

    told = sandbox.journal()
    assert page.token not in str(told)
    assert page.secret not in str(told)
    assert told[0]["token"] == told[1]["token"] != ""
