"""The variants of a schema that `make bench-copy` compares, each made by ALTER on a copy of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.benchmarks.catalogue import Catalogue, ForeignKey, Index

MAIN, KEYS, INDEXES = "main", "foreign-keys", "indexes"
PARTS = (MAIN, KEYS, INDEXES)


@dataclass(frozen=True)
class Variant:
    """A schema that lacks something; without statements it is the schema as it is."""

    part: str
    name: str
    statements: tuple[str, ...] = ()


AS_IT_IS = Variant(MAIN, "as it is")


def variants(catalogue: Catalogue, written: dict[str, int], people: int) -> list[Variant]:
    """Give all variants; `written` are the road's rows by table."""
    hot = hot_tables(written, people)
    return [*_main(catalogue, hot), *_by_foreign_keys(catalogue, hot), *_by_indexes(catalogue, hot)]


def hot_tables(written: dict[str, int], people: int) -> list[str]:
    """Give the tables to which most people add a row."""
    return [table for table, rows in written.items() if 2 * rows >= people]


def trial(told: str) -> Variant:
    """Give the schema after some statements of SQL, told as `name: SQL; SQL`."""
    name, _, statements = told.partition(": ")
    return Variant(MAIN, name, tuple(one.strip() for one in statements.split(";") if one.strip()))


def without_index(index: Index) -> Variant:
    """Give the schema without this index."""
    return Variant(INDEXES, index.name, (index.drop,))


def _main(catalogue: Catalogue, hot: list[str]) -> list[Variant]:
    keys, indexes = _drops(catalogue.foreign_keys), _drops(catalogue.secondary())
    guards = tuple(f'ALTER TABLE "{table}" DISABLE TRIGGER USER' for table in catalogue.guarded)
    of_hot = _drops(key for key in catalogue.foreign_keys if key.table in hot)
    return [
        AS_IT_IS,
        Variant(MAIN, "without foreign keys of hot tables", of_hot),
        Variant(MAIN, "without foreign keys", keys),
        Variant(MAIN, "without foreign keys and isolation triggers", keys + guards),
        Variant(MAIN, "without secondary indexes", indexes),
        Variant(MAIN, "without all of these", keys + guards + indexes),
    ]


def _by_foreign_keys(catalogue: Catalogue, hot: list[str]) -> list[Variant]:
    ours = [key for key in catalogue.foreign_keys if key.table in hot]
    by_table = _grouped("of {}", ours, [key.table for key in ours])
    return by_table + _grouped("to {}", ours, [key.target for key in ours])


def _grouped(name: str, keys: list[ForeignKey], groups: list[str]) -> list[Variant]:
    together: dict[str, list[ForeignKey]] = {}
    for key, group in zip(keys, groups, strict=True):
        together.setdefault(group, []).append(key)
    return [Variant(KEYS, name.format(group), _drops(of_group)) for group, of_group in together.items()]


def _by_indexes(catalogue: Catalogue, hot: list[str]) -> list[Variant]:
    found = []
    for table in hot:
        if indexes := catalogue.secondary(table):
            found += [Variant(INDEXES, f"all of {table}", _drops(indexes)), *map(without_index, indexes)]
    return found


def _drops(ones: Iterable[ForeignKey | Index]) -> tuple[str, ...]:
    return tuple(one.drop for one in ones)
