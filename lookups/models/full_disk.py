"""Recognises that the disk is full, whoever noticed it: a file, SQLite or PostgreSQL."""

import errno
import sqlite3

FULL_DISK = "idlink's disk is full: nothing was stored. Ask whoever runs idlink to make room, then do it again."
_NUMBERS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_POSTGRESQL = "53100"  # disk_full
# SQLite needs room for the memory that its processes share, too.
_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_SHMOPEN}


def is_full_disk(error: BaseException | None) -> bool:
    """Tell whether an error, or one that led to it, says that the disk is full."""
    while error:
        if isinstance(error, OSError) and error.errno in _NUMBERS:
            return True
        if getattr(error, "sqlite_errorcode", None) in _SQLITE or getattr(error, "pgcode", None) == _POSTGRESQL:
            return True
        error = error.__cause__ or error.__context__
    return False
