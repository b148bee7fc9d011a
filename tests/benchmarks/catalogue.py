"""What PostgreSQL's own catalogue tells of a schema: tables, foreign keys, indexes, triggers of ours."""

import re
from dataclasses import dataclass

from psycopg2.extensions import cursor as Cursor

Columns = dict[str, tuple[str, ...]]  # by table


@dataclass(frozen=True)
class ForeignKey:
    """Columns of a table that name a row of another."""

    name: str
    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]

    @property
    def drop(self) -> str:
        """The statement that takes it away."""
        return f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.name}"'


@dataclass(frozen=True)
class Index:
    """An index; `constraint` is the unique constraint that it keeps, `condition` which rows it holds.

    A key is what rows are found by: the primary key, and what a foreign key refers to.
    """

    name: str
    table: str
    is_key: bool
    is_unique: bool
    constraint: str
    columns: tuple[str, ...]
    condition: str

    @property
    def drop(self) -> str:
        """The statement that takes it away."""
        if self.constraint:
            return f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.constraint}"'
        return f'DROP INDEX "{self.name}"'

    def repeats(self, other: "Index") -> bool:
        """Tell whether the other index holds the same rows in the same order, perhaps by more columns."""
        if other is self or self.is_unique or (other.table, other.condition) != (self.table, self.condition):
            return False
        longer = [_without_class(column) for column in other.columns[: len(self.columns)]]
        return longer == [_without_class(column) for column in self.columns]


@dataclass(frozen=True)
class Catalogue:
    """A schema; `guarded` are the tables with triggers of ours."""

    columns: Columns
    foreign_keys: tuple[ForeignKey, ...]
    indexes: tuple[Index, ...]
    guarded: tuple[str, ...]

    def secondary(self, table: str = "") -> list[Index]:
        """Give the indexes that are no key, of one table or of all."""
        return [index for index in self.indexes if not index.is_key and table in ("", index.table)]


def read_catalogue(cursor: Cursor) -> Catalogue:
    """Read the catalogue of the schema that the connection uses."""
    cursor.execute(_COLUMNS)
    columns = {table: tuple(names) for table, names in cursor.fetchall()}
    cursor.execute(_FOREIGN_KEYS)
    foreign_keys = tuple(ForeignKey(n, t, tuple(c), to, tuple(tc)) for n, t, c, to, tc in cursor.fetchall())
    cursor.execute(_INDEXES)
    indexes = tuple(Index(*told[:5], tuple(told[5]), told[6]) for told in cursor.fetchall())
    cursor.execute(_GUARDED)
    return Catalogue(columns, foreign_keys, indexes, tuple(table for (table,) in cursor.fetchall()))


def _without_class(column: str) -> str:
    """Give an index's column without its operator class: one for patterns finds equal values, too."""
    return re.sub(r" \w+_pattern_ops$", "", column)


_OF_OURS = "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()"
_COLUMNS = f"""
SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_class c {_OF_OURS} JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY 1 ORDER BY 1"""
_FOREIGN_KEYS = f"""
SELECT f.conname::text, c.relname::text,
    ARRAY(SELECT attname::text FROM unnest(f.conkey) WITH ORDINALITY k(number, place)
        JOIN pg_attribute ON attrelid = f.conrelid AND attnum = number ORDER BY place),
    t.relname::text,
    ARRAY(SELECT attname::text FROM unnest(f.confkey) WITH ORDINALITY k(number, place)
        JOIN pg_attribute ON attrelid = f.confrelid AND attnum = number ORDER BY place)
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid {_OF_OURS} JOIN pg_class t ON t.oid = f.confrelid
WHERE f.contype = 'f' ORDER BY 2, 1"""
_INDEXES = f"""
SELECT x.relname::text, c.relname::text,
    i.indisprimary OR EXISTS (SELECT FROM pg_constraint WHERE contype = 'f' AND conindid = i.indexrelid),
    i.indisunique, coalesce(u.conname::text, ''),
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, place, false) ||
            CASE WHEN opcname LIKE '%pattern_ops' THEN ' ' || opcname ELSE '' END
        FROM generate_series(1, i.indnkeyatts) place JOIN pg_opclass o ON o.oid = i.indclass[place - 1]
        ORDER BY place),
    coalesce(pg_get_expr(i.indpred, i.indrelid), '')
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid {_OF_OURS}
LEFT JOIN pg_constraint u ON u.conindid = i.indexrelid AND u.contype = 'u' ORDER BY 2, 1"""
_GUARDED = f"""
SELECT DISTINCT c.relname::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid {_OF_OURS} WHERE NOT t.tgisinternal ORDER BY 1"""
