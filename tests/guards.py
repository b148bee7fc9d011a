"""The triggers at work in the database, as its catalogue has them."""

import re
from collections import defaultdict
from collections.abc import Callable

from django.db import connection


def guarded(event: str) -> set[tuple[str, str]]:
    """Tables and columns whose triggers, as the catalogue has them, look at the column upon the event."""
    return {
        (table, column)
        for table, _, events, watched, body in triggers()
        if event in events
        for column in re.findall(r'(?:NEW|fresh)\."(\w+)"', body)
        if event == "INSERT" or column in watched
    }


def triggers() -> list[tuple[str, str, set[str], set[str], str]]:
    """Every trigger at work: table, name, events, columns of UPDATE OF, body."""
    readers: dict[str, Callable[[], list]] = {"sqlite": sqlite_triggers, "postgresql": postgres_triggers}
    return sorted(readers[connection.vendor](), key=lambda trigger: trigger[:2])


def sqlite_triggers() -> list[tuple[str, str, set[str], set[str], str]]:
    rows = []
    for table, name, sql in fetch("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'"):
        head, _, body = sql.partition(" BEGIN ")
        watched = head.partition("UPDATE OF ")[2].partition(" ON ")[0]
        events = {event for event in ("INSERT", "UPDATE") if f"BEFORE {event}" in head}
        rows.append((table, name, events, set(re.findall(r"\w+", watched)), body))
    return rows


def postgres_triggers() -> list[tuple[str, str, set[str], set[str], str]]:
    columns = defaultdict(set)
    watched = "JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = ANY(t.tgattr)"
    for trigger, column in fetch(f"SELECT t.oid, a.attname FROM pg_trigger t {watched}"):
        columns[trigger].add(column)
    rows = fetch(
        "SELECT t.oid, c.relname, t.tgname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled = 'O'"
    )
    bits = {"INSERT": 4, "UPDATE": 16}
    return [
        (table, name, {event for event, bit in bits.items() if kind & bit}, columns[oid], body)
        for oid, table, name, kind, body in rows
    ]


def fetch(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
