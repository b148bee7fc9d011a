"""Finds the encoding of a text. It looks at the whole text, since an odd byte may come late."""

import codecs
import re
from pathlib import Path

from lookups.lists.imports.limits import CannotRead

BLOCK = 1024 * 1024
_BEYOND_ASCII = re.compile("[^\x00-\x7f\ufffd]")
_REPLACEMENT = "\ufffd".encode()
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}


def encoding_of(path: Path, head: bytes) -> str:
    """Give the encoding of a text. UTF-8 and Windows-1252 read IDs alike, but not every name.

    Text that breaks the rules of UTF-8 counts as Windows-1252, unless most of it keeps them: then only the lines that
    break them are rejected later.
    """
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise CannotRead("The text is encoded as UTF-32: save it as UTF-8 and send that.")
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            return encoding
    return utf16_without_bom(head) or _eight_bits(path)


def utf16_without_bom(head: bytes) -> str:
    """Recognise UTF-16 by its zero bytes: each digit, separator and line end has one, always on the same side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    least = len(head) // 2 * 0.3
    if odd > least and even * 4 <= odd:
        return "utf-16-le"
    if even > least and odd * 4 <= even:
        return "utf-16-be"
    return ""


def _eight_bits(path: Path) -> str:
    good = bad = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            text = decoder.decode(block)
            if text.isascii():
                continue
            good += len(_BEYOND_ASCII.findall(text))
            bad += max(0, text.count("\ufffd") - block.count(_REPLACEMENT))
    bad += len(decoder.decode(b"", final=True))
    return "utf-8" if not bad or good > bad else "cp1252"
