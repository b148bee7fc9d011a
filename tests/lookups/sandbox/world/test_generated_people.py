"""Generated people are found by each of their IDs, and a million of them take no memory."""

import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lookups.sandbox.world.default_world import default_world
from tests.contract.wire import Caller


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


def _memory(pid: int) -> int:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
