"""Lists of IDs: receive a file or pasted text, have its columns named, read it row by row, account for every row."""

from lookups.lists.imports.discarding import discard
from lookups.lists.imports.keeping import DELETABLE, delete_file, kept_until, remove_old
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.looking import Look, look
from lookups.lists.imports.naming import name_columns
from lookups.lists.imports.reading import read_some
from lookups.lists.imports.receiving import receive, receive_pasted
from lookups.lists.imports.storing import remove_file
from lookups.lists.imports.verdicts import Rejected, label, sentence, verdict_on, without_secrets

__all__ = [
    "DELETABLE",
    "CannotRead",
    "Look",
    "Rejected",
    "delete_file",
    "discard",
    "kept_until",
    "label",
    "look",
    "name_columns",
    "read_some",
    "receive",
    "receive_pasted",
    "remove_file",
    "remove_old",
    "sentence",
    "verdict_on",
    "without_secrets",
]
