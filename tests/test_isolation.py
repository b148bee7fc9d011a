"""No page crosses from one business to another: every URL of the site is walked as a stranger, as staff of
another business, and with another business's keys in paths, queries and forms.

The table of keys is by the route's parameters: a new URL with a new parameter fails until it is listed.
"""

import re

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from businesses import isolation
from businesses.models import AccessToken, Business, FacebookApp, Membership, Page, Role
from idlink.beat import store_schedules
from lookups.models import (
    Answer,
    Conflict,
    Decision,
    FreshnessCount,
    ListFile,
    ListRow,
    Lookup,
    Match,
    MovedID,
    Person,
    PersonEvent,
    PolicyReview,
    Run,
    ScopedID,
    State,
)
from tests.addresses import patterns
from tests.makers import NOW, make_app, make_business, make_page, make_token, make_user

pytestmark = pytest.mark.django_db

CANARY = "BRAVO-9QX"
PUBLIC = {"admin:login", "admin:logout", "health", "", "admin:jsi18n"}


class Tenant:
    """One business with a row of every kind, each named after it."""

    def __init__(self, name: str, digits: str) -> None:
        self.business = make_business(f"{name} business")
        self.app = make_app(self.business, f"{name} app", graph_id=digits + "1")
        self.page = make_page(self.business, self.app, f"{name} page", graph_id=digits + "2")
        self.token = make_token(self.page, f"token-of-{name}")
        self.person = Person.objects.create(business=self.business, public_id=digits[:12], created_at=NOW)
        self.asid = self._id(self.person, asset=self.app, value=digits + "3")
        self.psid = self._id(self.person, asset=self.page, value=digits + "4")
        run = Run.objects.create(business=self.business, kind=Run.Kind.ONE, created_at=NOW)
        self.run = self._list(name)
        self.count = FreshnessCount.objects.create(business=self.business, counted_at=NOW, ids=3, days=30)
        store_schedules(settings.CELERY_BEAT_SCHEDULE)
        self.lookup = Lookup.objects.create(
            business=self.business, run=run, asset=self.page, value=self.psid.value, scoped_id=self.psid,
            created_at=NOW, state=State.HELD, held_for="review", why=f"{name} why",
        )  # fmt: skip
        answer = Answer.objects.create(
            business=self.business, lookup=self.lookup, attempt=1, at=NOW, edges="ids_for_apps",
            complete=True, token_fingerprint=self.token.fingerprint, version_asked="v26.0",
        )  # fmt: skip
        Match.objects.create(
            business=self.business, source=self.psid, target=self.asid, edge="ids_for_apps",
            first_answer=answer, first_seen=NOW, last_answer=answer, last_confirmed=NOW, row_hash="0" * 64,
        )  # fmt: skip
        event = PersonEvent.objects.create(
            business=self.business, kind="split", person=self.person, other=self.person, answer=answer, at=NOW
        )
        MovedID.objects.create(business=self.business, event=event, scoped_id=self.asid)
        self.decision = Decision.objects.create(
            business=self.business, kind=Decision.Kind.KEEP_APART, one=self.asid, other=self.psid,
            reason=f"{name} reason", made_at=NOW,
        )  # fmt: skip
        self.conflict = Conflict.objects.create(
            business=self.business, kind=Conflict.Kind.ONE_WAY, one=self.psid, other=self.asid, found_at=NOW
        )
        self.review = PolicyReview.objects.create(
            business=self.business, opened_at=NOW, last_answer_at=NOW, next_probe_at=NOW, message=f"{name} review"
        )

    def _list(self, name: str) -> Run:
        """A list that waits for its columns to be named, with a rejected row."""
        run = Run.objects.create(
            business=self.business, kind=Run.Kind.LIST, state=Run.State.MAPPING, created_at=NOW, rows=1, rejected=1
        )
        stored = ListFile(business=self.business, run=run, name=f"{name}.csv", kind="csv", size=1, sha256="0" * 64)
        stored.encoding, stored.separator = "utf-8", ","
        stored.first_look = {"rows": [["", ["psid"]], ["", [name]]], "sheets": []}
        stored.save()
        stored.path.parent.mkdir(parents=True, exist_ok=True)
        stored.path.write_text(f"psid\n{name}\n")
        ListRow.objects.create(
            business=self.business, run=run, line=2, value=name, state=ListRow.State.REJECTED, reason="not_digits"
        )
        return run

    def _id(self, person: Person, **fields) -> ScopedID:
        return ScopedID.objects.create(business=self.business, person=person, first_seen=NOW, **fields)

    def key_for(self, route: str, parameter: str) -> str:
        """What stands for a parameter of a route."""
        rows = {
            "business": self.business, "facebookapp": self.app, "page": self.page, "accesstoken": self.token,
            "person": self.person, "lookup": self.lookup, "policyreview": self.review,
            "conflict": self.conflict, "run": self.run, "freshnesscount": self.count,
            "periodictask": PeriodicTask.objects.filter(name="refresh").first(),
            "membership": Membership.objects.filter(business=self.business).first(),
            "user": User.objects.filter(memberships__business=self.business).first(),
        }  # fmt: skip
        values = {"public_id": self.person.public_id, "app_label": "lookups", "url": "nonsense"}
        model = re.search(r"admin/\w+/(\w+)/", route)
        if parameter in ("object_id", "pk", "id"):
            assert model, f"{route}: a key of which model?"
            if "/person/undo/" in route:
                return str(self.decision.pk)
            return str(rows[model[1]].pk)
        assert parameter in values, f"{route}: list the parameter {parameter!r} here"
        return values[parameter]


