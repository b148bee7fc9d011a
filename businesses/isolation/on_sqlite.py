"""The guard's triggers on SQLite. Its foreign keys stay: SQLite checks them at little cost."""

from collections.abc import Sequence

from businesses.isolation.guarded import NAME, Guarded, Reference, Statements


def sqlite_triggers(guarded: Sequence[Guarded]) -> list[tuple[str, Statements]]:
    """Give the triggers of these tables, each with its table."""
    return [(one.table, statements) for one in guarded for statements in _of_table(one)]


def _of_table(guarded: Guarded) -> list[Statements]:
    """Give the triggers of a table; one trigger can't watch both inserts and updates."""
    leaves = f'NEW."{guarded.business}" IS NOT OLD."{guarded.business}"'
    crossings = "".join(_crossing(guarded, ref) for ref in guarded.references)
    leaving = f"SELECT CASE WHEN {leaves} THEN RAISE(ABORT, '{guarded.stays_said}') END; "
    events = {"INSERT": crossings, f"UPDATE OF {guarded.columns}": leaving + crossings}
    refusals: list[Statements] = [
        (
            f'CREATE TRIGGER "{NAME}" BEFORE UPDATE OF "{one.column}" ON "{guarded.table}" WHEN {one.when} '
            f"BEGIN SELECT RAISE(ABORT, '{guarded.table}: {one.said}'); END",
        )
        for one in guarded.forbidden
    ]
    return refusals + [
        (f'CREATE TRIGGER "{NAME}" BEFORE {event} ON "{guarded.table}" BEGIN {body}END',)
        for event, body in events.items()
        if body
    ]


def _crossing(guarded: Guarded, ref: Reference) -> str:
    crosses = f'NEW."{ref.column}" IS NOT NULL AND NOT EXISTS (SELECT 1 {guarded.sought(ref)})'
    return f"SELECT CASE WHEN {crosses} THEN RAISE(ABORT, '{guarded.crosses_said(ref)}') END; "
