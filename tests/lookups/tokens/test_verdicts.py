"""Whether a token is the one that is needed, by what Graph says of it."""

import pytest

from businesses.models import Problem
from lookups.graph import TokenReport
from lookups.tokens.verdicts import RIGHT, Expected, token_verdict
from tests.makers import NOW

OF_APP = Expected("1", "Shop")
OF_PAGE = Expected("1", "Shop", "7", "Bot")
SCOPES = ("pages_messaging",)


@pytest.mark.parametrize(
    ("expected", "told", "problem"),
    [
        (OF_APP, {"kind": "APP", "app_id": "1"}, ""),
        (OF_APP, {"kind": "APP", "app_id": "2"}, Problem.WRONG_APP),
        (OF_APP, {"kind": "USER", "app_id": "1"}, Problem.WRONG_KIND),
        (OF_PAGE, {"kind": "PAGE", "app_id": "1", "page_id": "7", "scopes": SCOPES}, ""),
        (OF_PAGE, {"kind": "PAGE", "app_id": "2", "page_id": "7", "scopes": SCOPES}, Problem.WRONG_APP),
        (OF_PAGE, {"kind": "PAGE", "app_id": "1", "page_id": "8", "scopes": SCOPES}, Problem.WRONG_PAGE),
        (OF_PAGE, {"kind": "PAGE", "app_id": "1", "page_id": "7"}, Problem.NO_PERMISSION),
        (OF_PAGE, {"kind": "PAGE", "app_id": "1", "page_id": "7", "scopes": SCOPES, "data_access_ends_at": NOW},
         Problem.DATA_ACCESS),
    ],
)  # fmt: skip
def test_a_token_is_right_only_if_all_that_is_told_of_it_fits(expected, told, problem):
    verdict = token_verdict(TokenReport(is_valid=True, **told), expected, now=NOW)

    assert verdict.problem == problem
    assert (verdict == RIGHT) == (problem == "")
