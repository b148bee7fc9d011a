"""Backups: everything that is stored, as of one moment, in one signed file; and the way back."""

from lookups.backups.restoring import Restored, restore
from lookups.backups.sealed_file import CannotBackUp, CannotRestore
from lookups.backups.taking import Taken, take

__all__ = ["CannotBackUp", "CannotRestore", "Restored", "Taken", "restore", "take"]