@pytest.fixture
def alpha():
    return Tenant("Alpha", "1111111111110")


@pytest.fixture
def bravo():
    return Tenant(CANARY, "9999999999990")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body_of(response) -> str:
    """All that came, also of a download."""
    content = response.content if not response.streaming else b"".join(response.streaming_content)
    response.close()
    return content.decode()


def addresses_of(tenant: Tenant) -> list[tuple[str, str]]:
    """Every address of the site with the tenant's keys in it."""
    found = []
    for name, route in patterns():
        path = re.sub(r"^\^|\\Z|\$$", "", route)
        for parameter in re.findall(r"<(?:\w+:)?(\w+)>", path):
            key = tenant.key_for(route, parameter)
            path = re.sub(rf"\(\?P<{parameter}>[^)]*\)|<(?:\w+:)?{parameter}>", key, path)
        found.append((name, "/" + path))
    return found


def test_strangers_are_sent_to_the_log_in_page_from_everywhere(alpha):
    make_user("ana", alpha.business)
    for name, address in addresses_of(alpha):
        for method in ("get", "post"):
            response = getattr(Client(), method)(address)
            body = response.content.decode()
            assert "Alpha" not in body, f"{method} {address}"
            if response.status_code == 200:
                assert name in ("login", "jsi18n", "health"), f"{method} {address} is open to strangers"


@pytest.mark.parametrize("role", list(Role))
def test_no_page_shows_anything_of_another_business(alpha, bravo, role):
    make_user("bob", bravo.business)
    client = client_of(make_user("ana", alpha.business, role=role))
    for _, address in addresses_of(alpha) + addresses_of(bravo):
        if "logout" in address:
            continue
        response = client.get(address, follow=True)
        text = body_of(response) + str(response.redirect_chain)
        assert CANARY not in text, address
        assert bravo.asid.value not in text, address


@pytest.mark.parametrize("role", list(Role))
def test_another_businesss_row_answers_just_like_a_missing_one(alpha, bravo, role):
    make_user("bob", bravo.business)
    client = client_of(make_user("ana", alpha.business, role=role))
    mine, theirs = dict(addresses_of(alpha)), dict(addresses_of(bravo))
    for name, address in theirs.items():
        if address in mine.values() or name == "logout":
            continue
        missing = re.sub(r"/(\d+|9{12})/", "/888888/", address)
        for method in ("get", "post"):
            got, expected = (getattr(client, method)(path) for path in (address, missing))
            assert (got.status_code, got.content) == (expected.status_code, expected.content), address
            assert got.status_code in (403, 404, 405), f"{method} {address}: {got.status_code}"


def test_choices_filters_and_forged_keys_stay_within_the_own_business(alpha, bravo):
    client = client_of(make_user("ana", alpha.business, role=Role.ADMIN))
    before = row_counts()

    for address, forged in (
        ("businesses_page_add", {"business": bravo.business.pk, "graph_id": "123", "name": "x"}),
        (
            "businesses_page_add",
            {"business": alpha.business.pk, "graph_id": "123", "name": "x", "managed_by": bravo.app.pk},
        ),
        ("businesses_facebookapp_add", {"business": bravo.business.pk, "graph_id": "123", "name": "x"}),
        (
            "businesses_accesstoken_add",
            {"business": alpha.business.pk, "asset": bravo.app.pk, "token": "abc"},
        ),
        (
            "businesses_accesstoken_add",
            {"business": bravo.business.pk, "asset": alpha.app.pk, "token": "abc"},
        ),
    ):
        response = client.post(reverse(f"admin:{address}"), forged)
        assert response.status_code == 200, "the form comes back with its errors"
        assert "Select a valid choice" in response.content.decode()

    assert row_counts() == before


def test_lists_and_their_columns_can_not_be_given_to_another_business(alpha, bravo):
    client = client_of(make_user("ana", alpha.business, role=Role.ADMIN))
    before = row_counts()
    new = reverse("admin:lookups_run_new")
    columns = alpha.run.columns_address

    answers = [
        client.post(new, {"business": bravo.business.pk, "file": SimpleUploadedFile("x.csv", b"1\n")}),
        client.post(new, {"how": "paste", "text": "1", "asset": bravo.page.pk}),
        client.post(columns, {"id_column": "0", "asset": bravo.app.pk}),
        client.get(reverse("admin:lookups_run_rows", args=[bravo.run.pk]), {"what": "rejected"}),
        client.post(reverse("admin:lookups_run_start", args=[bravo.run.pk])),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 404, 404]
    assert all(CANARY not in answer.content.decode() for answer in answers)
    assert row_counts() == before


