"""Takes in a list: stores its bytes, recognises its kind, and begins a run that waits for the names of its columns."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from businesses.models import Asset, Business
from lookups.lists.imports import limits
from lookups.lists.imports.encodings import BLOCK, encoding_of, utf16_without_bom
from lookups.lists.imports.kinds import head_of, kind_by_bytes, refuse_markup
from lookups.lists.imports.leaks import refuse_pasted_tokens, refuse_tokens
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.lines import lines
from lookups.lists.imports.looking import LOOKED_AT, column_names, guess_header
from lookups.lists.imports.naming import name_columns
from lookups.lists.imports.sniffing import separator_of
from lookups.lists.imports.sources import first_rows_of
from lookups.lists.imports.storing import Stored, remove_strays, stored
from lookups.models import ListFile, Run

PASTED = "pasted"
_BETWEEN = re.compile(r"[ \t\r\n,;]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def receive(*, business: Business, chunks: Iterable[bytes], name: str, by: Any, now: datetime) -> Run:
    """Store a list that comes in chunks; gives its run. Raises CannotRead, and then keeps nothing of the list."""
    remove_strays(now)
    with stored(chunks) as content:
        list_file = _list_file(content, name)
        _recognise(list_file)
        return _begin(list_file, business, by, now)


def receive_pasted(*, business: Business, text: str, asset: Asset, by: Any, now: datetime) -> Run:
    """Take pasted IDs of one app or Page, separated by blanks, line ends, commas or semicolons; reading comes next."""
    words = [word for word in _BETWEEN.split(text) if word]
    if not words:
        raise CannotRead("Paste at least one ID: the digits of an ASID or a PSID, one a line.")
    refuse_pasted_tokens(words)
    remove_strays(now)
    with stored(_as_lines(word) for word in words) as content, transaction.atomic():
        list_file = _list_file(content, PASTED)
        list_file.kind, list_file.encoding = ListFile.Kind.CSV, "utf-8"
        list_file.has_header, list_file.columns = False, ["Column 1"]
        run = _begin(list_file, business, by, now)
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


def _begin(list_file: ListFile, business: Business, by: Any, now: datetime) -> Run:
    with transaction.atomic():
        run = Run.objects.create(
            business=business, kind=Run.Kind.LIST, state=Run.State.MAPPING, asked_by=by, created_at=now
        )
        list_file.business, list_file.run = business, run
        list_file.save()
    return run


def _recognise(list_file: ListFile) -> None:
    """Fill in the kind, encoding and separator by the content; raises CannotRead."""
    head = head_of(list_file.path)
    list_file.kind = kind_by_bytes(head, is_utf16=_is_utf16(head))
    if list_file.kind == ListFile.Kind.CSV:
        _recognise_text(list_file, head)
    elif list_file.size > limits.bytes_of(list_file.kind):
        raise limits.too_large(list_file.kind)
    rows, _ = first_rows_of(list_file, LOOKED_AT)
    refuse_tokens(rows)
    cells = [row.cells for row in rows if any(cell.strip() for cell in row.cells)]
    if not cells:
        raise CannotRead("There is nothing in the list: send one with at least one ID.")
    list_file.has_header = guess_header(rows)
    list_file.columns = column_names(cells, has_header=list_file.has_header)
    if len(list_file.columns) > limits.columns():
        raise limits.too_many_columns()


def _recognise_text(list_file: ListFile, head: bytes) -> None:
    path = list_file.path
    list_file.encoding = encoding_of(path, head)
    refuse_markup(head.decode(list_file.encoding, "replace"))
    if not list_file.encoding.startswith("utf-16"):
        _refuse_too_long(path)
    list_file.separator = separator_of(list(islice(lines(path, list_file.encoding, 0), LOOKED_AT)))


def _refuse_too_long(path: Path) -> None:
    """Refuse a list with too many lines before it is read. Not one with quotation marks: its rows may span lines."""
    line_ends = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b'"' in block:
                return
            line_ends += block.count(b"\n")
    if line_ends > limits.most_rows("csv") + 1:
        raise limits.too_many_rows("csv")


def _is_utf16(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or bool(utf16_without_bom(head))
