"""Who is who and who owns what, as the sandbox tells it to a test."""

import pytest

from tests.contract.wire import ASID, GAME_APP, GAME_ASID, MOVIE_APP, PAGE, PSID, send
from tests.people import questions_and_people

JOHNS, NORTH = "112233445566778", "223344556677889"
NORTH_APP, NORTH_PAGE = "601926256515072", "651551841371924"
JONAS_ASID, LINH_ASID, LINH_PSID = "10150000000000017", "1457183521", "2345678901"


def test_truth_names_everybody_with_all_his_ids(sandbox):
    people = {one["name"]: one["ids"] for one in sandbox.read("truth?business=112233445566778")}

    assert people["John Smith"] == {MOVIE_APP: ASID, GAME_APP: GAME_ASID, PAGE: PSID}
    assert len(sandbox.read("truth?business=112233445566778&start=1&count=2")) == 2


def test_truth_holds_generated_people(start_sandbox):
    sandbox = start_sandbox("--people=50")

    told = [one["ids"] for one in sandbox.read("truth?business=223344556677889") if len(one["ids"]) > 1]

    _, expected = questions_and_people(50)
    assert any(frozenset(ids.items()) in expected for ids in told)


@pytest.fixture
def truth(sandbox):
    """Gives everybody by name, of one business or of all."""
    return lambda query="": {one["name"]: one for one in sandbox.read(f"truth{query}")}


def merge(sandbox, one: tuple[str, str], into: tuple[str, str]) -> None:
    named = [dict(zip(("asset", "id"), scoped, strict=True)) for scoped in (one, into)]
    sandbox.control("people", {"merge": named[0], "into": named[1]})


def test_truth_without_a_business_names_everybody(truth):
    everybody = truth()

    assert {"John Smith", "Linh Pham", "Rosa Diaz"} <= set(everybody)
    ids = {MOVIE_APP: ASID, GAME_APP: GAME_ASID, PAGE: PSID}
    assert everybody["John Smith"] == {"name": "John Smith", "business": JOHNS, "ids": ids, "aliases": {}}
    assert "Linh Pham" not in truth(f"?business={JOHNS}")


def test_truth_tells_by_which_other_ids_a_person_is_found_after_a_merge(sandbox, truth):
    merge(sandbox, (GAME_APP, JONAS_ASID), (GAME_APP, GAME_ASID))

    told = truth(f"?business={JOHNS}")
    assert told["John Smith"]["ids"][GAME_APP] == GAME_ASID
    assert told["John Smith"]["aliases"] == {GAME_APP: [JONAS_ASID]}
    assert "Jonas Berg" not in told


def test_truth_of_a_business_holds_those_who_came_to_it_by_a_merge(sandbox, truth):
    merge(sandbox, (NORTH_PAGE, LINH_PSID), (PAGE, PSID))

    assert truth(f"?business={NORTH}")["John Smith"]["ids"][NORTH_PAGE] == LINH_PSID
    assert NORTH_PAGE not in truth(f"?business={JOHNS}")["John Smith"]["ids"]


def test_truth_goes_with_a_page_that_moves(sandbox, truth):
    sandbox.control("assets", {"asset": PAGE, "business": NORTH})

    assert truth(f"?business={NORTH}")["John Smith"]["ids"] == {PAGE: PSID}
    assert truth(f"?business={JOHNS}")["John Smith"]["ids"] == {MOVIE_APP: ASID, GAME_APP: GAME_ASID}


def test_it_is_told_who_owns_what_and_what_has_moved(sandbox):
    def owner(query: str = "") -> dict:
        return next(one for one in sandbox.read(f"assets{query}") if one["id"] == PAGE)

    assert (owner()["business"], owner()["moved_from"], owner()["kind"]) == (JOHNS, None, "page")
    sandbox.control("assets", {"asset": PAGE, "business": NORTH})
    assert owner() == owner(f"?business={NORTH}") == owner(f"?business={JOHNS}")
    assert (owner()["business"], owner()["moved_from"]) == (NORTH, JOHNS)
    assert NORTH_APP not in [one["id"] for one in sandbox.read(f"assets?business={JOHNS}")]


@pytest.mark.parametrize("path", ["truth?business=1", "truth?start=x", "assets?business=1"])
def test_truth_of_what_is_not_there_is_refused(sandbox, path):
    name, _, query = path.partition("?")

    assert send(sandbox, "GET", f"/__control/{name}", query=dict([query.split("=")])).status == 400
