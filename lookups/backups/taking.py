"""Take a backup while all processes keep running: the database as of one moment, and the lists that belong to it."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

from django.apps import apps
from django.conf import settings

from businesses import secrets
from businesses.checks import SEALED_COLUMNS
from lookups.backups.list_contents import store_lists
from lookups.backups.manifest import Manifest, Table
from lookups.backups.sealed_file import Counter, new_part, sealed
from lookups.backups.snapshot import Snapshot, snapshot


@dataclass(frozen=True)
class Taken:
    """The figures of a backup: `size` is in bytes; `lists_missing` counts lists whose file was gone or damaged."""

    manifest: Manifest
    size: int
    lists_missing: int


def take(path: Path, *, replace: bool, now: datetime, watch: Callable[[int], Counter]) -> Taken:
    """Write a backup; if it raises CannotBackUp or OSError, no new file has this name, and a former file is kept.

    `watch` is called with the total number of rows, and gives a function that is called as rows are written.
    """
    with sealed(path, replace=replace) as archive, snapshot() as database:
        tables = database.tables()
        written = watch(sum(map(database.count, tables)))
        stored = {name: _store_table(archive, database, name, written) for name in tables}
        lists, missing = store_lists(archive, database)
        manifest = Manifest(
            taken_at=now,
            idlink=_version(),
            database=database.kind,
            migrations=tuple(database.migrations()),
            keys=_keys_needed(database),
            secret_key=secrets.fingerprint("of a backup"),
            tables=stored,
            lists=lists,
        )
        manifest.store(archive)
    return Taken(manifest, path.stat().st_size, missing)


def _store_table(archive: ZipFile, database: Snapshot, name: str, written: Counter) -> Table:
    columns = database.columns(name)
    with new_part(archive, Table.part(name), written) as (to, part):
        rows = database.write(name, columns, to)
    return Table(tuple(columns), rows, part.sha256)


def _keys_needed(database: Snapshot) -> tuple[str, ...]:
    """Give the IDs of those keys set here that sign the backup or open the secrets in it."""
    first, *others = secrets.key_ids()
    used = set()
    for model, column in SEALED_COLUMNS:
        table = apps.get_model("businesses", model)._meta.db_table
        if column in database.columns(table):  # an older database may lack it
            query = f'SELECT DISTINCT substr("{column}", 4, 8) FROM "{table}"'  # noqa: S608  (our own names)
            used |= {key_id for (key_id,) in database.rows(query)}
    return (first, *(key_id for key_id in others if key_id in used))


def _version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])
