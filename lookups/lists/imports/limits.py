"""How large a list may be, and the errors that refuse a list."""

from django.conf import settings

MEGABYTE = 1024 * 1024  # bytes; pages count file sizes alike


class CannotRead(Exception):
    """The list can't be taken as it is; the text says why and what to do."""


def megabytes_of(kind: str) -> int:
    """How large a file of this kind may be, in MB."""
    return settings.IDLINK_LIST_XLSX_MB if kind == "xlsx" else settings.IDLINK_LIST_CSV_MB


def bytes_of(kind: str) -> int:
    """How large a file of this kind may be, in bytes."""
    return megabytes_of(kind) * MEGABYTE


def most_rows(kind: str) -> int:
    """How many rows a list of this kind may have."""
    return settings.IDLINK_LIST_XLSX_ROWS if kind == "xlsx" else settings.IDLINK_LIST_CSV_ROWS


def columns() -> int:
    """How many columns a list may have."""
    return settings.IDLINK_LIST_COLUMNS


def field_size() -> int:
    """How long one field may be, in characters."""
    return settings.IDLINK_LIST_FIELD_KB * 1024


def reading_megabytes() -> int:
    """How much memory the process may take that reads a list, in MB, on top of what every process takes."""
    return settings.IDLINK_LIST_READ_MB


def reading_seconds() -> int:
    """How much processor time the reading of a workbook, or of a chunk of a text, may take, in seconds."""
    return settings.IDLINK_LIST_READ_SECONDS


def too_large(kind: str) -> CannotRead:
    """Refuse a file for its size."""
    way = "save the sheet as CSV, which may be larger" if kind == "xlsx" else "split it and send the parts"
    return CannotRead(f"The file is larger than {megabytes_of(kind)} MB, the limit for {kind.upper()}: {way}.")


def too_many_rows(kind: str) -> CannotRead:
    """Refuse a list for its rows."""
    way = "save the sheet as CSV, which may be longer" if kind == "xlsx" else "split it and send the parts"
    return CannotRead(f"The list has more than {most_rows(kind):,} rows, the limit for {kind.upper()}: {way}.")


def too_many_columns() -> CannotRead:
    """Refuse a list for its columns."""
    return CannotRead(
        f"The list has more than {columns()} columns: keep only the IDs and the column that says of which app or Page."
    )
