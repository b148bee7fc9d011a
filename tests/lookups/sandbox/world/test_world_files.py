"""Worlds from files: served, described, and refused if they make no sense."""

import json

import pytest

from lookups.sandbox.__main__ import main
from tests.contract.wire import ask, send
from tests.lookups.sandbox.described_world import APP, LOST_PAGE, ONE, OTHER_APP, PAGE, WORLD
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def serve(start_sandbox, tmp_path):
    """Serve a world as a file tells of it, changed in some parts."""

    def start(*arguments: str, **changed: object):
        file = tmp_path / "world.json"
        file.write_text(json.dumps(WORLD | changed))
        return start_sandbox("--world", str(file), *arguments)

    return start


@pytest.fixture(scope="module")
def quiet_world(tmp_path_factory):
    """Serve the world without its initial events. Tests only read it."""
    file = tmp_path_factory.mktemp("world") / "world.json"
    file.write_text(json.dumps(WORLD | {"happened": []}))
    with SandboxProcess("--world", str(file)) as process:
        yield process


def test_a_world_from_a_file_is_served_and_described(quiet_world):
    first, second = quiet_world.world["businesses"]

    assert [first["name"], second["under_review"]] == ["One", True]
    told = ask(quiet_world, "4001", first["apps"][0]["token"], fields="name,ids_for_apps").body
    assert (told["name"], told["ids_for_apps"]["data"]) == (
        "Ada Berg",
        [{"id": "4001", "app": {"category": "Games", "name": "App", "id": APP}}],
    )
    assert ask(quiet_world, f"{ONE}/client_apps", first["system_token"]).ids == [OTHER_APP]


def test_assets_of_no_business_are_described_apart(quiet_world):
    assert quiet_world.world["without_business"] == {
        "apps": [],
        "pages": [
            {"id": LOST_PAGE, "name": "Lost page", "managed_by": APP, "token": "", "client_has": {"token": "none"}}
        ],
    }
    assert LOST_PAGE not in [row["id"] for row in _read(quiet_world, f"{ONE}/owned_pages")]


def test_a_client_may_have_wrong_credentials(quiet_world):
    first, second = quiet_world.world["businesses"]
    page_token, wrong_secret = first["pages"][0]["token"], second["apps"][0]["secret"]

    debugged = ask(quiet_world, "debug_token", second["apps"][0]["token"], input_token=page_token).body["data"]
    assert (debugged["app_id"], debugged["profile_id"], debugged["is_valid"]) == (OTHER_APP, PAGE, True)
    asked = {"client_id": OTHER_APP, "client_secret": wrong_secret, "grant_type": "client_credentials"}
    assert send(quiet_world, "GET", "oauth/access_token", query=asked).error["code"] == 1


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
def test_a_file_that_describes_no_world_is_refused_with_a_reason(refused, tmp_path, changed, word):
    file = tmp_path / "world.json"
    file.write_text(json.dumps(WORLD | changed))

    assert word in refused("--port", "0", "--world", str(file))


def test_help_tells_the_form_of_world_files(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    assert '"client_has" is what --describe gives' in capsys.readouterr().out


def _read(sandbox, path: str) -> list[dict]:
    return ask(sandbox, path, sandbox.world["businesses"][0]["system_token"]).body["data"]
