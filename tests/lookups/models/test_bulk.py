"""Rows made past the model's own call: the same rows, told apart from their twins."""

import pytest

from businesses.models import FacebookApp
from lookups.models import Answer, FreshnessCount, Lookup, Match, Person, ScopedID, bulk
from tests.makers import NOW


def columns(row) -> dict:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (Lookup, {"business_id": 1, "value": "12", "created_at": NOW}),
        (Answer, {"business_id": 1, "lookup_id": 2, "attempt": 1, "at": NOW, "complete": True}),
        (Match, {"business_id": 1, "source_id": 2, "target_id": 3, "edge": "ids_for_apps"}),
        (Person, {"business_id": 1, "public_id": "ABC"}),
        (ScopedID, {"business_id": 1, "value": "12", "public_id": "ABC", "first_seen": NOW}),
    ],
)
def test_a_new_row_is_what_the_model_would_make(model, given):
    row, own = bulk.new(model, **given), model(**given)

    assert columns(row) == columns(own)
    assert (row._state.adding, row._state.db) == (own._state.adding, own._state.db)


def test_a_reference_is_given_by_its_row_stored_or_not():
    stored, unsaved = FacebookApp(pk=7), Person()

    row = bulk.new(ScopedID, asset=stored, person=unsaved, apps_answer=None, public_id="ABC")

    assert (row.asset, row.asset_id) == (stored, 7)
    assert (row.person, row.person_id) == (unsaved, None)
    assert row.asset is stored


def test_what_is_made_anew_by_default_is_not_shared():
    one, other = (bulk.new(FreshnessCount) for _ in range(2))

    one.held_up["quota"] = 1

    assert other.held_up == {}


def test_a_name_that_is_no_field_is_refused():
    with pytest.raises(TypeError, match="ScopedID has no colour"):
        bulk.new(ScopedID, colour="red")


def test_a_twin_changes_without_its_original():
    original = bulk.new(Lookup, asset=FacebookApp(pk=7), value="12")

    twin = bulk.twin(original)
    twin.value, twin.asset, twin._state.adding = "13", FacebookApp(pk=8), False

    assert (original.value, original.asset_id, original.asset.pk) == ("12", 7, 7)
    assert original._state.adding
