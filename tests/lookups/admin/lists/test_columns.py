"""Which column of a list is what: guessed, shown with the first rows, and chosen."""

import re

import pytest
from django.test import Client

from businesses.models import Asset, Business, Role
from tests.lookups.admin.lists.runs import JOHN, State, act
from tests.lookups.admin.lists.sending import read, ready, upload
from tests.makers import make_user
from tests.pages import member, text_of


def test_the_first_rows_are_shown_and_the_guesses_chosen(world, staff):
    run = upload(staff, "customer,psid,page", *(f"C{n},{1000 + n},{world.page.graph_id}" for n in range(30)))

    page = staff.get(run.columns_address).content.decode()

    assert "C0</code>" in page
    assert "C19</code>" in page
    assert "C20</code>" not in page
    assert '<option value="1" selected>' in page
    assert '<option value="column:2" selected>' in page
    assert 'name="header" value="1" checked' in page


def test_named_columns_let_the_list_be_read(world, staff):
    run = upload(staff, "a,b", f"x,{JOHN}")

    response = staff.post(run.columns_address, {"header": "1", "id_column": "1", "asset": world.page.pk})

    run.refresh_from_db()
    assert (response.url, run.state) == (run.address, State.READING)
    assert (run.list_file.id_column, run.list_file.asset, run.list_file.has_header) == (1, world.page, True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose the column that holds the IDs."),
        ({"id_column": "7", "asset": "column:0"}, "Choose the column that holds the IDs."),
        ({"id_column": "-1", "asset": "column:0"}, "Choose the column that holds the IDs."),
        ({"id_column": "0"}, "Choose the app or Page of the IDs"),
        ({"id_column": "0", "asset": "column:9"}, "Choose the app or Page of the IDs"),
        ({"id_column": "0", "asset": "column:x"}, "Choose the app or Page of the IDs"),
        ({"id_column": "0", "asset": "99999"}, "Choose the app or Page of the IDs"),
        ({"id_column": "0", "asset": "column:0"}, "hold both the ID and its app or Page"),
    ],
)
def test_a_choice_that_makes_no_sense_is_said_and_kept(staff, fields, said):
    run = upload(staff, "a,b", f"x,{JOHN}")

    response = staff.post(run.columns_address, fields)

    assert response.status_code == 400
    assert re.search(said, text_of(response))
    run.refresh_from_db()
    assert run.state == State.MAPPING


def test_an_app_of_another_own_business_can_not_be_chosen(world, staff):
    user = make_user("both", world.page.business, Business.objects.exclude(pk=world.page.business_id).first())
    client = Client()
    client.force_login(user)
    run = upload(client, "a,b", f"x,{JOHN}", business=world.page.business_id)
    foreign = Asset.objects.exclude(business=run.business).filter(business__memberships__user=user).first()

    response = client.post(run.columns_address, {"id_column": "1", "asset": foreign.pk})

    assert response.status_code == 400
    assert "Choose the app or Page of the IDs" in text_of(response)


def test_a_list_that_was_started_has_its_columns_for_good(world, staff):
    run = ready(staff, world, JOHN)
    act(staff, run, "start")

    assert staff.get(run.columns_address).url == run.address
    assert staff.post(run.columns_address, {"id_column": "0", "asset": "column:0"}).url == run.address
    run.refresh_from_db()
    assert run.state == State.GOING


def test_columns_can_be_changed_before_the_start(world, staff):
    run = ready(staff, world, JOHN)

    staff.post(run.columns_address, {"id_column": "0", "asset": world.page.pk})  # no header now

    assert (read(run).rows, run.todo, run.rejected) == (2, 1, 1)


def test_viewers_do_not_name_columns(world, staff):
    run = upload(staff, "psid", JOHN)
    viewer = member(world.page.business, Role.VIEWER)

    assert viewer.get(run.columns_address).status_code == 404
    assert viewer.post(run.columns_address, {"id_column": "0", "asset": world.page.pk}).status_code == 404
