"""The files of lists in a backup: store them with their hashes, and put them back under their names."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from zipfile import ZipFile

from lookups.backups.manifest import ListContent
from lookups.backups.sealed_file import CannotRestore, new_part, old_part
from lookups.backups.snapshot import Snapshot
from lookups.models import ListFile
from lookups.models.list_file import lists_folder

_BLOCK = 1024 * 1024
_NAME = re.compile(r"[0-9A-Za-z]{1,40}")
_KEPT = 'SELECT stored_as, sha256 FROM "{}" WHERE removed_at IS NULL ORDER BY stored_as'


def store_lists(archive: ZipFile, database: Snapshot) -> tuple[dict[str, ListContent], int]:
    """Store the files of lists; gives each by its name, and how many files are gone or differ from what was received.

    A file may be gone because somebody has discarded the list since the moment of the snapshot.
    """
    table = ListFile._meta.db_table
    kept = database.rows(_KEPT.format(table)) if table in database.tables() else []
    stored: dict[str, ListContent] = {}
    for name, sha256 in kept:
        content = _store(archive, name)
        if content and content.sha256 == sha256:
            stored[name] = content
    return stored, len(kept) - len(stored)


def _store(archive: ZipFile, name: str) -> ListContent | None:
    try:
        file = (lists_folder() / name).open("rb")
    except FileNotFoundError:
        return None
    with file, new_part(archive, ListContent.part(name)) as (to, part):
        copyfileobj(file, to, _BLOCK)
    return ListContent(part.size, part.sha256)


@contextmanager
def lists_put_back(archive: ZipFile, lists: Mapping[str, ListContent]) -> Iterator[None]:
    """Put the files of lists into their folder; if the body of the `with` fails, take them out again."""
    lists_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    put: list[Path] = []
    try:
        for name, content in lists.items():
            if not _NAME.fullmatch(name):
                raise CannotRestore("A list in this backup has a name that idlink never gives. Nothing was restored.")
            path = lists_folder() / name
            if not _is_there(path, content):
                _put_back(archive, path, content)
                put.append(path)
        yield
    except BaseException:
        for path in put:
            path.unlink(missing_ok=True)
        raise


def _is_there(path: Path, content: ListContent) -> bool:
    """Tell whether the file is there already, left by a killed restore; raises CannotRestore if it differs."""
    if not path.exists():
        return False
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != content.sha256:
            raise CannotRestore(
                f"{path} is there already, and is not the list in this backup. Move it away, or name another folder "
                "in IDLINK_VAR_DIR. Nothing was restored."
            )
    return True


def _put_back(archive: ZipFile, path: Path, content: ListContent) -> None:
    """Write a file under another name and rename it when it is complete: the real name never holds half a list."""
    unfinished = path.with_name(secrets.token_hex(16))
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, old_part(archive, ListContent.part(path.name), content.sha256) as inner:
            copyfileobj(inner, file, _BLOCK)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
