"""A signed file of many parts: a ZIP archive, followed by a line with its signature.

The last line holds `idlink-backup`, the version of this layout, the ID of the encryption key that signed, and the
signature of every byte before it. A file that was cut off, altered by a bit, or made elsewhere is refused before
any part of it is used.
"""

import hashlib
import hmac
import io
import os
import secrets as random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from businesses import secrets

LAYOUT = 1
_BLOCK = 1024 * 1024
_COMPRESSION = 1  # the fastest level; it already shrinks rows to a fifth
_KEY_ID, _SIGNATURE = 8, 64
Counter = Callable[[int], object]
_NO_BACKUP = "This is no backup of idlink, or not a whole one: its end is missing."


class CannotBackUp(Exception):
    """No backup was made; the text says why and what to do."""


class CannotRestore(Exception):
    """Nothing was restored; the text says why and what to do."""


class Part(io.RawIOBase):
    """The stream of one part, which counts and hashes its bytes; `passed` is called as lines pass."""

    def __init__(self, inner: IO[bytes], passed: Counter) -> None:
        super().__init__()
        self._inner, self._passed = inner, passed
        self._digest, self.size = hashlib.sha256(), 0

    def writable(self) -> bool:
        """It may be; it depends on the way."""
        return True

    def readable(self) -> bool:
        """It may be; it depends on the way."""
        return True

    def write(self, data: Any) -> int:
        """Pass bytes on to the archive."""
        self._inner.write(data)
        return self._count(data)

    def readinto(self, buffer: Any) -> int:
        """Fetch bytes from the archive."""
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        return self._count(data)

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far."""
        return self._digest.hexdigest()

    def _count(self, data: Any) -> int:
        block = bytes(data)
        self._digest.update(block)
        self._passed(block.count(b"\n"))
        self.size += len(block)
        return len(block)


class _Signed(io.RawIOBase):
    """A stream that writes to a file and signs what it writes. It can't seek, so no byte is written twice."""

    def __init__(self, file: IO[bytes], key_id: str) -> None:
        super().__init__()
        self._file, self._key_id, self._signature = file, key_id, secrets.signature(key_id)

    def writable(self) -> bool:
        """Always: the archive asks."""
        return True

    def write(self, data: Any) -> int:
        """Write all of the data."""
        self._signature.update(data)
        self._file.write(data)
        return len(data)

    def end(self) -> None:
        """Write the last line, with the key's ID and the signature."""
        self.write(_head(self._key_id))
        self._file.write(f"{self._signature.hexdigest()}\n".encode())


@contextmanager
def sealed(path: Path, *, replace: bool) -> Iterator[ZipFile]:
    """Write a file that only its owner can read; it gets its name when it is complete. Raises CannotBackUp, OSError."""
    _refuse_to_replace(path, replace)
    unfinished = path.with_name(f"{path.name}.{random.token_hex(4)}.unfinished")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            signed = _Signed(file, secrets.key_ids()[0])
            with ZipFile(signed, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
                yield archive
            signed.end()
            file.flush()
            os.fsync(file.fileno())
        _refuse_to_replace(path, replace)
        unfinished.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _refuse_to_replace(path: Path, replace: bool) -> None:
    if path.exists() and not replace:
        raise CannotBackUp(f"{path} is there already. Choose another name, or say --force to replace it.")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def new_part(archive: ZipFile, name: str, passed: Counter = bool) -> Iterator[tuple[IO[bytes], Part]]:
    """Write a part: give the stream for its bytes and the object that counts them; the `with` completes the part."""
    with archive.open(ZipInfo(name), "w", force_zip64=True) as inner:
        part = Part(inner, passed)
        with io.BufferedWriter(part, _BLOCK) as buffered:
            yield buffered, part


@contextmanager
def opened_backup(path: Path) -> Iterator[ZipFile]:
    """Open a file if it is complete and was signed with a key that is set here; raises CannotRestore, OSError."""
    with path.open("rb") as file:
        _verify(file)
        file.seek(0)
        with ZipFile(file) as archive:
            yield archive


@contextmanager
def old_part(archive: ZipFile, name: str, sha256: str, passed: Counter = bool) -> Iterator[IO[bytes]]:
    """Read a part to its end; raises CannotRestore if its hash differs from the one stored."""
    with archive.open(name) as inner:
        part = Part(inner, passed)
        yield io.BufferedReader(part, _BLOCK)
        if part.sha256 != sha256:
            raise CannotRestore(f"The backup is damaged: {name} is not what was stored. Nothing was restored.")


def _head(key_id: str) -> bytes:
    return f"\nidlink-backup {LAYOUT:03d} {key_id} ".encode()


def _verify(file: IO[bytes]) -> None:
    """Compare the signature with every byte before it."""
    start = len(_head("0" * _KEY_ID))
    signed = file.seek(0, os.SEEK_END) - start - _SIGNATURE - 1
    file.seek(max(0, signed))
    end = file.read()
    if signed <= 0 or not end.startswith(b"\nidlink-backup ") or not end.isascii() or not end.endswith(b"\n"):
        raise CannotRestore(_NO_BACKUP)
    words = end.decode().split()
    if len(words) != 4 or words[1] != f"{LAYOUT:03d}":
        raise CannotRestore("This backup has another layout than this version of idlink reads: use a newer idlink.")
    refuse_without_keys([words[2]])
    signature = secrets.signature(words[2])
    file.seek(0)
    left = signed + start
    while block := file.read(min(_BLOCK, left)):
        signature.update(block)
        left -= len(block)
    if not hmac.compare_digest(signature.hexdigest(), words[3]):
        raise CannotRestore("This backup is damaged, or somebody has changed it: its signature does not fit.")


def refuse_without_keys(needed: list[str]) -> None:
    """Refuse a file that needs keys which are not set here; raises CannotRestore, which names the keys' IDs."""
    present = secrets.key_ids()
    missing = [key_id for key_id in needed if key_id not in present]
    if missing:
        raise CannotRestore(
            f"This backup needs the encryption key {' and '.join(missing)}, and IDLINK_ENCRYPTION_KEYS holds only "
            f"{', '.join(present)} (keys are told by their fingerprints). Put the key that was kept apart from the "
            "backup there, behind a newer one if there is one. Nothing was restored."
        )
