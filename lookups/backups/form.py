"""The form of the tables: which migrations made them, and whether this idlink's migrations can continue from there.

Now and then an app's initial migration is replaced by a new one with another name. Tables that the former initial
migration made can't be brought up to date, because no migration leads from them to the present tables.
"""

from collections.abc import Collection

from django.db.migrations.loader import MigrationLoader

_OURS = ("businesses", "lookups")


def migrations_here() -> MigrationLoader:
    """Read the migrations that this idlink has, without using the database."""
    return MigrationLoader(None)


def is_of_another_form(applied: Collection[tuple[str, str]]) -> bool:
    """Tell whether these migrations, by app and name, are of our apps but start with another initial migration."""
    graph, begun = migrations_here().graph, {app for app, _ in applied}
    return any(first not in applied for app in _OURS if app in begun for first in graph.root_nodes(app))
