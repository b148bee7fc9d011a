"""A list comes in: a file or pasted lines, its columns, the reading, and what is shown before anything is asked."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from businesses.models import AccessToken, Business, FacebookApp, Role
from lookups.asking import reviews
from lookups.lists import imports
from lookups.models import ListRow, Lookup, PolicyReview, Run
from tests.lookups.admin.lists.test_run import JOHN, LISTS, State, act, member, text_of
from tests.lookups.list_runs import make_list, work
from tests.makers import make_business, make_page, make_user

NEW = f"{LISTS}new/"


@pytest.fixture
def staff(world):
    return member(world, Role.STAFF)


def csv(*lines: str, name: str = "spring.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\r\n".join(lines).encode(), "text/csv")


def upload(client: Client, *lines: str, **fields: object) -> Run:
    """Send a file; gives its run."""
    response = client.post(NEW, {"file": csv(*lines), **fields})
    assert response.status_code == 302, text_of(response)
    return Run.objects.latest("pk")


def columns_of(run: Run) -> str:
    return reverse("admin:lookups_run_columns", args=[run.pk])


def read(run: Run) -> Run:
    """Read it as a worker does."""
    while imports.read_some(run.pk, timezone.now()):
        pass
    run.refresh_from_db()
    return run


def ready(client: Client, world, *lines: str) -> Run:
    """A list of the world's Page that was read."""
    run = upload(client, "psid", *lines)
    client.post(columns_of(run), {"header": "1", "id_column": "0", "scope": f"page:{world.page.pk}"})
    return read(run)


class TestUpload:
    """The two ways in."""

    def test_a_file_leads_to_its_columns_and_asks_nothing(self, staff):
        response = staff.post(NEW, {"file": csv("psid", JOHN)})

        run = Run.objects.get(kind=Run.Kind.LIST)
        assert response.url == columns_of(run)
        assert (run.state, str(run.asked_by), run.list_file.name) == (State.MAPPING, "a staff", "spring.csv")
        assert run.list_file.path.read_bytes() == f"psid\r\n{JOHN}".encode()
        assert Lookup.objects.count() == 0

    def test_pasted_lines_of_an_app_or_page_are_read_next(self, world, staff):
        response = staff.post(NEW, {"how": "paste", "text": f"{JOHN}\n999", "asset": f"page:{world.page.pk}"})

        run = Run.objects.get(kind=Run.Kind.LIST)
        assert (response.url, run.state) == (run.address, State.READING)
        assert "The file is being read" in text_of(staff.get(run.address))
        assert read(run).todo == 2

    def test_what_can_not_be_read_is_said_on_the_form(self, staff):
        response = staff.post(NEW, {"file": SimpleUploadedFile("x.csv", b"")})

        assert response.status_code == 400
        assert re.search("nothing in the list|is empty", text_of(response))
        assert Run.objects.count() == 0

    def test_pasted_text_is_kept_when_something_is_missing(self, world, staff):
        response = staff.post(NEW, {"how": "paste", "text": "12345 kept"})

        assert response.status_code == 400
        assert "Choose the app or Page that these IDs come from." in text_of(response)
        assert "12345 kept" in response.content.decode()

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "Choose a file first"),
            ({"how": "paste", "text": " "}, "Choose the app or Page"),
        ],
    )
    def test_a_form_with_nothing_in_it_says_what_to_do(self, staff, fields, said):
        response = staff.post(NEW, fields)

        assert response.status_code == 400
        assert said in text_of(response)

    def test_whoever_has_several_businesses_chooses_one(self, world):
        other = make_business("Other")
        client = Client()
        client.force_login(make_user("both", world.page.business, other))

        assert client.post(NEW, {"file": csv(JOHN)}).status_code == 400
        assert client.post(NEW, {"file": csv(JOHN), "business": "x"}).status_code == 400
        run = upload(client, JOHN, business=other.pk)

        assert run.business == other

    def test_the_business_of_somebody_else_can_not_be_chosen(self, world, staff):
        other = make_business("Other")
        page = make_page(other, None)

        assert staff.post(NEW, {"file": csv(JOHN), "business": other.pk}).status_code == 400
        assert staff.post(NEW, {"how": "paste", "text": JOHN, "asset": f"page:{page.pk}"}).status_code == 400
        assert Run.objects.count() == 0

    def test_viewers_can_bring_in_nothing(self, world):
        viewer = member(world, Role.VIEWER)

        assert "Your role shows stored people only" in text_of(viewer.get(NEW))
        assert viewer.post(NEW, {"file": csv(JOHN)}).status_code == 400
        pasted = {"how": "paste", "text": JOHN, "asset": f"page:{world.page.pk}"}
        assert viewer.post(NEW, pasted).status_code == 400
        assert Run.objects.count() == 0


