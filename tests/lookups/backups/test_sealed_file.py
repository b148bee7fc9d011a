"""The file of a backup: for its owner only, whole or not there, and refused whatever was done to it since."""

import os
import resource
import signal
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from businesses.secrets import key_ids
from lookups.backups.sealed_file import CannotBackUp, CannotRestore, new_part, old_part, opened_backup, sealed

TEXT = b"one\ntwo\nthree\n"


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "a.backup"


@pytest.fixture
def whole(path) -> Path:
    """A file with one part."""
    write(path)
    return path


def write(path: Path, text: bytes = TEXT, *, replace: bool = False) -> str:
    """Write a file with one part; gives its hash."""
    with sealed(path, replace=replace) as archive, new_part(archive, "part") as (to, part):
        to.write(text)
    return part.sha256


def refusal_of(path: Path) -> str:
    with pytest.raises(CannotRestore) as refused, opened_backup(path):
        pass
    return str(refused.value)


def test_a_part_comes_back_and_its_lines_are_counted(path):
    sha256 = write(path)
    seen: list[int] = []

    with opened_backup(path) as archive, old_part(archive, "part", sha256, seen.append) as lines:
        assert lines.read() == TEXT

    assert sum(seen) == 3


def test_a_part_that_is_not_what_was_stored_is_refused(whole):
    with pytest.raises(CannotRestore, match="part is not what was stored"), opened_backup(whole) as archive:  # noqa: SIM117
        with old_part(archive, "part", "0" * 64) as lines:
            lines.read()


def test_nobody_else_may_read_it_from_its_first_byte_on_whatever_the_umask(path):
    before = os.umask(0)
    try:
        with sealed(path, replace=False):
            (unfinished,) = path.parent.iterdir()
            assert stat.S_IMODE(unfinished.stat().st_mode) == 0o600
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_replaced_only_when_told_to(whole):
    before = whole.read_bytes()

    with pytest.raises(CannotBackUp, match="is there already"):
        write(whole, b"another")
    assert whole.read_bytes() == before

    write(whole, b"another", replace=True)
    assert whole.read_bytes() != before


def test_a_file_that_came_while_another_was_written_stays(path):
    with pytest.raises(CannotBackUp), sealed(path, replace=False):
        path.write_bytes(b"of somebody else")

    assert path.read_bytes() == b"of somebody else"
    assert list(path.parent.iterdir()) == [path]


def test_what_goes_wrong_leaves_nothing_behind_and_the_old_file_as_it_was(whole):
    before = whole.read_bytes()

    def go_wrong() -> None:
        with sealed(whole, replace=True) as archive, new_part(archive, "part") as (to, _):
            to.write(b"x" * 3_000_000)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        go_wrong()

    assert list(whole.parent.iterdir()) == [whole]
    assert whole.read_bytes() == before


def test_a_full_disk_ends_in_its_own_words_and_leaves_nothing(path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(path, os.urandom(3_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(path.parent.iterdir()) == []


def test_being_killed_leaves_no_file_that_looks_whole(path):
    child = os.fork()
    if child == 0:
        with sealed(path, replace=False) as archive, new_part(archive, "part") as (to, _):
            to.write(os.urandom(3_000_000))
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert not path.exists()
    (left,) = path.parent.iterdir()
    assert left.stat().st_size > 1_000_000
    assert left.suffix == ".unfinished"
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    assert "not a whole one" in refusal_of(left)


def test_a_file_cut_off_anywhere_is_refused(whole, tmp_path):
    content = whole.read_bytes()

    for length in range(len(content)):
        cut = tmp_path / "cut"
        cut.write_bytes(content[:length])
        assert refusal_of(cut)


def test_a_file_with_any_bit_flipped_is_refused(whole, tmp_path):
    content = whole.read_bytes()
    said = set()

    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1 << position % 8
        spoilt = tmp_path / "spoilt"
        spoilt.write_bytes(changed)
        said.add(refusal_of(spoilt).partition(":")[0].partition(" key ")[0])

    assert "This backup is damaged, or somebody has changed it" in said


def test_a_file_with_something_behind_it_is_refused(whole):
    with whole.open("ab") as file:
        file.write(b"\n")

    assert refusal_of(whole)


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18, b"SQLite format 3\0" * 100, b"-- dump\n" * 100])
def test_a_foreign_file_is_refused(path, content):
    path.write_bytes(content)

    assert "This is no backup of idlink" in refusal_of(path)


def test_without_the_key_it_is_refused_by_the_keys_name_not_the_key(whole, settings):
    (missing,), right = key_ids(), settings.IDLINK_ENCRYPTION_KEYS[0]
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    told = refusal_of(whole)

    assert f"needs the encryption key {missing}" in told
    assert "IDLINK_ENCRYPTION_KEYS" in told
    assert right not in told
    assert settings.IDLINK_ENCRYPTION_KEYS[0] not in told


def test_an_older_key_behind_a_newer_one_opens_it(whole, settings):
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.IDLINK_ENCRYPTION_KEYS]

    with opened_backup(whole) as archive:
        assert archive.namelist() == ["part"]


def test_who_has_no_key_can_make_none_that_is_taken(whole, settings):
    """A signature under another key does not pass for one under ours."""
    (ours,), right = key_ids(), settings.IDLINK_ENCRYPTION_KEYS
    settings.IDLINK_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    (theirs,) = key_ids()
    write(whole, b"forged", replace=True)
    whole.write_bytes(whole.read_bytes().replace(f" {theirs} ".encode(), f" {ours} ".encode()))
    settings.IDLINK_ENCRYPTION_KEYS = right

    assert "somebody has changed it" in refusal_of(whole)


def test_a_later_layout_is_told_from_damage(whole):
    whole.write_bytes(whole.read_bytes().replace(b"idlink-backup 001", b"idlink-backup 002"))

    assert "use a newer idlink" in refusal_of(whole)
