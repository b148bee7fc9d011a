"""`manage.py import_ids` does what the pages do, and tells it in text."""

import io
import os
import subprocess
import sys
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lookups.management.commands import import_ids
from lookups.models import Run
from tests.lookups.list_runs import work
from tests.lookups.lists.imports.lists import as_xlsx
from tests.lookups.lists.imports.odd_values import GOOD
from tests.makers import make_app, make_business
from tests.migrated import copy_of_sqlite

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_broker(monkeypatch):
    """Wake-ups go nowhere; gives what was woken."""
    woken = []
    monkeypatch.setattr(import_ids, "wake", woken.append)
    return woken


def run_command(path, business, *options: str) -> str:
    out = StringIO()
    call_command("import_ids", str(path), "--business", str(business.pk), *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def path(tmp_path, app, page):
    path = tmp_path / "people.csv"
    lines = [
        f"{GOOD},{app.graph_id}",
        f"12,{page.graph_id}",
        f"{GOOD},{app.graph_id}",
        f"1E5,{app.graph_id}",
        "13,nobody",
        "14,",
    ]
    path.write_text("user id,of\n" + "\n".join(lines) + "\n")
    return path


def test_it_reads_and_tells_but_asks_nothing(app, page, path):
    told = run_command(path, app.business)

    assert (
        "IDs in column “user id”, of what column “of” names. The first row names the columns. "
        "Read as UTF-8. Separator: comma." in told
    )
    assert [line.split() for line in told.splitlines()[1:3]] == [["Rows:", "6"], ["Rejected:", "3"]]
    assert "line 5: “1E5” is a number whose last digits are lost." in told
    assert "line 6: “nobody” is neither the ID nor the name" in told
    assert "line 7: The row does not say to which app or Page" in told
    assert "1  ASIDs of the app “Shop”, 1 to ask, 0 already fresh" in told
    assert "waits: “Bot” has no page access token." in told
    assert "Nothing was asked yet." in told
    run = Run.objects.get()
    assert (run.state, run.todo, run.duplicate, run.rejected) == (Run.State.READY, 2, 1, 3)


@pytest.mark.parametrize("option", ["--app", "--page"])
@pytest.mark.parametrize("by", ["id", "name"])
def test_all_ids_can_be_said_to_be_of_one_app_or_page(app, page, tmp_path, option, by):
    path = tmp_path / "ids.xlsx"
    path.write_bytes(as_xlsx([["x", "psid"], ["a", "12"], ["b", "13"]]))
    asset = app if option == "--app" else page
    run_command(path, app.business, option, asset.graph_id if by == "id" else asset.name.upper(), "--id-column", "PSID")

    assert list(Run.objects.get().list_rows.values_list("value", "asset")) == [("12", asset.pk), ("13", asset.pk)]


def test_columns_go_by_number_too(app, tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text(f"Shop;12\nshop;13\n{app.graph_id};14\n")
    run_command(path, app.business, "--id-column", "2", "--asset-column", "1")

    assert Run.objects.get().todo == 3


def test_the_first_row_can_be_said_to_be_no_header(app, tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("l2\n13\n")
    run_command(path, app.business, "--app", "Shop", "--no-header")

    assert (Run.objects.get().rows, Run.objects.get().rejected) == (2, 1)


def test_standard_input_is_read(app, monkeypatch):
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"12\n13\n")))
    run_command("-", app.business, "--app", app.graph_id)

    assert (Run.objects.get().todo, Run.objects.get().list_file.name) == (2, "standard input")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ((), "whose IDs these are"),
        (("--app", "999"), "is neither the ID nor the name"),
        (("--app", "Foreign"), "is neither the ID nor the name"),
        (("--app", "Shop", "--id-column", "nope"), "no column “nope”"),
        (("--app", "Shop", "--id-column", "9"), "no column “9”"),
        (("--asset-column", "1", "--id-column", "1"), "can't be the same"),
        (("--app", "Shop", "--wait"), "needs --start"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_open_run(app, page, tmp_path, options, why):
    make_app(make_business("Other"), "Foreign", secret="")
    path = tmp_path / "ids.csv"
    path.write_text("12,a\n13,b\n")

    with pytest.raises(CommandError, match=why):
        run_command(path, app.business, *options)
    assert not Run.objects.exclude(state=Run.State.CANCELLED).exists()


@pytest.mark.parametrize(
    ("content", "why"), [(b"%PDF-1.7", "This is a PDF"), (b"psid\n", "no row below"), (None, "No such file")]
)
def test_a_file_that_cannot_be_read_is_refused(app, tmp_path, content, why):
    path = tmp_path / "ids.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError, match=why):
        run_command(path, app.business, "--app", "Shop")


def test_it_does_not_start_without_a_yes(app, path, no_broker, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match="Say --yes"):
        run_command(path, app.business, "--start")

    assert (Run.objects.get().state, no_broker) == (Run.State.READY, [])


def test_it_starts_and_wakes_the_workers(app, path, no_broker):
    assert "Started." in run_command(path, app.business, "--start", "--yes")

    assert (Run.objects.get().state, no_broker) == (Run.State.GOING, ["bulk"])


@pytest.fixture
def ids_of_page(world, tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("psid\n12345123\n12345123\n999000999\nx\n")
    return path


def test_it_waits_for_the_end_and_tells_the_sum(world, ids_of_page, monkeypatch, capsys):
    monkeypatch.setattr(import_ids, "wake", lambda lane: work(Run.objects.latest("pk")))
    told = run_command(ids_of_page, world.page.business, "--page", world.page.graph_id, "--start", "--yes", "--wait")

    assert told.splitlines()[-1] == "4 rows = 1 linked + 1 refused + 1 rejected + 1 duplicate"
    assert "4/4" in capsys.readouterr().err
    assert Run.objects.latest("pk").state == Run.State.DONE


def test_it_does_not_end_well_if_the_run_does_not(world, ids_of_page, monkeypatch):
    def cancel(lane: str) -> None:
        run = Run.objects.latest("pk")
        import_ids.running.cancel(run, by=None, now=run.created_at)
        work(run)

    monkeypatch.setattr(import_ids, "wake", cancel)
    with pytest.raises(CommandError, match="not done but cancelled"):
        run_command(ids_of_page, world.page.business, "--page", world.page.graph_id, "--start", "--yes", "--wait")


def test_the_real_command_ends_with_one_and_a_sentence_where_it_fails(tmp_path):
    environment = {**os.environ, "IDLINK_VAR_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/x.sqlite3"}
    root = Path(__file__).resolve().parents[4]
    copy_of_sqlite(tmp_path / "x.sqlite3")
    command = [sys.executable, "manage.py", "import_ids", "-", "--business", "nobody"]
    done = subprocess.run(command, cwd=root, env=environment, input="12\n", capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.strip() == "CommandError: There is no business with the primary key, Graph ID or name “nobody”."