class TestColumns:
    """Which column is what."""

    def test_the_first_rows_are_shown_and_the_guesses_chosen(self, world, staff):
        run = upload(staff, "customer,psid,page", *(f"C{n},{1000 + n},{world.page.page_id}" for n in range(30)))

        page = staff.get(columns_of(run)).content.decode()

        assert "C0</code>" in page
        assert "C19</code>" in page
        assert "C20</code>" not in page
        assert '<option value="1" selected>' in page
        assert '<option value="column:2" selected>' in page
        assert 'name="header" value="1" checked' in page

    def test_named_columns_let_the_list_be_read(self, world, staff):
        run = upload(staff, "a,b", f"x,{JOHN}")

        response = staff.post(columns_of(run), {"header": "1", "id_column": "1", "scope": f"page:{world.page.pk}"})

        run.refresh_from_db()
        assert (response.url, run.state) == (run.address, State.READING)
        assert (run.list_file.id_column, run.list_file.page, run.list_file.has_header) == (1, world.page, True)

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "Choose the column that holds the IDs."),
            ({"id_column": "7", "scope": "column:0"}, "Choose the column that holds the IDs."),
            ({"id_column": "-1", "scope": "column:0"}, "Choose the column that holds the IDs."),
            ({"id_column": "0"}, "Choose the app or Page of the IDs"),
            ({"id_column": "0", "scope": "column:9"}, "Choose the app or Page of the IDs"),
            ({"id_column": "0", "scope": "column:x"}, "Choose the app or Page of the IDs"),
            ({"id_column": "0", "scope": "page:99999"}, "Choose the app or Page of the IDs"),
            ({"id_column": "0", "scope": "column:0"}, "hold both the ID and its app or Page"),
        ],
    )
    def test_a_choice_that_makes_no_sense_is_said_and_kept(self, staff, fields, said):
        run = upload(staff, "a,b", f"x,{JOHN}")

        response = staff.post(columns_of(run), fields)

        assert response.status_code == 400
        assert re.search(said, text_of(response))
        run.refresh_from_db()
        assert run.state == State.MAPPING

    def test_an_app_of_another_own_business_can_not_be_chosen(self, world, staff):
        user = make_user("both", world.page.business, Business.objects.exclude(pk=world.page.business_id).first())
        client = Client()
        client.force_login(user)
        run = upload(client, "a,b", f"x,{JOHN}", business=world.page.business_id)
        foreign = FacebookApp.objects.exclude(business=run.business).filter(business__memberships__user=user).first()

        response = client.post(columns_of(run), {"id_column": "1", "scope": f"app:{foreign.pk}"})

        assert response.status_code == 400
        assert "Choose the app or Page of the IDs" in text_of(response)

    def test_a_list_that_was_started_has_its_columns_for_good(self, world, staff):
        run = ready(staff, world, JOHN)
        act(staff, run, "start")

        assert staff.get(columns_of(run)).url == run.address
        assert staff.post(columns_of(run), {"id_column": "0", "scope": "column:0"}).url == run.address
        run.refresh_from_db()
        assert run.state == State.GOING

    def test_columns_can_be_changed_before_the_start(self, world, staff):
        run = ready(staff, world, JOHN)

        staff.post(columns_of(run), {"id_column": "0", "scope": f"page:{world.page.pk}"})  # no header now

        assert (read(run).rows, run.todo, run.rejected) == (2, 1, 1)

    def test_viewers_do_not_name_columns(self, world, staff):
        run = upload(staff, "psid", JOHN)
        viewer = member(world, Role.VIEWER)

        assert viewer.get(columns_of(run)).status_code == 404
        assert viewer.post(columns_of(run), {"id_column": "0", "scope": f"page:{world.page.pk}"}).status_code == 404


