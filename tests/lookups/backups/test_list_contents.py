"""The files of lists in a backup come back into their folder and nowhere else."""

from hashlib import sha256
from pathlib import Path

import pytest

from lookups.backups.list_contents import lists_put_back
from lookups.backups.manifest import ListContent
from lookups.backups.sealed_file import CannotRestore, new_part, opened_backup, sealed
from lookups.models.list_file import lists_folder

CONTENT = b"id\n1\n"
TOLD = ListContent(len(CONTENT), sha256(CONTENT).hexdigest())
NAME = "aQ7"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """A folder of lists that is deep enough to climb out of."""
    settings.VAR_DIR = tmp_path / "var"
    return lists_folder()


def put_back(tmp_path: Path, name: str, *, told: ListContent = TOLD) -> None:
    """Put back a list of this name from a backup that is signed as it should be."""
    path = tmp_path / "a.backup"
    with sealed(path, replace=True) as archive, new_part(archive, ListContent.part(Path(name).name)) as (to, _):
        to.write(CONTENT)
    with opened_backup(path) as archive, lists_put_back(archive, {name: told}):
        pass


def files(tmp_path: Path) -> set[str]:
    return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} - {"a.backup"}


def test_a_list_comes_back_under_its_name(tmp_path, folder):
    put_back(tmp_path, NAME)

    assert files(tmp_path) == {str((folder / NAME).relative_to(tmp_path))}
    assert (folder / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../evil", "../../evil", "a/evil", "/tmp/evil-of-a-backup", "..", ".evil", "", "x.y"])
def test_a_name_that_idlink_never_gives_is_refused(tmp_path, name):
    with pytest.raises(CannotRestore, match="a name that idlink never gives"):
        put_back(tmp_path, name)

    assert files(tmp_path) == set()
    assert not Path("/tmp/evil-of-a-backup").exists()


def test_a_list_that_is_not_what_was_stored_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(CannotRestore, match="not what was stored"):
        put_back(tmp_path, NAME, told=ListContent(len(CONTENT), "0" * 64))

    assert files(tmp_path) == set()


def test_another_file_of_the_same_name_is_not_overwritten(tmp_path, folder):
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(b"of somebody else")

    with pytest.raises(CannotRestore, match="is there already"):
        put_back(tmp_path, NAME)

    assert (folder / NAME).read_bytes() == b"of somebody else"
