"""The database's own guard: a row refers only to rows of its business, and never leaves its business.

A model may also name changes of a column that the database must refuse (`forbidden_changes`). No constraint can
express these, because a constraint sees the new state of a row but not the old one.

The guard consists of triggers. It also catches what bypasses the checks in Python: raw SQL, bulk statements, a
forgotten check. The triggers are derived from the models, so every new model is guarded, too. On PostgreSQL they take
the place of the foreign keys between these tables. One case is not caught on SQLite: a row is deleted while foreign
keys are not checked, and its key is used again for a row of another business.

Begin with `guarded` (what is read from the models), then `on_postgres` and `on_sqlite`; others use `installing` alone.
"""

from businesses.isolation.installing import after_migrating, before_migrating, install, remove

__all__ = ["after_migrating", "before_migrating", "install", "remove"]
