"""Every door gives the same verdict on the same value."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from lookups.lists import imports
from lookups.lists.imports.verdicts import (
    CODES,
    HIDDEN,
    Rejected,
    label,
    sentence,
    shown,
    verdict_on,
    without_secrets,
)
from lookups.models import Run
from tests.lookups.lists.imports.lists import as_csv, as_xlsx, read, read_list, rows, send, verdicts
from tests.lookups.lists.imports.odd_values import GOOD, ODD
from tests.makers import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.orm]

EXPECTED = [verdict if isinstance(verdict := verdict_on(value), str) else verdict.code for value in ODD]


def test_there_are_enough_odd_values():
    assert len(ODD) >= 300
    assert len(set(EXPECTED)) > 30
    assert all(re.fullmatch("[0-9]{1,32}", verdict) or verdict in CODES for verdict in EXPECTED)


def test_a_csv_file_says_what_the_verdict_says(app):
    text = as_csv([["id", "n"], *([value, "é"] for value in ODD)])
    run = read_list(app, text.encode("utf-8", "surrogatepass"), id_column=0)

    assert verdicts(run) == EXPECTED


def test_pasted_text_says_the_same(app):
    odd = [value for value in ODD if not re.search(r"[ \t\r\n,;]|^$", value)]
    run = imports.receive_pasted(business=app.business, text="\n".join(odd), asset=app, by=None, now=NOW)
    while imports.read_some(run.pk, NOW):
        pass

    assert verdicts(run) == [EXPECTED[ODD.index(value)] for value in odd]


def test_a_workbook_says_the_same(app):
    able = [value for value in ODD if not re.search("[\ud800-\udfff\ufffe\uffff]", value) and not value.startswith("=")]
    escaped = [ILLEGAL_CHARACTERS_RE.sub(lambda found: f"_x{ord(found[0]):04X}_", value) for value in able]
    run = read_list(
        app, as_xlsx([["id", "n"], *([value.replace("\r", "_x000D_"), "n"] for value in escaped)]), id_column=0
    )

    expected = [EXPECTED[ODD.index(value)] for value in able]
    assert verdicts(run) == expected


def test_the_command_line_says_the_same(app, tmp_path):
    path = tmp_path / "list.tsv"
    path.write_bytes(as_csv([["id", "n"], *([value, "n"] for value in ODD)], "\t").encode("utf-16", "surrogatepass"))
    call_command(
        "import_ids", str(path), business=str(app.business_id), app=app.graph_id, id_column="id", stdout=StringIO()
    )

    assert verdicts(Run.objects.get()) == EXPECTED


def test_what_is_stored_of_a_bad_value_can_be_stored_and_shown(app):
    run = read_list(app, b"id,n\n1\x002,n\n" + "é".encode() * 300 + b",n\n\xff12,n\n")

    assert [(reason, value) for _, _, reason, value in rows(run)] == [
        ("not_digits", "1\ufffd2"),
        ("not_digits", "é" * 100),
        ("undecodable", "\ufffd12,n"),
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_label_and_a_sentence(code):
    assert label(code) != code
    assert sentence(code, "x{}y").rstrip()[-1] in ".:”y"
    assert len(sentence(code, "9" * 100)) < 300


def test_an_unknown_code_does_no_harm():
    assert label("later") == sentence("later", "x") == "later"


def test_leading_zeros_are_kept(app):
    assert verdicts(read_list(app, b"0012\n12\n0\n")) == ["0012", "12", "0"]


def test_a_number_of_a_sheet_is_rejected_with_the_reason(app):
    run = read_list(app, as_xlsx([["id"], [10152368852405295], [12], [GOOD], [True], [1.5], ["=1+1"]]), id_column=0)

    assert verdicts(run) == ["numeric_cell", "numeric_cell", GOOD, "not_digits", "numeric_cell", "formula"]
    assert "the column lost digits. Format the column as text" in sentence("numeric_cell", "12")


def test_a_number_of_a_spreadsheet_in_csv_is_rejected_with_the_reason(app):
    run = read(send(app, f"id\n1.01524E+16\n{GOOD}\n".encode()), app)

    assert verdicts(run) == ["spreadsheet", GOOD]
    assert "last digits are lost" in sentence("spreadsheet", "1.01524E+16")


def test_a_verdict_is_no_id():
    assert verdict_on("x") == Rejected("not_digits")


TOKEN = "EAAB" + "wzLixnjYBO" * 3


@pytest.mark.parametrize("secret", [TOKEN, "259773517400382|abcdef0123456789"])
def test_a_token_among_the_ids_is_rejected_and_not_kept_in_clear(secret):
    assert isinstance(verdict_on(secret), Rejected)
    assert shown(f"see {secret} here") == f"see {HIDDEN} here"


@pytest.mark.parametrize(
    ("text", "token"),
    [
        (f"access_token%3D{TOKEN}", TOKEN),
        (f"({TOKEN})", TOKEN),
        ("(259773517400382|abcdef0123456789)", "259773517400382|abcdef0123456789)"),
        ("/259773517400382|abcdef0123456789", "259773517400382|abcdef0123456789"),
    ],
)
def test_a_token_is_hidden_whatever_stands_before_it(text, token):
    assert without_secrets(text) == text.replace(token, HIDDEN)


@pytest.mark.parametrize(
    "harmless", ["IwAR0EAAbcdefghijk-1", "fbclid=x_EAAbcdefghij", "a259773517400382|abcdef0123456789"]
)
def test_letters_of_a_token_in_the_middle_of_a_word_hide_nothing(harmless):
    assert without_secrets(harmless) == harmless
