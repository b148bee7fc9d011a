"""Lists of fields that make no sense."""

import pytest

from tests.contract.wire import ASID, Caller


@pytest.mark.parametrize("fields", ["{", "a{", "a{b", "a{b}}", ",", "a.limit(", "a" + "{b" * 50, "é", "a b", "9"])
def test_field_lists_that_make_no_sense_are_refused(sandbox, fields):
    assert Caller(sandbox, "JohnsMovieApp").get(ASID, fields=fields).status == 400
