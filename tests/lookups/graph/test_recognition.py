"""Which error an answer is: every row of the wire contract's table, and every captured error."""

import json
from pathlib import Path

import pytest

from lookups.graph import (
    GraphError,
    NotPermitted,
    ProofRefused,
    ServerTrouble,
    TokenRefused,
    TooManyCalls,
    UnderPolicyReview,
    UnexpectedAnswer,
    UnknownID,
)
from lookups.graph.recognition import recognise

FIXTURES = Path(__file__).parent / "fixtures"
REVIEW = "Your business is currently going through review to access this API."


def error(code, subcode=None, message="(#1) something", **more) -> GraphError:
    told = {"code": code, "message": message, "type": "OAuthException", "fbtrace_id": "T", **more}
    if subcode is not None:
        told["error_subcode"] = subcode
    return recognise({"error": told}, http_status=400)


@pytest.mark.guide("wire 4: the table of errors")
@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (1, None, ServerTrouble), (1, 99, ServerTrouble), (2, None, ServerTrouble), (3, None, NotPermitted),
        (4, None, TooManyCalls), (10, None, NotPermitted), (10, 1893063, NotPermitted), (12, None, UnexpectedAnswer),
        (17, None, TooManyCalls), (17, 2446079, TooManyCalls), (32, None, TooManyCalls), (33, None, UnknownID),
        (100, None, UnexpectedAnswer), (100, 33, UnknownID), (100, 2018001, UnknownID), (100, 2018218, NotPermitted),
        (100, 2018247, NotPermitted), (102, None, TokenRefused), (104, None, TokenRefused), (190, None, TokenRefused),
        (190, 458, TokenRefused), (190, 463, TokenRefused), (190, 492, TokenRefused), (200, None, NotPermitted),
        (210, None, NotPermitted), (299, None, NotPermitted), (341, None, TooManyCalls), (368, 1390008, NotPermitted),
        (551, None, UnknownID), (613, 1996, TooManyCalls), (803, None, UnknownID), (2500, None, UnexpectedAnswer),
        (80001, None, TooManyCalls), (80006, None, TooManyCalls), (80014, None, TooManyCalls),
        (424242, None, UnexpectedAnswer),
    ],
)  # fmt: skip
def test_each_code_is_known_for_what_can_be_done(code, subcode, kind):
    found = error(code, subcode)

    assert type(found) is kind
    assert (found.code, found.subcode, found.trace_id) == (code, subcode, "T")


@pytest.mark.guide("wire 4: matched by text")
@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("API calls from the server require an appsecret_proof argument", ProofRefused),
        ("Invalid appsecret_proof provided in the API argument", ProofRefused),
        ("(#100) Invalid parameter: After Cursor", UnexpectedAnswer),
    ],
)
def test_code_100_is_told_apart_by_its_text(message, kind):
    assert type(error(100, message=message)) is kind


@pytest.mark.guide("wire 4.1: the review answer")
@pytest.mark.parametrize("message", [f"(#200) {REVIEW}", REVIEW, REVIEW.upper()])
def test_a_review_is_recognised_with_and_without_its_number(message):
    assert type(error(200, message=message)) is UnderPolicyReview


def test_is_transient_makes_an_unknown_error_worth_another_try():
    assert type(error(424242, is_transient=True)) is ServerTrouble


@pytest.mark.parametrize("told", [{}, {"error": None}, {"error": []}, {"error": {}}, {"error": {"code": True}}])
def test_an_error_that_tells_nothing_is_unexpected(told):
    assert type(recognise(told, http_status=400)) is UnexpectedAnswer


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bk-rs/err__access_token_session_has_been_invalidated.json", TokenRefused),
        ("bk-rs/err__access_token_session_has_expired.json", TokenRefused),
        ("bk-rs/err__access_token_session_key_is_malformed.json", TokenRefused),
        ("bk-rs/err__access_token_session_key_x_is_malformed.json", TokenRefused),
        ("bk-rs/err__access_token_unknown_1.json", TokenRefused),
        ("bk-rs/debug_token__400__debug_only_access_token.json", TokenRefused),
        ("restfb/exampleError.json", TokenRefused),
        ("restfb/exampleErrorNew.json", TokenRefused),
        ("restfb/Issue1095.json", ServerTrouble),
        ("restfb/oauthExampleError.json", ServerTrouble),
        ("restfb/exampleOauthError.json", UnexpectedAnswer),
        ("pyfacebook/testdata-error.json", ProofRefused),
        ("pyfacebook/base-error_data.json", UnexpectedAnswer),
    ],
)
def test_captured_errors_are_recognised(name, kind):
    body = json.loads((FIXTURES / name).read_text())

    assert type(recognise(body, http_status=400)) is kind


@pytest.mark.parametrize(
    "seen", json.loads((FIXTURES / "captured/errors_seen_in_issues.json").read_text()), ids=lambda seen: seen["cause"]
)
def test_errors_seen_in_the_wild_never_pass_for_an_answer(seen):
    if seen["error"] is None:
        assert seen["body"] == {"data": []}
        return
    found = recognise({"error": seen["error"]}, http_status=seen["http"])

    assert type(found) is not GraphError
    assert found.message


def test_the_message_is_kept_but_for_what_looks_like_a_secret():
    told = "Bad token 1419232575008550|abcdefghij0123456789abcdefg at https://x/?access_token=abc&x=1"

    assert error(190, message=told).message == "Bad token … at https://x/?…&x=1"
