"""Backups: everything that is stored, as of one moment, in one signed file; and the way back.

May call `businesses` (secrets, checks, models), `models`, and of `asking` only `recording.record_not_asked`. Begin
reading with `taking` and `restoring`; they share `sealed_file` (the file) and `manifest` (what it says of itself).
`snapshot` is the one moment, `standstill` lets a restored installation ask nothing until somebody says so.

The commands use what is named in `__all__`, and management `form.is_of_another_form`; other rooms use nothing.
"""

from lookups.backups.restoring import Restored, restore
from lookups.backups.sealed_file import CannotBackUp, CannotRestore
from lookups.backups.taking import Taken, take

__all__ = ["CannotBackUp", "CannotRestore", "Restored", "Taken", "restore", "take"]
