"""What was made by migrations that were made anew since is refused in a sentence that says what to do."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from businesses.secrets import key_ids
from lookups.backups.form import is_of_another_form, migrations_here
from lookups.backups.manifest import Manifest
from lookups.backups.sealed_file import sealed
from lookups.models import Run

BEFORE = {  # the house
    "businesses": [
        "0001_initial", "0002_profiles", "0003_tokens_and_owners", "0004_token_checks", "0005_doubted_tokens",
        "0006_owner_checks", "0007_secret_rotation",
    ],
    "lookups": [
        "0001_initial", "0002_quota_pool", "0003_run_retries", "0004_evidence", "0005_profiles", "0006_callers",
        "0007_lists", "0008_review_mail", "0009_undone_imports", "0010_refresh", "0011_rows_that_wait",
        "0012_fewer_indexes",
    ],
}  # fmt: skip


def of_before() -> tuple[tuple[str, str], ...]:
    """The migrations of an idlink before its tables were made anew, among those of others."""
    ours = [(app, name) for app, names in BEFORE.items() for name in names]
    others = [key for key in migrations_here().disk_migrations if key[0] not in BEFORE]
    return tuple(sorted([*ours, *others]))


def write(path: Path, migrations: tuple[tuple[str, str], ...]) -> None:
    """A backup of nothing, of an idlink with these migrations."""
    with sealed(path, replace=False) as archive:
        Manifest(
            taken_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
            idlink="0.0.9",
            database="SQLite",
            migrations=migrations,
            keys=tuple(key_ids()),
            secret_key="",
            tables={},
            lists={},
        ).store(archive)


def refusal(path: Path) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(path), stdout=StringIO())
    return str(refused.value)


@pytest.mark.django_db
def test_a_backup_of_an_older_form_is_refused_and_says_what_to_do(tmp_path):
    write(tmp_path / "a.backup", of_before())

    said = refusal(tmp_path / "a.backup")

    assert "20 Nov 2026" in said
    assert "0.0.9" in said
    assert "no way leads from that form to this one" in said
    assert "Restore it with the version that made it. Nothing was restored." in said
    assert Run.objects.count() == 0


@pytest.mark.django_db
def test_a_backup_with_migrations_to_come_is_said_to_be_newer(tmp_path):
    write(tmp_path / "a.backup", (*migrations_here().disk_migrations, ("lookups", "9999_of_the_future")))

    assert "made by a newer idlink" in refusal(tmp_path / "a.backup")


@pytest.mark.parametrize("app", list(BEFORE))
def test_one_app_of_another_form_is_enough(app):
    here = set(migrations_here().disk_migrations)
    first = {key for key in here if key[0] == app}

    assert not is_of_another_form(here)
    assert is_of_another_form((here - first) | {(app, name) for name in BEFORE[app]})


def test_what_is_empty_or_of_others_alone_has_no_other_form():
    others = [key for key in migrations_here().disk_migrations if key[0] not in BEFORE]

    assert not is_of_another_form([])
    assert not is_of_another_form(others)
