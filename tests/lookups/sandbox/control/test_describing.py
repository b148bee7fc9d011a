"""What `--describe` prints of a world."""

import json
import subprocess
import sys


def test_the_same_seed_gives_the_same_world_and_another_seed_other_secrets():
    told = [_describe("--people", "50", "--seed", seed) for seed in ("a", "a", "b")]

    assert told[0] == told[1]
    assert told[0] != told[2]


def test_describe_prints_one_object_with_all_a_client_needs():
    told = json.loads(_describe("--people", "100"))

    assert set(told) == {"version", "businesses"}
    first, second, third = told["businesses"]
    assert [business["under_review"] for business in told["businesses"]] == [False, False, True]
    assert len(first["apps"]) >= 3
    assert len(first["pages"]) >= 3
    assert set(first) == {"id", "name", "under_review", "apps", "pages", "people", "system_token"}
    assert set(first["apps"][0]) == {"id", "name", "secret", "token"}
    assert set(first["pages"][0]) == {"id", "name", "managed_by", "token"}
    assert set(first["people"][0]) == {"name", "apps", "pages"}
    assert len(first["people"]) == 20
    assert any(not person["apps"] for person in first["people"])
    assert any(not person["pages"] for person in second["people"] + third["people"] + first["people"])


def _describe(*arguments: str) -> str:
    command = [sys.executable, "-m", "lookups.sandbox", "--describe", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
