"""Settings for the test run, set before Django reads them: fresh secrets, a folder of its own.

Loaded by pytest's `-p` option. DATABASE_URL is left as it is, so that the same tests run on PostgreSQL.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

VAR_DIR = tempfile.mkdtemp(prefix="idlink-tests-")
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
# The first process's folder: the others of a run are its children.
os.environ.setdefault("TESTS_SHARED_DIR", VAR_DIR)
Path(VAR_DIR, "static").mkdir()

for name in [name for name in os.environ if name.startswith("IDLINK_") or name in ("DEBUG", "CELERY_BROKER_URL")]:
    del os.environ[name]

os.environ.update(
    IDLINK_ENV_FILE=os.devnull,
    IDLINK_VAR_DIR=VAR_DIR,
    SECRET_KEY=secrets.token_urlsafe(60),
    IDLINK_ENCRYPTION_KEYS=Fernet.generate_key().decode(),
    IDLINK_SANDBOX="1",
    IDLINK_HTTPS="0",
    IDLINK_GRAPH_URL="http://127.0.0.1:9",  # discards; each test names its own sandbox
    DATABASE_URL=os.environ.get("DATABASE_URL", f"sqlite:///{VAR_DIR}/idlink.sqlite3"),
)
