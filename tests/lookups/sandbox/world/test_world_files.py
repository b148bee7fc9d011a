"""Worlds from files and worlds made up: served, described, and as broken as they say they are."""

import json
import subprocess
import sys

import pytest

from lookups.sandbox.control.initial_events import apply_initial_events
from lookups.sandbox.control.describing import describe
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.varied_world import varied
from lookups.sandbox.world.world_files import world_named
from tests.contract.wire import send

ONE, TWO = "1001", "1002"
APP, OTHER_APP, PAGE, LOST_PAGE = "2001", "2002", "3001", "3002"
WORLD = {
    "businesses": [{"id": ONE, "name": "One"}, {"id": TWO, "name": "Two", "under_review": True}],
    "apps": [
        {"id": APP, "name": "App", "business": ONE, "category": "Games"},
        {"id": OTHER_APP, "name": "Other app", "business": TWO, "clients": [ONE], "client_has": {"secret": "wrong"}},
    ],
    "pages": [
        {"id": PAGE, "name": "Page", "business": ONE, "managed_by": APP, "client_has": {"token": f"by {OTHER_APP}"}},
        {"id": LOST_PAGE, "name": "Lost page", "managed_by": APP, "client_has": {"token": "none"}},
    ],
    "people": [{"name": "Ada Berg", "ids": {APP: "4001", PAGE: "5001", LOST_PAGE: "5002"}}],
    "happened": [
        {"tokens": {"token_of": {"app": OTHER_APP}, "because": "expired"}},
        {"usage": {"of": {"app": APP}, "users": 1, "used": 200}},
    ],
}


@pytest.fixture
def serve(start_sandbox, tmp_path):
    """Serve a world as a file tells of it, changed in some parts."""

    def start(*arguments: str, **changed: object):
        file = tmp_path / "world.json"
        file.write_text(json.dumps(WORLD | changed))
        return start_sandbox("--world", str(file), *arguments)

    return start


def ask(sandbox, path: str, token: str, **params: str):
    return send(sandbox, "GET", path, query={"access_token": token, **params})


def test_a_world_from_a_file_is_served_and_described(serve):
    sandbox = serve(happened=[])
    first, second = sandbox.world["businesses"]

    assert [first["name"], second["under_review"]] == ["One", True]
    told = ask(sandbox, "4001", first["apps"][0]["token"], fields="name,ids_for_apps").body
    assert (told["name"], told["ids_for_apps"]["data"]) == (
        "Ada Berg",
        [{"id": "4001", "app": {"category": "Games", "name": "App", "id": APP}}],
    )
    assert ask(sandbox, f"{ONE}/client_apps", first["system_token"]).ids == [OTHER_APP]


def test_assets_of_no_business_are_described_apart(serve):
    sandbox = serve(happened=[])

    assert sandbox.world["without_business"] == {
        "apps": [],
        "pages": [
            {"id": LOST_PAGE, "name": "Lost page", "managed_by": APP, "token": "", "client_has": {"token": "none"}}
        ],
    }
    assert LOST_PAGE not in [row["id"] for row in _read(sandbox, f"{ONE}/owned_pages")]


def test_a_client_may_have_wrong_credentials(serve):
    sandbox = serve(happened=[])
    first, second = sandbox.world["businesses"]
    page_token, wrong_secret = first["pages"][0]["token"], second["apps"][0]["secret"]

    debugged = ask(sandbox, "debug_token", second["apps"][0]["token"], input_token=page_token).body["data"]
    assert (debugged["app_id"], debugged["profile_id"], debugged["is_valid"]) == (OTHER_APP, PAGE, True)
    asked = {"client_id": OTHER_APP, "client_secret": wrong_secret, "grant_type": "client_credentials"}
    assert send(sandbox, "GET", "oauth/access_token", query=asked).error["code"] == 1


def test_what_has_happened_holds_from_the_start_and_after_a_reset(serve):
    sandbox = serve()
    app, other = (business["apps"][0]["token"] for business in sandbox.world["businesses"])

    for _ in range(2):
        assert ask(sandbox, "4001", app).error["code"] == 4
        assert ask(sandbox, OTHER_APP, other).error["error_subcode"] == 463
        sandbox.control("usage", {"of": {"app": APP}, "users": 100})
        assert ask(sandbox, "4001", app).status == 200
        sandbox.reset()


