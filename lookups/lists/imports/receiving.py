"""Takes in a list: stores its bytes and begins a run. What is in the file is looked at by a worker, not here."""

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from businesses.models import Asset, Business
from lookups.lists.imports.cells import Row
from lookups.lists.imports.first_look import LOOKED_AT, first_look
from lookups.lists.imports.leaks import refuse_pasted_leaks
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.naming import name_columns
from lookups.lists.imports.quota import refuse_too_many
from lookups.lists.imports.recognising import kind_at_the_door, recognise_list
from lookups.lists.imports.storing import Stored, stored
from lookups.models import ListFile, Run

PASTED = "pasted"
_BETWEEN = re.compile(r"[ \t\r\n,;]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def take_in(*, business: Business, chunks: Iterable[bytes], name: str, by: Any, now: datetime) -> Run:
    """Store a list that comes in chunks; gives its run, which a worker reads. Raises CannotRead, then keeps nothing."""
    refuse_too_many(by)
    with stored(chunks) as content:
        list_file = _list_file(content, name)
        list_file.kind = kind_at_the_door(content.path)
        return _begin(list_file, business, by, now, Run.State.READING)


def receive(*, business: Business, chunks: Iterable[bytes], name: str, by: Any, now: datetime) -> Run:
    """Store a list and look at it at once: its run waits for the names of its columns.

    Raises CannotRead and ReaderLost, and then keeps nothing of the list.
    """
    with stored(chunks) as content:
        list_file = _list_file(content, name)
        recognise_list(list_file)
        return _begin(list_file, business, by, now, Run.State.MAPPING)


def receive_pasted(*, business: Business, text: str, asset: Asset, by: Any, now: datetime) -> Run:
    """Take pasted IDs of one app or Page, separated by blanks, line ends, commas or semicolons; reading comes next."""
    words = [word for word in _BETWEEN.split(text) if word]
    if not words:
        raise CannotRead("Paste at least one ID: the digits of an ASID or a PSID, one a line.")
    refuse_too_many(by)
    refuse_pasted_leaks(words)
    with stored(_as_lines(word) for word in words) as content, transaction.atomic():
        list_file = _list_file(content, PASTED)
        list_file.kind, list_file.encoding = ListFile.Kind.CSV, "utf-8"
        list_file.has_header, list_file.columns = False, ["Column 1"]
        list_file.first_look = first_look([Row(0, [word], "", 0, 0) for word in words[:LOOKED_AT]])
        run = _begin(list_file, business, by, now, Run.State.MAPPING)
        name_columns(run, id_column=0, asset=asset, has_header=False, now=now)
        return run


def _as_lines(word: str) -> bytes:
    """Give a word as a line of a list. Half characters stay, so the reader rejects their line with the right reason."""
    quoted = '"' + word.replace('"', '""') + '"' if '"' in word else word
    return quoted.encode("utf-8", "surrogatepass") + b"\n"


def _list_file(content: Stored, name: str) -> ListFile:
    """Describe the stored bytes; the file's name is for showing only."""
    plain = _CONTROLS.sub("\ufffd", Path(name.replace("\\", "/")).name)[:200] or "unnamed"
    return ListFile(stored_as=content.path.name, name=plain, size=content.size, sha256=content.sha256)


def _begin(list_file: ListFile, business: Business, by: Any, now: datetime, state: str) -> Run:
    with transaction.atomic():
        refuse_too_many(by, locked=True)
        run = Run.objects.create(business=business, kind=Run.Kind.LIST, state=state, asked_by=by, created_at=now)
        list_file.business, list_file.run = business, run
        list_file.save()
    return run
