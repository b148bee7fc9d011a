"""Stores the bytes of a list under a random name, readable for idlink's user only, whole or not at all."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from lookups.lists.imports.limits import CannotRead, bytes_of, too_large
from lookups.models import ListFile
from lookups.models.full_disk import FULL_DISK, is_full_disk
from lookups.models.list_file import lists_folder

ZIP = b"PK\x03\x04"
STRAY_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Stored:
    """A stored file that no row of the database names yet."""

    path: Path
    size: int
    sha256: str


@contextmanager
def stored(chunks: Iterable[bytes]) -> Iterator[Stored]:
    """Store the chunks; an error, also one in the body of the `with`, removes the file again."""
    folder = lists_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / secrets.token_hex(16)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise _could_not_store(error) from error
    try:
        size, digest = _write(handle, chunks)
        _sync_folder(folder)
        yield Stored(path, size, digest)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def remove_file(list_file: ListFile, now: datetime) -> None:
    """Remove the file of a list as soon as the transaction is committed."""
    ListFile.objects.filter(pk=list_file.pk, removed_at=None).update(removed_at=now, first_look={})
    transaction.on_commit(lambda: list_file.path.unlink(missing_ok=True))


def remove_strays(now: datetime) -> None:
    """Remove what killed processes left: uploads that were still coming, and stored files that no row names."""
    coming, folder = Path(settings.FILE_UPLOAD_TEMP_DIR), lists_folder()
    for name in _old_files(coming, now):
        (coming / name).unlink(missing_ok=True)
    names = _old_files(folder, now)
    known = set(ListFile.objects.filter(stored_as__in=names, removed_at=None).values_list("stored_as", flat=True))
    for name in names - known:
        (folder / name).unlink(missing_ok=True)


def _old_files(folder: Path, now: datetime) -> set[str]:
    old = (now - STRAY_AFTER).timestamp()
    found = os.scandir(folder) if folder.is_dir() else ()
    return {entry.name for entry in found if entry.is_file() and entry.stat().st_mtime < old}


def _write(handle: int, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write the chunks, up to the limit; the first bytes say whether that of a workbook or of a CSV holds."""
    digest, size, head = hashlib.sha256(), 0, b""
    with os.fdopen(handle, "wb", buffering=0) as file:
        for chunk in chunks:
            head = head if len(head) >= len(ZIP) else (head + chunk)[: len(ZIP)]
            kind = "xlsx" if head == ZIP else "csv"
            size += len(chunk)
            if size > bytes_of(kind):
                raise too_large(kind)
            digest.update(chunk)
            _write_all(file.fileno(), chunk)
        try:
            os.fsync(file.fileno())
        except OSError as error:
            raise _could_not_store(error) from error
    return size, digest.hexdigest()


def _write_all(handle: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    try:
        while view:
            view = view[os.write(handle, view) :]
    except OSError as error:
        raise _could_not_store(error) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _could_not_store(error: OSError) -> CannotRead:
    if is_full_disk(error):
        return CannotRead(FULL_DISK)
    return CannotRead(f"The list could not be stored ({error.strerror}): ask whoever runs idlink, then send it again.")
