"""Gives the lines of a text from any offset on, in constant memory. Only LF, CR LF and CR end a line."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from lookups.lists.imports import limits

BLOCK = 256 * 1024
KEPT = 1000  # bytes that we keep of a line that is too long
_SURROGATE = re.compile("[\ud800-\udfff]")


class Line(NamedTuple):
    """A line without its end, and the offset after it. `problem` says why its text is unreliable."""

    text: str
    offset: int
    problem: str


def lines(path: Path, encoding: str, offset: int) -> Iterator[Line]:
    """Give the lines from the offset on; an offset of 0 skips a byte order mark."""
    longest = limits.columns() * limits.field_size()
    wide = encoding.startswith("utf-16")
    end_of_file = path.stat().st_size
    measure = (lambda raw: _wide_size(raw, encoding)) if wide else len
    decode = _decode_wide if wide else _decoder(encoding)
    with path.open("rb", buffering=BLOCK) as file:
        file.seek(offset)
        blocks = _wide_blocks(file, encoding) if wide else _blocks(file)
        is_first = offset == 0
        for raw, left_out in _raw_lines(blocks, longest, measure):
            offset = min(offset + measure(raw) + left_out, end_of_file)
            text, problem = decode(raw.rstrip(b"\r\n"))
            if is_first:
                text, is_first = text.removeprefix("\ufeff"), False
            yield Line(text, offset, "field_too_long" if left_out else problem)


def _raw_lines(blocks: Iterator[bytes], longest: int, measure: Callable[[bytes], int]) -> Iterator[tuple[bytes, int]]:
    """Give each line with its end, and how many bytes of an overlong line were left out."""
    rest, left_out = b"", 0
    for block in blocks:
        parts = (rest + block).splitlines(keepends=True)
        rest = b"" if parts[-1].endswith((b"\n", b"\r")) else parts.pop()
        for part in parts:
            yield part, left_out
            left_out = 0
        if len(rest) > longest or left_out:
            cut = _before_character(rest, KEPT)
            left_out += measure(rest[cut:])
            rest = rest[:cut]
    if rest:
        yield rest, left_out


def _before_character(raw: bytes, place: int) -> int:
    """Give the last place up to this one that does not split a UTF-8 character."""
    while place > KEPT - 4 and raw[place] & 0xC0 == 0x80:
        place -= 1
    return place


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    """Give the file in blocks that never split a CR from its LF."""
    while block := file.read(BLOCK):
        while block.endswith(b"\r") and (one := file.read(1)):
            block += one
        yield block


def _wide_blocks(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Give UTF-16 as UTF-8, whose bytes show the line ends. Half characters pass here and are found in their line."""
    while block := file.read(BLOCK):
        text = block.decode(encoding, "surrogatepass") if len(block) % 2 == 0 else _odd(block, encoding)
        while (text.endswith("\r") or "\ud800" <= text[-1] <= "\udbff") and (unit := file.read(2)):
            both = text[-1].encode(encoding, "surrogatepass") + unit
            text = text[:-1] + (both.decode(encoding, "surrogatepass") if len(both) == 4 else _odd(both, encoding))
        yield text.encode("utf-8", "surrogatepass")


def _odd(block: bytes, encoding: str) -> str:
    """Decode a block that ends with half a unit; an unreadable character takes the place of that half."""
    return block[:-1].decode(encoding, "surrogatepass") + "\udcff"


def _wide_size(raw: bytes, encoding: str) -> int:
    return len(raw.decode("utf-8", "surrogatepass").encode(encoding, "surrogatepass"))


def _decode_wide(raw: bytes) -> tuple[str, str]:
    text = raw.decode("utf-8", "surrogatepass")
    return (text, "undecodable") if not text.isascii() and _SURROGATE.search(text) else (text, "")


def _decoder(encoding: str) -> Callable[[bytes], tuple[str, str]]:
    def decode(raw: bytes) -> tuple[str, str]:
        try:
            return raw.decode(encoding), ""
        except UnicodeDecodeError:
            return raw.decode(encoding, "replace"), "undecodable"

    return decode
