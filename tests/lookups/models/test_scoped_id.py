"""What a pasted text must be to pass for a scoped ID."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookups.models.scoped_id import NotAnID, read_value


@given(st.from_regex(r"[0-9]{1,32}", fullmatch=True))
def test_ids_come_through_byte_for_byte(value):
    assert read_value(value) == value
    assert read_value(f" \t{value}\r\n") == value


@given(st.text())
def test_whatever_comes_is_digits_or_gets_a_reason(text):
    value, reason = None, ""
    try:
        value = read_value(text)
    except NotAnID as error:
        reason = str(error)

    assert (value is None) == bool(reason)
    if value is not None:
        assert re.fullmatch("[0-9]{1,32}", value)
        assert value == text.strip(" \t\r\n")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Paste an ID first"),
        ("   ", "Paste an ID first"),
        ("abc", "digits 0 to 9 only"),
        ("12 34", "digits 0 to 9 only"),
        ("+12", "digits 0 to 9 only"),
        ("1_0", "digits 0 to 9 only"),
        ("12\u200b", "digits 0 to 9 only"),
        ("\ufeff12", "digits 0 to 9 only"),
        ("١٢٣", "digits 0 to 9 only"),
        ("12\x00", "digits 0 to 9 only"),
        ("<script>", "digits 0 to 9 only"),
        ("1.01524E+16", "a spreadsheet has turned into a number"),
        ("1,01524E16", "a spreadsheet has turned into a number"),
        ("9" * 33, "has 33 digits; an ID has at most 32"),
        ("9" * 5000, "has 5000 digits"),
    ],
)
def test_each_kind_of_nonsense_gets_its_own_reason(text, reason):
    with pytest.raises(NotAnID, match=re.escape(reason)):
        read_value(text)


def test_a_long_text_is_not_repeated_whole():
    with pytest.raises(NotAnID) as caught:
        read_value("x" * 5000)

    assert len(str(caught.value)) < 300