def test_forged_app_or_page_in_asking_is_refused(alpha, bravo):
    client = client_of(make_user("ana", alpha.business, role=Role.ADMIN))
    before = row_counts()

    found = client.post(reverse("find"), {"q": "123", "asset": bravo.page.pk})
    asked = client.post(reverse("admin:lookups_person_ask", args=[alpha.person.public_id]), {"asset": bravo.app.pk})

    assert (found.status_code, asked.status_code) == (400, 404)
    assert row_counts() == before


@pytest.mark.parametrize(
    "model", [Business, FacebookApp, Page, AccessToken, Person, Lookup, PolicyReview, Run], ids=lambda m: m.__name__
)
def test_no_list_can_be_filtered_by_what_its_sidebar_does_not_offer(alpha, model):
    client = client_of(make_user("ana", alpha.business, role=Role.ADMIN))
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for field in model._meta.get_fields():
        for lookup in ("startswith", "regex", "gt", "isnull"):
            if f"{field.name}__{lookup}" not in offered(model):
                response = client.get(address, {f"{field.name}__{lookup}": "1"})
                assert response.status_code == 400, f"{field.name}__{lookup}"


def offered(model: type) -> set[str]:
    """The `isnull` lookups that the sidebar of this model's list offers."""
    model_admin = admin.site.get_model_admin(model)
    names = [*model_admin.own_filters, *(item for item in model_admin.list_filter if isinstance(item, str))]
    return {f"{name}__isnull" for name in names}


def test_deleting_neither_names_nor_takes_what_another_business_hangs_on_it(alpha, bravo):
    AccessToken.objects.filter(asset=alpha.page).delete()
    isolation.remove("default")
    with connection.cursor() as cursor:  # as a fault would leave it; the forms and the database refuse this
        cursor.execute("UPDATE businesses_asset SET managed_by_id = %s WHERE id = %s", [alpha.app.pk, bravo.page.pk])
    client = client_of(make_user("ana", alpha.business, role=Role.ADMIN))
    address = reverse("admin:businesses_facebookapp_delete", args=[alpha.app.pk])

    shown = client.get(address)
    client.post(address, {"post": "yes"})

    assert CANARY not in shown.content.decode()
    assert FacebookApp.objects.filter(pk=alpha.app.pk).exists()
    assert Page.objects.filter(pk=bravo.page.pk).exists()


@pytest.mark.parametrize("role", list(Role))
def test_ids_of_another_business_in_a_query_are_not_there(alpha, bravo, role):
    client = client_of(make_user("ana", alpha.business, role=role))
    mine, theirs = alpha.asid.public_id, bravo.asid.public_id
    for one, other in ((mine, theirs), (theirs, mine), (theirs, bravo.psid.public_id)):
        assert client.get(reverse("admin:lookups_person_explain"), {"one": one, "other": other}).status_code == 404
        for kind in Decision.Kind.values:
            address = f"{reverse('admin:lookups_person_decide')}?kind={kind}&one={one}&other={other}"
            assert client.get(address).status_code == 404
            assert client.post(address, {"reason": "because"}).status_code == 404
    compared = client.get(
        reverse("admin:lookups_person_compare", args=[alpha.person.public_id]), {"other": bravo.person.public_id}
    )
    assert CANARY not in compared.content.decode()
    assert Decision.objects.count() == 2


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
def test_only_admins_decide(alpha, role):
    client = client_of(make_user("ana", alpha.business, role=role))
    address = (
        f"{reverse('admin:lookups_person_decide')}?kind=retract&one={alpha.asid.public_id}&other={alpha.psid.public_id}"
    )

    assert client.get(address).status_code == 404
    assert client.post(address, {"reason": "because"}).status_code == 404
    assert (
        client.post(reverse("admin:lookups_person_undo", args=[alpha.decision.pk]), {"reason": "x"}).status_code == 404
    )
    accept = reverse("admin:lookups_conflict_accept", args=[alpha.conflict.pk])
    assert client.post(accept, {"reason": "because"}).status_code == 404
    assert (
        "Settle it"
        not in client.get(reverse("admin:lookups_conflict_change", args=[alpha.conflict.pk])).content.decode()
    )


def test_the_short_cut_by_content_type_does_not_exist(alpha, bravo):
    client = client_of(make_user("ana", alpha.business, role=Role.ADMIN))

    assert "view_on_site" not in {name for name, _ in patterns()}
    assert client.get(f"/admin/r/1/{bravo.page.pk}/").status_code == 404
    assert client.get("/admin/r/1/888888/").status_code == 404


def row_counts() -> dict[str, int]:
    models = (Business, FacebookApp, Page, AccessToken, Membership, Person, ScopedID, Lookup, Run, Match)
    return {model.__name__: model.objects.count() for model in models}
