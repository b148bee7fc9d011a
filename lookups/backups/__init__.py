"""Backups: write the whole database and the lists, as of one moment, into one signed file; and restore it."""

from lookups.backups.restoring import Restored, restore
from lookups.backups.sealed_file import CannotBackUp, CannotRestore
from lookups.backups.taking import Taken, take

__all__ = ["CannotBackUp", "CannotRestore", "Restored", "Taken", "restore", "take"]
