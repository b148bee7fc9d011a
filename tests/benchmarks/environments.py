"""What the processes of an installation of our own read from their environment. Knows no Django."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet


def new_keys() -> dict[str, str]:
    """Make the keys of an installation: whoever opens a copy of its database needs the same."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(60),
        "IDLINK_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "IDLINK_DEMO_PASSWORD": secrets.token_urlsafe(16),
    }


def environment(folder: Path, keys: dict[str, str], *, database: str, broker: str, graph: str) -> dict[str, str]:
    """Give the settings of an installation, and make its folders."""
    for name in ("logs", "broker/queue", "broker/control", "static", "uploads"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return {
        **keys,
        "IDLINK_ENV_FILE": os.devnull,
        "IDLINK_VAR_DIR": str(folder),
        "IDLINK_SANDBOX": "1",
        "IDLINK_HTTPS": "0",
        "IDLINK_GRAPH_URL": graph,
        "DATABASE_URL": database,
        "CELERY_BROKER_URL": broker,
        "LOG_LEVEL": "WARNING",
    }
