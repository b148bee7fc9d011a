"""People computed both ways, the default world, and starting with a million of them."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookups.sandbox.world.default_world import default_world
from lookups.sandbox.world.permutation import Permutation
from tests.contract.wire import Caller


@given(st.integers(0, 999), st.text(max_size=5))
def test_permutation_goes_back_to_where_it_came_from(number, key):
    permutation = Permutation(key, 1000)

    there = permutation.forward(number)

    assert 0 <= there < 1000
    assert permutation.back(there) == number


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_permutation_reaches_every_number_once(size):
    permutation = Permutation("key", size)

    assert sorted(map(permutation.forward, range(size))) == list(range(size))


def test_another_key_gives_another_permutation():
    one, two = (Permutation(key, 10**15) for key in ("a", "b"))

    assert [one.forward(n) for n in range(5)] != [two.forward(n) for n in range(5)]


@given(st.integers(0, 10**6 - 1))
def test_generated_people_are_found_by_each_of_their_ids(index):
    world = default_world(people=10**6)
    person = world.generated(index)

    assert person.ids
    for scope, value in person.ids.items():
        assert world.assets[scope].business_id == person.business_id
        assert world.person_of(scope, value) == person


def test_ids_of_nobody_find_nobody():
    world = default_world(people=10)

    for value in ("1000000000000000", "1999999999999999", "5", "9" * 16, "0" * 16):
        assert world.person_of("259773517400382", value) is None


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


def test_two_people_share_their_digits_in_an_app_and_on_a_page(sandbox):
    mai = Caller(sandbox, "John's Instant Quiz").get("77001234567", fields="name").body
    omar = Caller(sandbox, "John's Next Great Thing").get("77001234567", fields="name").body

    assert (mai["name"], omar["name"]) == ("Mai Tran", "Omar Haddad")


def test_a_million_people_start_at_once_and_take_no_memory(start_sandbox):
    few = start_sandbox("--people", "1000")
    began = time.monotonic()
    many = start_sandbox("--people", "1000000")
    took = time.monotonic() - began

    assert took < 2
    _ask_about_someone(many)
    assert _memory(many.pid) - _memory(few.pid) < 5_000_000


def test_people_of_each_kind_of_scope_are_known_to_graph(start_sandbox):
    sandbox = start_sandbox("--people", "200")
    person = sandbox.world["businesses"][0]["people"][-1]
    (app_id, asid), *_ = person["apps"].items()
    app = next(a for a in sandbox.world["businesses"][0]["apps"] if a["id"] == app_id)

    told = Caller(sandbox, app["name"]).get(asid, fields="name,ids_for_apps,ids_for_pages").body

    assert told["name"] == person["name"]
    assert {row["app"]["id"]: row["id"] for row in told["ids_for_apps"]["data"]} == person["apps"]
    pages = told.get("ids_for_pages", {"data": []})["data"]
    assert {row["page"]["id"]: row["id"] for row in pages} == person["pages"]


def _ask_about_someone(sandbox) -> None:
    person = default_world(people=10**6).generated(0)
    scope, value = next(iter(person.ids.items()))
    business = next(b for b in sandbox.world["businesses"] if b["id"] == person.business_id)
    name = next(a["name"] for a in [*business["apps"], *business["pages"]] if a["id"] == scope)
    assert Caller(sandbox, name).get(value, fields="name").status == 200


def _describe(*arguments: str) -> str:
    command = [sys.executable, "-m", "lookups.sandbox", "--describe", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _memory(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
