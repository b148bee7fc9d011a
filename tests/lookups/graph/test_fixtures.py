"""Every captured answer of Graph is parsed or refused rightly; a file that nobody looked at fails."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lookups.graph import Edge, GraphError, ServerTrouble, TokenRefused, UnexpectedAnswer, UnknownID
from lookups.graph.batch import BatchItem, read_items
from lookups.graph.errors import ProofRefused
from lookups.graph.recognition import recognise
from lookups.graph.rows import read_page
from lookups.graph.tokens import read_report
from lookups.graph.transport import HTTPAnswer
from lookups.graph.usage import read_usage

FIXTURES = Path(__file__).parent / "fixtures"

ERRORS = {
    "bk-rs/debug_token__400__debug_only_access_token.json": TokenRefused,
    "bk-rs/debug_token__400__must_provide_an_app_access_token_or_a_user_access_token.json": UnexpectedAnswer,
    "bk-rs/err__access_token_session_has_been_invalidated.json": TokenRefused,
    "bk-rs/err__access_token_session_has_expired.json": TokenRefused,
    "bk-rs/err__access_token_session_key_is_malformed.json": TokenRefused,
    "bk-rs/err__access_token_session_key_x_is_malformed.json": TokenRefused,
    "bk-rs/err__access_token_unknown_1.json": TokenRefused,
    "restfb/Issue1095.json": ServerTrouble,
    "restfb/exampleError.json": TokenRefused,
    "restfb/exampleErrorNew.json": TokenRefused,
    "restfb/exampleOauthError.json": UnexpectedAnswer,
    "restfb/oauthExampleError.json": ServerTrouble,
    "pyfacebook/base-error_data.json": UnexpectedAnswer,
    "pyfacebook/testdata-error.json": ProofRefused,
}
# Kind, whether it is valid, when it ends (seconds since 1970, 0 for never), code and subcode of what is wrong.
TOKENS = {
    "bk-rs/debug_token__200__access_token_could_not_be_decrypted.json": ("", False, 0, (190, None)),
    "bk-rs/debug_token__200__cannot_get_application_info.json": ("", False, 0, (190, None)),
    "bk-rs/debug_token__200__cannot_parse_access_token.json": ("", False, 0, (190, None)),
    "bk-rs/debug_token__200__invalid_access_token_signature.json": ("", False, 0, (190, None)),
    "bk-rs/debug_token__200__example_1.json": ("USER", False, 1622793600, (190, 466)),
    "bk-rs/debug_token__200__example_2.json": ("USER", True, 0, None),
    "bk-rs/debug_token__app_access_token.json": ("APP", True, 0, None),
    "bk-rs/debug_token__page_access_token.json": ("PAGE", True, 1669086000, None),
    "bk-rs/debug_token__user_access_token_1.json": ("USER", True, 1668754800, None),
    "bk-rs/debug_token__user_access_token_2.json": ("USER", True, 1673934788, None),
    "bk-rs/debug_token__user_access_token_3.json": ("USER", False, 1668613551, (190, 463)),
    "bk-rs/debug_token__user_access_token_4.json": ("USER", False, 0, (190, 460)),
    "bk-rs/debug_token__user_access_token_example_1.json": ("USER", True, 0, None),
    "bk-rs/debug_token__user_access_token_example_2.json": ("USER", True, 0, None),
    "pyfacebook/base-token_info.json": ("USER", True, 1577347200, None),
    "restfb/data-debug-token-info.json": ("", True, 1352419328, None),
}
NO_ANSWERS = [f"restfb/debug-token-info{number}.json" for number in ("", "-2", "-3", "-4")]  # without their envelope
BATCHES = {
    "restfb/batch-first-error.json": [UnknownID, BatchItem],
    "restfb/batch-second-error.json": [BatchItem, UnknownID],
    "restfb/batch-simple.json": [BatchItem, BatchItem],
}
OWN_AND_GAME = ["954279251387975", "1145740485575183"]
EDGES = {
    ("captured/ids_for_apps__asid_combined_fields__redacted.json", "ids_for_apps"): OWN_AND_GAME,
    ("captured/ids_for_business__asid.json", "ids_for_business"): ["1457183521", "10205803704039272"],
    ("captured/ids_for_business__docs_instant_games.json", ""): [],  # its app's ID is a placeholder
    ("restfb/user-with-additional-ids.json", "ids_for_apps"): ["987654321"],
}
ELSEWHERE = {"captured/errors_seen_in_issues.json"}  # test_recognition


def fixture(name: str):
    return json.loads((FIXTURES / name).read_text())


def test_every_captured_file_is_looked_at():
    looked_at = {*ERRORS, *TOKENS, *NO_ANSWERS, *BATCHES, *(name for name, _ in EDGES), *ELSEWHERE}
    looked_at |= {"captured/usage_headers.json", "captured/paging_next_limit1__v4.json"}

    assert {str(path.relative_to(FIXTURES)) for path in FIXTURES.rglob("*.json")} == looked_at


@pytest.mark.parametrize("name", ERRORS)
def test_captured_errors_are_known(name):
    found = recognise(fixture(name), http_status=400)

    assert type(found) is ERRORS[name]


@pytest.mark.parametrize("name", TOKENS)
def test_captured_reports_on_tokens_are_read(name):
    kind, is_valid, ends, problem = TOKENS[name]

    report = read_report(fixture(name))

    assert (report.kind, report.is_valid) == (kind, is_valid)
    assert report.expires_at == (datetime.fromtimestamp(ends, UTC) if ends else None)
    assert ((report.problem.code, report.problem.subcode) if report.problem else None) == problem
    assert not report.problem or isinstance(report.problem, TokenRefused)


def test_a_report_on_a_page_token_names_the_page_and_the_app():
    report = read_report(fixture("bk-rs/debug_token__page_access_token.json"))

    assert (report.app_id, report.page_id, report.user_id) == ("257422819769992", "103455271248220", "123")
    assert report.scopes == ("pages_show_list", "public_profile")
    assert report.data_access_ends_at == datetime(2023, 2, 20, 1, 58, 11, tzinfo=UTC)


def test_numbers_of_old_reports_become_texts():
    report = read_report(fixture("restfb/data-debug-token-info.json"))

    assert (report.app_id, report.user_id) == ("100000000000", "1207059")


@pytest.mark.parametrize(
    "told",
    [
        *map(fixture, NO_ANSWERS), [], None, {"data": []}, {"data": {"is_valid": "yes"}}, {"data": {"is_valid": False}},
        {"data": {"is_valid": True, "error": {"code": 190, "message": "x"}}},
    ],
)  # fmt: skip
def test_what_is_no_report_on_a_token_is_refused(told):
    with pytest.raises(UnexpectedAnswer):
        read_report(told)


@pytest.mark.parametrize("name", BATCHES)
def test_captured_batches_are_read_item_by_item(name):
    raw = HTTPAnswer(200, {}, (FIXTURES / name).read_bytes())

    told = read_items(raw, expected=2)

    assert [type(one) for one in told] == BATCHES[name]
    assert all(isinstance(one, BatchItem | GraphError) for one in told)


@pytest.mark.parametrize(("name", "below"), EDGES)
def test_captured_edges_are_read(name, below):
    told = fixture(name)
    expected = EDGES[name, below]

    page = read_page(told[below] if below else told, Edge.APPS)

    assert [row.id for row in page.rows] == expected
    assert bool(page.rejected) == (not expected)


def test_a_redacted_page_with_next_gives_its_cursor_and_no_rows():
    page = read_page(fixture("captured/paging_next_limit1__v4.json"), Edge.APPS)

    assert (page.rows, len(page.rejected)) == ((), 1)
    assert page.after.startswith("QVFIUlNEN1BWay1jWVVf")


def test_captured_usage_headers_are_read():
    live = fixture("captured/usage_headers.json")["live_capture_2026_09_v25_0"]

    told = [read_usage({shown.partition(" ")[0]: json.dumps(value)}) for shown, value in live.items()]

    assert [[(pool.kind, pool.percent) for pool in pools] for pools in told] == [
        [("app", 12.0)], [("pages", 0.0)], [("messenger", 1.0)], [("instagram", 1.0), ("instagram", 1.0)],
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [UnknownID, ProofRefused, TokenRefused])
def test_captured_errors_of_issues_hold_each_kind_of_refusal(kind):
    seen = [one["error"] for one in fixture("captured/errors_seen_in_issues.json") if one["error"]]

    assert any(type(recognise({"error": error}, http_status=400)) is kind for error in seen)
