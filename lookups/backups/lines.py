"""Rows as lines of text, in the form that PostgreSQL's COPY reads and writes: tabs between values, \\N for null.

SQLite's rows are put into the same form, so a backup fits either database.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

NULL = r"\N"
_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_TO_TEXT = str.maketrans(_ESCAPES)
_MEANT = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}

Value = str | int | float | None


def line_of(row: Iterable[Value]) -> bytes:
    """Write one row; raises TypeError for bytes, which no table of ours holds."""
    return ("\t".join(map(_text, row)) + "\n").encode()


def rows_in(lines: Iterable[bytes], converters: Sequence[Callable[[str], Value] | None]) -> Iterator[list[Value]]:
    """Read rows, and convert the values of columns that have a converter; raises ValueError for a malformed row."""
    for line in lines:
        texts = line.decode().removesuffix("\n").split("\t")
        yield [
            None if text == NULL else _converted(text, convert) for text, convert in zip(texts, converters, strict=True)
        ]


def _text(value: Value) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(_TO_TEXT)
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError(f"A value of type {type(value).__name__} has no place in a backup.")


def _converted(text: str, convert: Callable[[str], Value] | None) -> Value:
    plain = _unescaped(text) if "\\" in text else text
    return convert(plain) if convert else plain


def _unescaped(text: str) -> str:
    parts = iter(text.split("\\"))
    found = [next(parts)]
    for part in parts:
        if part:
            found.append(_MEANT.get(part[0], part[0]) + part[1:])
        else:  # two backslashes: the text after them is not escaped
            found.append("\\" + next(parts, ""))
    return "".join(found)


def sqlite_converter(declared: str) -> Callable[[str], Value] | None:
    """Give the function that turns PostgreSQL's text into Django's value in SQLite; None if both are the same."""
    kinds: dict[str, Callable[[str], Value]] = {
        "bool": lambda text: int(text in ("t", "1")),
        "datetime": lambda text: str(datetime.fromisoformat(text).replace(tzinfo=None)),
        "char(32)": lambda text: text.replace("-", ""),  # a UUID; only UUID columns are declared like this
    }
    return kinds.get(declared.lower())
