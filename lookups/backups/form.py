"""The form of the tables: which migrations made them, and whether this idlink's lead on from there.

A migration that makes an app's first tables is now and then made anew, under another name. Tables that were made by
the former one can't be brought up to date: no migration leads from there to the present ones.
"""

from collections.abc import Collection

from django.db.migrations.loader import MigrationLoader

_OURS = ("businesses", "lookups")


def migrations_here() -> MigrationLoader:
    """Read the migrations that this idlink has, without a look at the database."""
    return MigrationLoader(None)


def is_of_another_form(applied: Collection[tuple[str, str]]) -> bool:
    """Tell whether some of these migrations, by app and name, are ours, but don't begin as those that are here."""
    graph, begun = migrations_here().graph, {app for app, _ in applied}
    return any(first not in applied for app in _OURS if app in begun for first in graph.root_nodes(app))
