"""A list with an access token in it is not taken in: neither its file, nor its rows, nor any page keeps the token."""

import pytest
from django.core.management import CommandError, call_command

from businesses.models import AppSecret, SecretRole
from lookups.lists import imports
from lookups.lists.imports.first_look import LOOKED_AT
from lookups.models import ListFile, ListRow, Run
from lookups.models.list_file import lists_folder
from tests.lookups.lists.imports.lists import as_csv, as_xlsx, read, send
from tests.makers import NOW, make_app, make_business

pytestmark = pytest.mark.django_db
USER = "EAAB" + "wzLixnjYBO" * 3
APP = "259773517400382|" + "aZ3kQ9xWm2" * 3
TOKENS = pytest.mark.parametrize(
    "token", [USER, APP, f"see {USER}, please", f'token="{APP}"', f"https://x.example/?t={USER}"], ids=str
)


def files() -> list[str]:
    folder = lists_folder()
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


@TOKENS
def test_it_is_refused_at_the_door_naming_the_place_and_not_the_token(app, token):
    before = files()

    with pytest.raises(imports.CannotRead) as refused:
        send(app, as_csv([["psid", "note"], ["123", "x"], ["124", token]]).encode())

    assert "Line 3, column 2, holds what looks like an access token." in str(refused.value)
    assert USER not in str(refused.value)
    assert APP not in str(refused.value)
    assert files() == before
    assert not Run.objects.exists()


def test_in_a_workbook_too(app):
    with pytest.raises(imports.CannotRead, match="Line 2, column 1"):
        send(app, as_xlsx([["psid"], [USER]]))


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_in_any_encoding(app, encoding):
    with pytest.raises(imports.CannotRead, match="access token"):
        send(app, f"psid,who\r\n1,Müller\r\n2,{USER}\r\n".encode(encoding))


@TOKENS
def test_one_far_down_the_list_ends_the_reading_and_nothing_is_kept(app, token):
    lines = [["psid", "note"], *([str(n), "x"] for n in range(1, LOOKED_AT + 100)), ["9", token], ["10", "x"]]
    run = send(app, as_csv(lines).encode())
    path = run.list_file.path
    assert path.exists()

    read(run, app)

    assert run.state == Run.State.REFUSED
    assert f"Line {LOOKED_AT + 101}, column 2" in run.why
    assert USER not in run.why
    assert APP not in run.why
    assert not ListRow.objects.filter(run=run).exists()
    assert ListFile.objects.get(run=run).removed_at == NOW


def test_the_file_goes_with_it(app, django_capture_on_commit_callbacks):
    lines = [["psid"], *([str(n)] for n in range(1, LOOKED_AT + 100)), [USER]]
    run = send(app, as_csv(lines).encode())

    with django_capture_on_commit_callbacks(execute=True):
        read(run, app)

    assert not run.list_file.path.exists()


def test_pasted_tokens_are_refused_too(app):
    before = files()

    with pytest.raises(imports.CannotRead, match=r"The 2\. of the pasted words looks like an access token"):
        imports.receive_pasted(business=app.business, text=f"123 {APP}", asset=app, by=None, now=NOW)

    assert files() == before


@pytest.mark.parametrize(
    "cell",
    [
        "EAA",
        "EAAster egg hunt at noon",
        "12345|67890",
        "0123456789abcdef" * 4,
        "a|" + "b" * 40,
        "12|" + "b" * 40,
        f"IwAR2{USER}",  # a click ID: random letters
    ],
)
def test_what_only_begins_like_one_is_taken(app, cell):
    run = read(send(app, as_csv([["psid", "note"], ["123", cell], ["124", "x"]]).encode()), app)

    assert run.state == Run.State.READY
    assert run.rows == 2


def test_columns_apart_by_bars_are_no_tokens(app):
    run = send(app, ("psid|hash\n" + f"12345678|{'ab12' * 8}\n" * 3).encode())

    assert run.list_file.separator == "|"


def test_what_may_be_a_token_is_hidden_at_the_first_look_which_says_so(app):
    run = send(app, as_csv([["psid", "note"], ["123", "EAAshortish99"], ["124", "x"]]).encode())
    plain = send(app, b"psid,note\n123,x\n")

    seen = imports.look(run.list_file)

    assert seen.hides
    assert not any("EAAshort" in cell for row in seen.samples for cell in row)
    assert not imports.look(plain.list_file).hides


@pytest.fixture
def secret(app):
    """The secret of another business's app, which is stored here, too."""
    row = AppSecret(app=make_app(make_business("Other"), secret=""), role=SecretRole.IN_USE, set_at=NOW)
    row.business = row.app.business
    row.set_value("0a1b2c3d" * 4)
    row.save()
    return "0a1b2c3d" * 4


@pytest.mark.parametrize("shape", ["{}", "secret={}", "see {}, please", '{{"app_secret": "{}"}}'])
def test_the_secret_of_an_app_is_refused_like_a_token(app, secret, shape):
    for form in (secret, secret.upper()):
        with pytest.raises(imports.CannotRead, match="Line 2, column 2, holds the secret of an app") as refused:
            send(app, as_csv([["psid", "note"], ["123", shape.format(form)]]).encode())
        assert form not in str(refused.value)
    assert not Run.objects.exists()


def test_a_secret_far_down_the_list_ends_the_reading(app, secret):
    lines = [["psid", "note"], *([str(n), "x"] for n in range(1, LOOKED_AT + 100)), ["9", secret]]
    run = read(send(app, as_csv(lines).encode()), app)

    assert (run.state, run.rows) == (Run.State.REFUSED, 0)
    assert f"Line {LOOKED_AT + 101}, column 2, holds the secret of an app" in run.why


def test_the_command_refuses_it_alike(app, secret, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(f"psid,note\n123,{secret}\n")

    with pytest.raises(CommandError, match="holds the secret of an app"):
        call_command("import_ids", str(path), "--business", str(app.business.pk), "--app", app.graph_id)
    assert not ListFile.objects.exists()


def test_a_hash_that_is_no_secret_of_ours_is_taken(app, secret):
    hashes = ["0a1b2c3e" * 4, f"x{secret}", f"{secret}0", secret[:-1]]
    run = read(send(app, as_csv([["psid", "hash"], *([str(n), one] for n, one in enumerate(hashes))]).encode()), app)

    assert (run.state, run.rows) == (Run.State.READY, 4)
