"""The guard's triggers on PostgreSQL, which keep references whole as well: there are no foreign keys beside them.

A foreign key asks once a row and column, which took half of the server's time for storing an answer. These triggers ask
once a statement. A reference can't be left behind, since two locks of the business's row exclude each other: who
writes a reference holds KEY SHARE to the end of the transaction, who deletes a row that is referred to takes UPDATE
before looking for references. So each sees what the other has committed.
"""

from collections.abc import Sequence

from businesses.isolation.guarded import NAME, SCHEMA, Guarded, Reference, Referred, Statements, referred_tables


def postgres_triggers(guarded: Sequence[Guarded]) -> list[tuple[str, Statements]]:
    """Give the triggers of these tables and of those they refer to, each with its table."""
    own = [(one.table, statements) for one in guarded for statements in _of_table(one)]
    return own + [(one.table, _deleting(one)) for one in referred_tables(guarded)]


def _of_table(guarded: Guarded) -> list[Statements]:
    """Give the triggers of a table that belongs to a business.

    Inserts are checked once for all rows of a statement. Updates are checked row by row, because only a row trigger
    can watch columns.
    """
    all_rows = "".join(_crossing_of_all(guarded, ref) for ref in guarded.references)
    inserting = f'AFTER INSERT ON "{guarded.table}" REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT'
    updating = f'BEFORE UPDATE OF {guarded.columns} ON "{guarded.table}" FOR EACH ROW'
    return [
        _trigger(updating, f"{_leaving(guarded)}{_hold(guarded)}{_crossings(guarded)}RETURN NEW;"),
        *(_refusal(guarded, one.column, one.when, one.said) for one in guarded.forbidden),
        _trigger(inserting, f"{_hold_all(guarded)}{all_rows}RETURN NULL;"),
    ]


def _leaving(guarded: Guarded) -> str:
    """Refuse a row that would leave its business."""
    left = f'NEW."{guarded.business}" IS DISTINCT FROM OLD."{guarded.business}"'
    return f"IF {left} THEN {_raise('check_violation', guarded.stays_said)} END IF; "


def _hold(guarded: Guarded) -> str:
    """Keep others from deleting what an updated row refers to."""
    table, key = guarded.businesses
    return f'PERFORM 1 FROM "{table}" b WHERE b."{key}" = NEW."{guarded.business}" FOR KEY SHARE; '


def _hold_all(guarded: Guarded) -> str:
    """Keep others from deleting what inserted rows refer to; refuse rows of a business that is not there."""
    table, key = guarded.businesses
    missing = (
        f'SELECT 1 FROM fresh WHERE fresh."{guarded.business}" IS NOT NULL AND '  # noqa: S608  (only names)
        f'NOT EXISTS (SELECT 1 FROM "{table}" b WHERE b."{key}" = fresh."{guarded.business}")'
    )
    return (
        f'PERFORM 1 FROM "{table}" b WHERE b."{key}" IN (SELECT fresh."{guarded.business}" FROM fresh) FOR KEY SHARE; '  # noqa: S608  (only names)
        f"IF EXISTS ({missing}) THEN {_raise('foreign_key_violation', guarded.missing_said)} END IF; "
    )


def _crossings(guarded: Guarded) -> str:
    """Check the references that an update changes; the conditions are nested, so that one left alone costs no query."""
    return "".join(
        f'IF NEW."{ref.column}" IS DISTINCT FROM OLD."{ref.column}" AND NEW."{ref.column}" IS NOT NULL THEN '
        f'IF {_business_of(ref, "NEW")} IS DISTINCT FROM NEW."{guarded.business}" THEN '
        f"{_crosses(guarded, ref)} END IF; END IF; "
        for ref in guarded.references
    )


def _crossing_of_all(guarded: Guarded, ref: Reference) -> str:
    return (
        f'IF EXISTS (SELECT 1 FROM fresh WHERE fresh."{ref.column}" IS NOT NULL AND '  # noqa: S608  (only names)
        f'{_business_of(ref, "fresh")} IS DISTINCT FROM fresh."{guarded.business}") '
        f"THEN {_crosses(guarded, ref)} END IF; "
    )


def _business_of(ref: Reference, row: str) -> str:
    """Give the SQL for the business of a referred row, found by its key alone.

    If the condition named the business, too, the planner might read all rows of that business.
    """
    found = f'FROM "{ref.table}" ref WHERE ref."{ref.key}" = {row}."{ref.column}"'
    return f'(SELECT ref."{ref.business}" {found})'


def _crosses(guarded: Guarded, ref: Reference) -> str:
    return _raise("check_violation", guarded.crosses_said(ref))


def _refusal(guarded: Guarded, column: str, when: str, said: str) -> Statements:
    """Give the trigger of a forbidden change. WHEN comes before the function, so allowed changes cost no call."""
    return _trigger(
        f'BEFORE UPDATE OF "{column}" ON "{guarded.table}" FOR EACH ROW WHEN ({when})',
        _raise("check_violation", f"{guarded.table}: {said}"),
    )


def _deleting(referred: Referred) -> Statements:
    """Give the trigger that refuses, at the end of the transaction, to delete what others refer to."""
    table, key = referred.businesses
    hold = f'PERFORM 1 FROM "{table}" b WHERE b."{key}" = OLD."{referred.business}" FOR UPDATE; '
    left = " OR ".join(
        f'EXISTS (SELECT 1 FROM "{by}" WHERE "{column}" = OLD."{referred.key}")'  # noqa: S608  (only names)
        for by, column in referred.by
    )
    events = (
        f'CONSTRAINT TRIGGER "{NAME}" AFTER DELETE ON "{referred.table}" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW'
    )
    again = f'NOT EXISTS (SELECT 1 FROM "{referred.table}" WHERE "{referred.key}" = OLD."{referred.key}")'  # noqa: S608
    refusal = _raise("foreign_key_violation", referred.still_said)
    body = f"IF ({left}) AND {again} THEN {refusal} END IF; RETURN NULL;"
    return (_function(f"{hold if referred.business else ''}{body}"), _trigger_of(events))


def _trigger(events: str, body: str) -> Statements:
    return (_function(body), _trigger_of(f'TRIGGER "{NAME}" {events}'))


def _function(body: str) -> str:
    """Give a trigger's function.

    The search path is fixed, with temporary tables last, so that the function reads no other table of the same name.
    """
    return (
        f'CREATE FUNCTION "{NAME}"() RETURNS trigger LANGUAGE plpgsql SET search_path = {SCHEMA}, pg_temp '
        f"AS $guard$ BEGIN {body} END $guard$"
    )


def _trigger_of(events: str) -> str:
    return f'CREATE {events} EXECUTE FUNCTION "{NAME}"()'


def _raise(error: str, said: str) -> str:
    return f"RAISE {error} USING MESSAGE = '{said}';"
