"""Rows of lists are stored by the thousand, whatever stands in them."""

import pytest

from lookups.lists.imports.rows import NewRow, add_rows
from lookups.models import ListRow, Run, bulk
from tests.makers import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.database]
ODD = ["", "00123", 'it\'s "so"; %s', "a\\b\n\t,{}", "人", "x" * 100]


@pytest.fixture
def run(app) -> Run:
    return Run.objects.create(business=app.business, kind=Run.Kind.LIST, created_at=NOW)


def stored(run: Run) -> list[tuple[object, ...]]:
    return list(ListRow.objects.filter(run=run).order_by("line").values_list(*NewRow._fields))


def test_each_row_is_stored_as_it_was_judged(app, run):
    rows = [NewRow(n, None, text, "rejected", "not_digits") for n, text in enumerate(ODD)]
    rows += [NewRow(n, app.pk, f"{n:017}", "todo", "") for n in range(100, 2700)]

    add_rows(run, rows)

    assert stored(run) == [tuple(row) for row in rows]
    assert set(ListRow.objects.values_list("business", flat=True)) == {app.business_id}


def test_no_rows_are_no_statement(run, django_assert_num_queries):
    with django_assert_num_queries(0):
        add_rows(run, [])


def test_a_name_that_is_no_field_is_refused(run):
    with pytest.raises(Exception, match="colour"):
        bulk.insert_values(ListRow, ["line", "colour"], [(1, "red")])
