"""The manifest of a backup: when and of which database it was taken, its parts, and the keys that it needs."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from zipfile import ZipFile

from lookups.backups.form import is_of_another_form, migrations_here
from lookups.backups.sealed_file import CannotRestore, refuse_without_keys

NAME = "manifest.json"


@dataclass(frozen=True)
class Table:
    """A part with a table's rows."""

    columns: tuple[str, ...]
    rows: int
    sha256: str

    @staticmethod
    def part(name: str) -> str:
        """Name the part that holds this table."""
        return f"tables/{name}"


@dataclass(frozen=True)
class ListContent:
    """A part with the content of a list; `size` in bytes."""

    size: int
    sha256: str

    @staticmethod
    def part(stored_as: str) -> str:
        """Name the part that holds the list stored under this name."""
        return f"lists/{stored_as}"


@dataclass(frozen=True)
class Manifest:
    """The facts about a backup. `keys` are IDs of encryption keys; `secret_key` is a fingerprint, too."""

    taken_at: datetime
    idlink: str
    database: str
    migrations: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    secret_key: str
    tables: Mapping[str, Table]
    lists: Mapping[str, ListContent]

    def store(self, archive: ZipFile) -> None:
        """Write the manifest as the last part of the archive."""
        told = {**asdict(self), "taken_at": self.taken_at.isoformat()}
        archive.writestr(NAME, json.dumps(told, indent=1))

    @classmethod
    def read(cls, archive: ZipFile) -> "Manifest":
        """Read the manifest from a file whose signature was verified; its shape needs no check."""
        told = json.loads(archive.read(NAME))
        return cls(
            taken_at=datetime.fromisoformat(told["taken_at"]),
            idlink=told["idlink"],
            database=told["database"],
            migrations=tuple((app, name) for app, name in told["migrations"]),
            keys=tuple(told["keys"]),
            secret_key=told["secret_key"],
            tables={
                name: Table(tuple(one["columns"]), one["rows"], one["sha256"]) for name, one in told["tables"].items()
            },
            lists={name: ListContent(one["size"], one["sha256"]) for name, one in told["lists"].items()},
        )

    def refuse_what_is_missing_here(self) -> None:
        """Refuse a backup whose keys or migrations are missing here; raises CannotRestore."""
        refuse_without_keys(list(self.keys))
        if is_of_another_form(self.migrations):
            raise CannotRestore(
                f"This backup was made on {self.taken_at:%d %b %Y} by an idlink ({self.idlink}) whose tables have "
                "another form than those of this version, and no way leads from that form to this one. Restore it "
                "with the version that made it. Nothing was restored."
            )
        unknown = sorted(set(self.migrations) - set(migrations_here().disk_migrations))
        if unknown:
            first = ".".join(unknown[0])
            raise CannotRestore(
                f"This backup was made by a newer idlink ({self.idlink}), with migrations that this one does not know "
                f"({len(unknown)}, the first is {first}). Restore it with that version. Nothing was restored."
            )

    def leaves(self) -> list[tuple[str, str]]:
        """The last migrations of each app in the backup: migrating to them makes the backup's tables."""
        nodes = migrations_here().graph.node_map
        applied = {key for key in self.migrations if key in nodes}
        return sorted(
            key for key in applied if not any(_follows(child.key, key, applied) for child in nodes[key].children)
        )


def _follows(one: tuple[str, str], other: tuple[str, str], applied: Collection[tuple[str, str]]) -> bool:
    return one in applied and one[0] == other[0]
