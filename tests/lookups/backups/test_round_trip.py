"""What is taken comes back as it was, to the last row; what does not fit here is refused before anything is written."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection

from businesses import isolation
from businesses.models import AccessToken, AppSecret, Asset, Business, SecretRole, TokenCheck
from businesses.secrets import key_ids
from lookups.backups import Taken, take
from lookups.backups.loading import load, one_transaction
from lookups.backups.manifest import Manifest
from lookups.backups.sealed_file import opened_backup
from lookups.backups.snapshot import MIGRATIONS, stored_tables
from lookups.models import Heartbeat, ListFile, Lookup, PolicyReview, QuotaPool, Run
from lookups.models.list_file import lists_folder
from tests.makers import NOW, make_app, make_business, make_page, make_token, make_user
from tests.test_database_isolation import REFERENCES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
ODD = "a\\tb\\N\tc\nd\r\\ – 人 'quoted' \"twice\""


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "a.backup"


@pytest.fixture(autouse=True)
def rows() -> None:
    """A row of every kind of value: odd texts, nulls, JSON, fractions, switches, microseconds, a UUID."""
    business = make_business(ODD)
    page = make_page(business, make_app(business, secret=""), ODD)
    make_token(page)
    TokenCheck.objects.update(scopes=["pages_messaging", ODD], refused_because=ODD)
    QuotaPool.objects.create(business=business, asset=page, percent=0.1 + 0.2, seen_at=NOW)
    PolicyReview.objects.create(
        business=business, opened_at=NOW, last_answer_at=NOW + timedelta(microseconds=5), next_probe_at=NOW, message=ODD
    )
    run = Run.objects.create(business=business, kind=Run.Kind.ONE, created_at=NOW)
    Lookup.objects.create(business=business, run=run, asset=page, value="0012", created_at=NOW, is_probe=True, why="")
    make_user("anna", business)


def taken(path: Path, *, replace: bool = False) -> Taken:
    return take(path, replace=replace, now=NOW, watch=lambda rows: bool)


def dump() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the database gives it."""
    with connection.cursor() as cursor:
        found = {}
        for table in stored_tables(connection, cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def fill_anew(path: Path) -> None:
    """Load a backup over what there is, as restoring loads it into tables just made."""
    isolation.remove("default")
    with opened_backup(path) as archive, one_transaction():
        put_foreign_keys_back()
        load(archive, Manifest.read(archive).tables, bool)
    isolation.install("default")


def put_foreign_keys_back() -> None:
    """Give the tables the foreign keys that migrations make; with the triggers, PostgreSQL has none between ours."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, connection.schema_editor() as editor:
            for model, field in REFERENCES:
                if not connection.introspection.get_relations(cursor, model._meta.db_table).get(field.column):
                    editor.execute(editor._create_fk_sql(model, field, "_fk_%(to_table)s_%(to_column)s"))


def refusal(path: Path) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("restore", str(path), stdout=StringIO())
    return str(refused.value)


def test_every_row_comes_back_as_it_was(path):
    before = dump()
    told = taken(path)
    Lookup.objects.all().delete()
    QuotaPool.objects.update(percent=1)
    make_business("made later")

    fill_anew(path)

    assert dump() == before
    assert {name: table.rows for name, table in told.manifest.tables.items()} == {
        name: len(rows) for name, rows in before.items()
    }
    assert QuotaPool.objects.get().percent == 0.1 + 0.2
    assert PolicyReview.objects.get().last_answer_at == NOW + timedelta(microseconds=5)
    assert TokenCheck.objects.get().scopes == ["pages_messaging", ODD]


def test_new_rows_have_keys_of_their_own_afterwards(path):
    taken(path)

    fill_anew(path)

    last = Run.objects.order_by("pk").last()
    assert Run.objects.create(business=last.business, kind=Run.Kind.ONE, created_at=NOW).pk > last.pk


def test_a_reference_that_leads_nowhere_is_refused(path):
    isolation.remove("default")
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE lookups_lookup SET run_id = 987654321")
        taken(path)
        cursor.execute("UPDATE lookups_lookup SET run_id = (SELECT id FROM lookups_run)")
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")

    with pytest.raises(IntegrityError):
        fill_anew(path)
    assert Run.objects.count() == Lookup.objects.count() == 1
    isolation.install("default")


def test_sessions_and_signs_of_life_are_not_in_it(path):
    Session.objects.create(session_key="canary-of-a-session", session_data="x", expire_date=NOW)
    Heartbeat.beat("worker", NOW)

    manifest = taken(path).manifest

    tables = set(manifest.tables)
    assert {"auth_user", "businesses_accesstoken"} <= tables
    assert not {"django_session", Heartbeat._meta.db_table, MIGRATIONS} & tables


@pytest.mark.parametrize("role", [SecretRole.WAITING, SecretRole.FORMER])
def test_the_key_of_a_secret_that_waits_or_is_kept_is_needed_too(path, settings, role):
    AccessToken.objects.all().delete()
    old = settings.IDLINK_ENCRYPTION_KEYS[0]
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), old]
    signing, sealing = key_ids()
    assert taken(path).manifest.keys == (signing,)
    app = Asset.objects.apps().get()
    AppSecret.objects.create(business=app.business, app=app, role=role, sealed_value=f"v1:{sealing}:x")

    assert taken(path, replace=True).manifest.keys == (signing, sealing)


def test_it_tells_of_its_time_and_version_and_the_keys_it_needs_without_telling_them(path, settings):
    old = settings.IDLINK_ENCRYPTION_KEYS[0]
    new, unused = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.IDLINK_ENCRYPTION_KEYS = [new, unused, old]

    manifest = taken(path).manifest

    signing, _, sealing = key_ids()
    assert manifest.keys == (signing, sealing)
    assert (manifest.taken_at, manifest.idlink, manifest.database) == (NOW, "0.1.0", connection.display_name)
    with opened_backup(path) as archive:
        text = archive.read("manifest.json").decode()
        assert Manifest.read(archive) == manifest
    assert not [secret for secret in (old, new, settings.SECRET_KEY) if secret in text]


def test_the_key_that_opens_the_tokens_must_be_there_too(path, settings):
    old = settings.IDLINK_ENCRYPTION_KEYS[0]
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), old]
    (_, sealing), _ = key_ids(), taken(path)

    settings.IDLINK_ENCRYPTION_KEYS = settings.IDLINK_ENCRYPTION_KEYS[:1]

    assert f"needs the encryption key {sealing}" in refusal(path)


def test_a_database_that_is_not_empty_is_refused_and_stays_as_it_is(path):
    taken(path)
    before = dump()

    assert "The database is not empty" in refusal(path)
    assert dump() == before


def test_a_backup_of_a_newer_idlink_is_refused(path):
    with connection.cursor() as cursor:
        told = ["lookups", "9999_of_the_future", datetime.now(UTC)]
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", told)
    try:
        taken(path)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999_of_the_future'")

    told = refusal(path)
    assert "made by a newer idlink" in told
    assert "lookups.9999_of_the_future" in told


def test_without_the_key_the_command_says_which_one_is_missing(path, settings):
    taken(path)
    (missing,) = key_ids()
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert f"needs the encryption key {missing}" in refusal(path)


def test_a_file_that_is_not_there_is_told(path):
    assert "No such file" in refusal(path)


def make_list(content: bytes, **fields: object) -> ListFile:
    """A list that waits for its columns to be named."""
    business = Business.objects.get()
    run = Run.objects.create(business=business, kind=Run.Kind.LIST, state=Run.State.MAPPING, created_at=NOW)
    told = {"name": "a.csv", "kind": "csv", "size": len(content), "sha256": sha256(content).hexdigest()}
    list_file = ListFile.objects.create(business=business, run=run, **told | fields)
    lists_folder().mkdir(exist_ok=True)
    list_file.path.write_bytes(content)
    return list_file


def test_the_command_writes_the_file_and_says_what_it_holds(path):
    make_list(b"id\n1\n")
    out = StringIO()

    call_command("backup", str(path), stdout=out)

    assert f"{path}: " in out.getvalue()
    assert "1 businesses, 0 scoped IDs, 0 persons" in out.getvalue()
    assert "1 files of lists." in out.getvalue()
    assert "keep it encrypted" in out.getvalue()
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(path), stdout=out)
    call_command("backup", str(path), "--force", stdout=out)


def test_only_lists_that_are_whole_and_kept_are_in_it(path):
    kept = make_list(b"id\n1\n")
    removed = make_list(b"id\n2\n", removed_at=NOW)
    gone, damaged = make_list(b"id\n3\n"), make_list(b"id\n4\n")
    gone.path.unlink()
    damaged.path.write_bytes(b"id\n5\n")

    told = taken(path)

    assert set(told.manifest.lists) == {kept.stored_as}
    assert told.lists_missing == 2
    assert removed.stored_as not in told.manifest.lists
