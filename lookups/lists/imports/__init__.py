"""Takes in lists of IDs: receives a file or pasted text, lets a person name its columns, and accounts for every row.

Begin reading at `receiving`; then `recognising` (a first look), `naming` (the columns), `reading` (rows in chunks, from
`sources`) and `judging` (each row becomes an ID or a rejected row). What parses a file runs in a `confined` child. This
room calls models only. The rest of `lists`, pages, commands, tasks and the upload handler call it.
"""

from lookups.lists.imports.confined import ReaderLost
from lookups.lists.imports.discarding import discard
from lookups.lists.imports.keeping import DELETABLE, delete_file, kept_until, remove_old
from lookups.lists.imports.leaks import without_leaks
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.looking import Look, look
from lookups.lists.imports.naming import name_columns
from lookups.lists.imports.reading import read_some
from lookups.lists.imports.receiving import receive, receive_pasted, take_in
from lookups.lists.imports.sources import end_children
from lookups.lists.imports.storing import remove_file
from lookups.lists.imports.verdicts import Rejected, label, sentence, verdict_on, without_secrets

__all__ = [
    "DELETABLE",
    "CannotRead",
    "Look",
    "ReaderLost",
    "Rejected",
    "delete_file",
    "discard",
    "end_children",
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
    "take_in",
    "verdict_on",
    "without_leaks",
    "without_secrets",
]
