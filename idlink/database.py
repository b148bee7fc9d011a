"""How long a session of the database may wait. A session that waits for ever would stop everybody behind it."""

from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection

SOON_SECONDS = 2


@dataclass(frozen=True)
class Limits:
    """Seconds: waiting for another's lock, working on one statement, idle inside a transaction. 0 is no limit."""

    lock: int
    statement: int
    idle: int


def limit(database: dict[str, Any], limits: Limits, *, keepalive: int) -> None:
    """Give all sessions of a database of the settings these limits.

    A partner that is silent for `keepalive` seconds, thrice, counts as vanished. SQLite has one wait: for the lock.
    """
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"] == "django.db.backends.sqlite3":
        # IMMEDIATE and WAL keep several writers from failing with "database is locked".
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": limits.lock,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        return
    database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    alive = {"keepalives_idle": keepalive, "keepalives_interval": keepalive, "keepalives_count": 2}
    ours = {
        "application_name": "idlink",  # by which upkeep knows our sessions
        "connect_timeout": 10,
        "keepalives": 1,
        "tcp_user_timeout": 3000 * keepalive,
        "options": _told(options.get("options", ""), limits, alive),
        **alive,
    }
    database["OPTIONS"] = {**options, **ours}


def _told(given: str, limits: Limits, alive: dict[str, int]) -> str:
    """Give the settings that the server takes when a session begins; they follow those of DATABASE_URL."""
    waits = {
        "lock_timeout": f"{limits.lock}s",
        "statement_timeout": f"{limits.statement}s",
        "idle_in_transaction_session_timeout": f"{limits.idle}s",
        **{f"tcp_{name}": value for name, value in alive.items()},
    }
    return " ".join([given, *(f"-c {name}={value}" for name, value in waits.items())]).strip()


def write_lock_is_free() -> bool:
    """Tell whether the one writer that SQLite has at a time is soon through; always true of PostgreSQL."""
    if connection.vendor != "sqlite":
        return True
    own = connection.copy()
    own.settings_dict = {**own.settings_dict, "OPTIONS": {**own.settings_dict["OPTIONS"], "timeout": SOON_SECONDS}}
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("ROLLBACK")
    except OperationalError:
        return False
    finally:
        own.close()
    return True