class TestPreview:
    """What would happen, before anything is asked."""

    def test_the_file_adds_up_and_nothing_was_asked(self, world, staff, sandbox):
        calls = len(sandbox.journal())
        run = ready(staff, world, JOHN, "998", JOHN, "1.23457E+15", "abc")

        said = text_of(staff.get(run.address))

        assert "5 in file = 2 to ask + 2 rejected + 1 duplicate" in said
        assert "can be asked" in said
        assert "Start" in said
        assert len(sandbox.journal()) == calls
        assert Lookup.objects.count() == 0

    def test_rejected_rows_are_grouped_by_reason_with_their_first_lines(self, world, staff):
        run = ready(staff, world, JOHN, *(f"bad{n}" for n in range(7)), "1.2E+15")

        page = staff.get(run.address)

        said = text_of(page)
        assert "7 × Not only digits" in said
        assert "Line 3: “bad0” is not an ID" in said
        assert "Also line 4 bad1 , line 5 bad2 , line 6 bad3 , line 7 bad4 …" in said
        assert "bad5" not in said
        assert "1 × Lost its digits in a spreadsheet" in said
        assert "what=rejected&amp;reason=not_digits" in page.content.decode()

    def test_what_is_fresh_already_is_not_counted_as_a_call(self, world, staff):
        work(make_list(world.page, JOHN))
        run = ready(staff, world, JOHN, "998")

        said = text_of(staff.get(run.address))

        assert "2 in file = 1 to ask + 1 already fresh" in said
        assert "Calls 1 HTTP requests 1" in said

    def test_cost_names_calls_requests_share_of_the_limit_and_time(self, world, staff):
        page = world.page
        page.engaged_users = 1
        page.save()
        run = ready(staff, world, *map(str, range(1000, 1100)))

        said = text_of(staff.get(run.address))

        assert "Calls 100 HTTP requests 2 Time less than a minute" in said
        assert "200 in 1 d" in said
        assert "50 %" in said
        assert "a cautious guess, since no run of this business has finished yet" in said

    def test_a_limit_that_is_too_small_decides_how_long_it_takes(self, world, staff):
        page = world.page
        page.engaged_users = 1
        page.save()
        run = ready(staff, world, *map(str, range(1000, 1300)))

        assert "The limit of “John&#x27;s Next Great Thing” decides" in text_of(staff.get(run.address))

    def test_rows_that_can_not_be_asked_now_are_counted_with_reason_and_remedy(self, world, staff):
        AccessToken.objects.filter(page=world.page).delete()
        run = ready(staff, world, JOHN)

        said = text_of(staff.get(run.address))

        assert "1 in file = 0 to ask + 1 that will be held" in said
        assert "Ask an admin to add one under Access tokens" in said
        assert f'action="{LISTS}{run.pk}/start/"' in staff.get(run.address).content.decode()

    def test_rows_that_may_not_be_asked_at_all_are_counted_and_a_list_of_only_such_is_not_started(self, world, staff):
        run = ready(staff, world, JOHN)
        Business.objects.update(policy_confirmed_at=None)

        said = text_of(staff.get(run.address))

        assert "1 in file = 0 to ask + 1 can't be asked" in said
        assert "None of the IDs can be asked about now" in said
        assert f'action="{LISTS}{run.pk}/start/"' not in staff.get(run.address).content.decode()

    def test_rows_of_a_business_under_review_will_be_held(self, world, staff):
        now = timezone.now()
        PolicyReview.objects.create(
            business=world.page.business, opened_at=now, last_answer_at=now, next_probe_at=now, message="in review"
        )
        run = ready(staff, world, JOHN)

        said = text_of(staff.get(run.address))

        assert "will be held" in said
        assert "goes on by itself when the review ends" in said
        assert reviews.open_review(world.page.business)

    def test_a_preview_takes_as_many_queries_for_a_long_list_as_for_a_short_one(self, world, staff):
        counts = []
        for run in (ready(staff, world, JOHN, "x"), ready(staff, world, *map(str, range(300)), *["x"] * 300)):
            staff.get(run.address)
            with CaptureQueriesContext(connection) as queries:
                staff.get(run.address)
            counts.append(len(queries))

        assert counts[0] == counts[1]

    def test_a_discarded_list_is_gone_and_was_never_asked(self, world, staff):
        run = ready(staff, world, JOHN)
        assert "nothing" in text_of(staff.get(f"{LISTS}{run.pk}/discard/")).lower()

        act(staff, run, "discard")

        assert run.state == State.CANCELLED
        assert run.list_file.removed_at
        assert "Cancelled before it was started" in text_of(staff.get(run.address))
        assert "Try refused" not in text_of(staff.get(run.address))

    def test_from_upload_to_the_sum(self, world, staff):
        run = ready(staff, world, JOHN, JOHN, "bad", "999")

        act(staff, run, "start")
        work(run)

        assert run.state == State.DONE
        said = text_of(staff.get(run.address))
        assert "4 in file = 1 linked + 1 refused + 1 rejected + 1 duplicate" in said
        assert set(ListRow.objects.filter(run=run).values_list("state", flat=True)) == {
            "asked", "rejected", "duplicate",
        }  # fmt: skip


def test_a_pasted_token_is_refused_and_not_even_given_back_in_the_form(world, staff):
    token = "EAAB" + "wzLixnjYBO" * 3

    response = staff.post(NEW, {"how": "paste", "asset": f"page:{world.page.pk}", "text": f"123\n{token}"})

    assert response.status_code == 400
    assert "looks like an access token" in text_of(response)
    assert token not in response.content.decode()
    assert "123" in text_of(response)