def test_a_world_of_one_business_has_generated_people(serve):
    page = WORLD["pages"][1] | {"business": ONE}
    parts = {"businesses": WORLD["businesses"][:1], "apps": WORLD["apps"][:1], "pages": [page], "people": []}

    people = serve("--people", "30", happened=[], **parts).world["businesses"][0]["people"]

    assert len(people) == 20


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"planets": []}, "a world is an object with businesses"),
        ({"pages": [{"id": PAGE, "name": "Page", "managed_by": "9"}]}, "managed by no app"),
        ({"pages": [{"id": PAGE, "name": "Page"}]}, "lacking ['managed_by']"),
        ({"apps": [{"id": APP, "name": "App", "colour": "red"}]}, "not ['colour']"),
        ({"apps": [{"id": "x1", "name": "App"}]}, "IDs are texts of digits"),
        ({"apps": [*WORLD["apps"], WORLD["apps"][0]]}, "an ID stands there twice"),
        ({"apps": [{"id": APP, "name": "App", "business": "77"}, WORLD["apps"][1]]}, "no such businesses: ['77']"),
        ({"people": [{"name": name, "ids": {APP: "1"}} for name in "ab"]}, "knows two people by one ID"),
        ({"happened": [{"tokens": {"token_of": {"app": "9"}, "because": "expired"}}]}, "this can't have happened"),
        ({"happened": [{"weather": {}}]}, "this can't have happened"),
    ],
)
def test_a_file_that_tells_of_no_world_is_refused_with_a_word(tmp_path, changed, word):
    file = tmp_path / "world.json"
    file.write_text(json.dumps(WORLD | changed))
    command = [sys.executable, "-m", "lookups.sandbox", "--port", "0", "--world", str(file)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=10)

    assert done.returncode == 2
    assert word in done.stderr


def test_help_tells_the_form_of_world_files():
    done = subprocess.run([sys.executable, "-m", "lookups.sandbox", "--help"], capture_output=True, text=True)

    assert '"client_has" is what --describe gives' in done.stdout


def test_the_same_seed_makes_the_same_varied_world():
    assert varied("7") == varied("7")
    assert varied("7") != varied("8")


def test_two_hundred_varied_worlds_stand_and_hold_everything_that_can_be_amiss():
    doors, has, businesses, unowned, shared, reviewed = set(), set(), set(), 0, 0, 0
    for seed in map(str, range(200)):
        told, world = varied(seed), world_named("varied", people=5, seed=seed)
        graph = Graph(world)
        apply_initial_events(graph)
        graph.reset()
        described = describe(world)
        businesses.add(len(described["businesses"]))
        unowned += "without_business" in described
        doors |= {(door, body.get("because")) for one in told["happened"] for door, body in one.items()}
        assets = [*told["apps"], *told["pages"]]
        has |= {value.split()[0] for one in assets for value in one.get("client_has", {}).values()}
        shared += any("clients" in one for one in assets)
        reviewed += any(one.get("under_review") for one in told["businesses"])

    assert businesses == {1, 2, 3, 4}
    assert {"usage", "assets", "secrets", "tokens"} == {door for door, _ in doors}
    assert {"expired", "password changed", "app removed", "role lost", "permission removed"} <= {
        why for _, why in doors
    }
    assert has == {"none", "wrong", "garbage", "of", "by"}
    assert min(unowned, shared, reviewed) > 30


def test_a_varied_world_is_served(start_sandbox):
    sandbox = start_sandbox("--world", "varied", "--seed", "3")
    business = sandbox.world["businesses"][0]

    owned = _read(sandbox, f"{business['id']}/owned_apps")

    assert {row["id"] for row in owned} <= {app["id"] for one in sandbox.world["businesses"] for app in one["apps"]}


def test_a_running_sandbox_enters_other_worlds_until_it_is_reset(sandbox):
    johns = sandbox.world["businesses"][0]["system_token"]
    for seed in range(5):
        told = sandbox.control("world", {"seed": seed, "people": 10})
        token = next(one["system_token"] for one in told["businesses"] if one["system_token"])
        assert ask(sandbox, "me/businesses", token).status in (200, 400), "400 where its app's pool is used up"
        assert ask(sandbox, "me", johns).error["code"] == 190
        sandbox.read("truth")
        sandbox.read("assets")

    told = sandbox.control("world", {"world": WORLD, "seed": "x"})
    assert ask(sandbox, "4001", told["businesses"][0]["apps"][0]["token"]).error["code"] == 4
    sandbox.reset()

    assert ask(sandbox, "me/businesses", johns).body["data"][0]["name"] == "John's Entertainment"


def test_a_world_that_is_none_changes_nothing(sandbox):
    impossible = WORLD | {"happened": [{"weather": {}}]}
    for told in ({}, {"world": {"planets": []}}, {"seed": "1", "people": "many"}, {"world": impossible}):
        assert send(sandbox, "POST", "/__control/world", json_body=told).status == 400

    assert ask(sandbox, "me/businesses", sandbox.world["businesses"][0]["system_token"]).status == 200


@pytest.mark.parametrize("seconds", [1e300, -1e300, float("nan"), "soon"])
def test_a_moment_beyond_all_calendars_is_refused(sandbox, seconds):
    told = {"token_of": {"system": sandbox.world["businesses"][0]["id"]}, "ends_in": seconds}

    assert send(sandbox, "POST", "/__control/tokens", json_body=told).status == 400
    assert ask(sandbox, "me", sandbox.world["businesses"][0]["system_token"]).status == 200


def _read(sandbox, path: str) -> list[dict]:
    return ask(sandbox, path, sandbox.world["businesses"][0]["system_token"]).body["data"]
