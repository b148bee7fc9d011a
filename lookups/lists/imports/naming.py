"""Stores what the columns of a list mean; then the list is read, or read anew."""

from datetime import datetime

from django.db import transaction

from businesses.models import Asset
from lookups.lists.imports.first_look import first_rows_of
from lookups.lists.imports.limits import CannotRead
from lookups.lists.imports.looking import column_names
from lookups.lists.imports.rows import drop_rows
from lookups.models import ListFile, Run


def name_columns(
    run: Run,
    *,
    id_column: int,
    asset_column: int | None = None,
    asset: Asset | None = None,
    has_header: bool,
    now: datetime,
) -> None:
    """Name the column of the IDs, and the one app or Page of all IDs or the column that names it. Raises CannotRead."""
    with transaction.atomic():
        locked = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.state not in (Run.State.MAPPING, Run.State.READY):
            raise CannotRead("The columns of this list can't be named now: it is being read, was started or has ended.")
        list_file = ListFile.objects.get(run=run.pk)
        list_file.columns = _columns(list_file, has_header=has_header)
        list_file.id_column, list_file.asset_column, list_file.asset = id_column, asset_column, asset
        _check(list_file)
        list_file.has_header = has_header
        list_file.offset = list_file.line = list_file.attempts = 0
        list_file.save()
        drop_rows(locked)
        locked.state = Run.State.READING
        locked.save(update_fields=["state"])
    run.refresh_from_db()


def _columns(list_file: ListFile, *, has_header: bool) -> list[str]:
    rows, _ = first_rows_of(list_file)
    cells = [row.cells for row in rows if any(cell.strip() for cell in row.cells)]
    return column_names(cells, has_header=has_header)


def _check(named: ListFile) -> None:
    """Refuse columns that contradict each other or that the list lacks; raises CannotRead."""
    if named.asset is not None and named.asset.business_id != named.business_id:
        raise CannotRead("Choose an app or a Page of the same business.")
    if (named.asset_column is None) == (named.asset is None):
        raise CannotRead("Say to which app or Page the IDs belong: choose one, or the column that names it.")
    if named.asset_column == named.id_column:
        raise CannotRead("The column of the IDs and that of their apps and Pages can't be the same.")
    for column in (named.id_column or 0, named.asset_column or 0):
        if not 0 <= column < len(named.columns):
            raise CannotRead("Choose columns that the list has.")
