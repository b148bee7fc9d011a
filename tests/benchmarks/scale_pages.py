"""The pages that `make bench-scale` opens, by their addresses alone; if there is a choice, of the largest business."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Model
from django.test import Client
from django.urls import reverse

from businesses.models import AccessToken, Business, FacebookApp
from businesses.models import Page as FacebookPage
from lookups.models import Conflict, FreshnessCount, Lookup, Person, PolicyReview, Run, ScopedID
from tests.benchmarks.scale_names import FREQUENT, RARE
from tests.benchmarks.scale_people import LARGE, LARGEST, LONG_LIST
from tests.benchmarks.scale_visits import Page, last_page

LISTS = {
    "People": Person,
    "Lookups": Lookup,
    "Conflicts": Conflict,
    "Lists and runs": Run,
    "Reviews": PolicyReview,
    "Freshness": FreshnessCount,
    "Businesses": Business,
    "Apps": FacebookApp,
    "Pages": FacebookPage,
    "Access tokens": AccessToken,
}


def pages(client: Client) -> list[Page]:
    """Give all pages, as somebody with this browser may open them."""
    largest = Business.objects.order_by("pk")[0]
    person = _person_of_three(largest)
    lists = [Page(name, _changelist(model)) for name, model in LISTS.items()]
    return [
        *lists,
        *_later(client, "People", Person),
        *_later(client, "Lookups", Lookup),
        *_of_people(largest, person),
        *_of_lookups(largest, person),
        *_finding(person),
        *_persons(largest, person),
        *_runs_and_tokens(largest),
        *_files(largest),
    ]


def _changelist(model: type[Model], **query: object) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def _by_time(model: type[Model], column: str) -> str:
    """Give the address of a list that begins with the oldest; a column is named by its place."""
    columns = admin.site.get_model_admin(model).list_display
    return _changelist(model, o=list(columns).index(column) + 1)


def _later(client: Client, name: str, model: type[Model]) -> Iterator[Page]:
    last = last_page(client, _changelist(model))
    yield Page(f"{name}, page 100 or the last", _changelist(model, p=min(100, last)))
    yield Page(f"{name}, the last page", _changelist(model, p=last))


def _person_of_three(business: Business) -> Person:
    early = Person.objects.filter(business=business, pk__lt=2000).annotate(ids=Count("scoped_ids"))
    return early.filter(ids=3).order_by("pk")[0]


def _founding_id(person: Person) -> str:
    return ScopedID.objects.get(public_id=person.public_id).value


def _of_people(largest: Business, person: Person) -> Iterator[Page]:
    most_used, *_, least_used = largest.assets.order_by("-pk")
    filters: dict[str, dict[str, object]] = {
        "the largest business": {"business__id__exact": largest.pk},
        "a small business": {"business__id__exact": largest.pk + 1},
        "in conflict": {"state": "conflict"},
        "stale": {"state": "stale"},
        "under review": {"state": "review"},
        "changed in 1 day": {"changed": 1},
        "changed in 7 days": {"changed": 7},
        "changed in 30 days": {"changed": 30},
        "linked to the most used Page": {"linked": most_used.pk},
        "linked to the least used app": {"linked": least_used.pk},
        "not linked to the most used Page": {"missing": most_used.pk},
        "in conflict and changed in 30 days": {"state": "conflict", "changed": 30},
    }
    for name, query in filters.items():
        yield Page(f"People: {name}", _changelist(Person, **query))
    value = _founding_id(person)
    searched = {
        "a public ID": person.public_id,
        "a whole ID": value,
        "three digits": value[:3],
        "eight digits": value[:8],
        "a frequent name": FREQUENT,
        "a rare name": RARE,
        "a name of nobody": "Xyzzy",
    }
    for name, text in searched.items():
        yield Page(f"People searched by {name}", _changelist(Person, q=text))
    yield Page("People, the oldest first", _by_time(Person, "since"))


def _of_lookups(largest: Business, person: Person) -> Iterator[Page]:
    most_used = largest.assets.order_by("-pk")[0]
    yield Page("Lookups searched by a whole ID", _changelist(Lookup, q=_founding_id(person)))
    yield Page("Lookups searched by an unknown ID", _changelist(Lookup, q="1234567890123456"))
    yield Page("Lookups: held", _changelist(Lookup, state__exact="held"))
    yield Page("Lookups: failed", _changelist(Lookup, apps_outcome__exact="failed"))
    yield Page("Lookups: of the most used Page", _changelist(Lookup, asset__id__exact=most_used.pk))
    yield Page("Lookups, the oldest first", _by_time(Lookup, "asked_at"))
    yield Page("Conflicts: settled", _changelist(Conflict, running="settled"))
    yield Page("Runs: single lookups", _changelist(Run, what="single"))


def _finding(person: Person) -> Iterator[Page]:
    value, find = _founding_id(person), reverse("find")
    searched = {
        "a whole ID": value,
        "a public ID": person.public_id,
        "three digits": value[:3],
        "eight digits": value[:8],
        "a frequent name": FREQUENT,
        "a rare name": RARE,
        "an unknown ID": "1234567890123456",
    }
    yield Page("Find a person", find)
    for name, text in searched.items():
        yield Page(f"Find by {name}", find, sent=text)


def _persons(largest: Business, person: Person) -> Iterator[Page]:
    yield Page("A person of 3 IDs", person.address)
    yield Page("A person of 40 IDs", Person.objects.get(pk=2 * LARGE).address)
    if most := Person.objects.filter(pk=2 * LARGEST).annotate(ids=Count("scoped_ids")).filter(ids=300).first():
        yield Page("A person of 300 IDs", most.address)
    conflict = Conflict.objects.filter(business=largest, ended_at=None, settled_by=None).order_by("pk").first()
    if conflict:
        yield Page("A person in conflict", conflict.one.person.address)
        yield Page("A conflict", reverse("admin:lookups_conflict_change", args=[conflict.pk]))


def _runs_and_tokens(largest: Business) -> Iterator[Page]:
    rows = reverse("admin:lookups_run_rows", args=[LONG_LIST])
    yield Page("A finished list", reverse("admin:lookups_run_change", args=[LONG_LIST]))
    for what in ("all", "linked", "refused", "duplicate"):
        yield Page(f"Its rows: {what}", f"{rows}?what={what}")
    yield Page("A lookup", Lookup.objects.filter(business=largest).order_by("pk")[0].address)
    dead = AccessToken.objects.get(business=largest, last_check__refused_at__isnull=False)
    working = AccessToken.objects.filter(business=largest, last_check__refused_at=None).order_by("pk")[0]
    yield Page("A working token", reverse("admin:businesses_accesstoken_change", args=[working.pk]))
    yield Page("A dead token", reverse("admin:businesses_accesstoken_change", args=[dead.pk]))
    yield Page("Links of a dead token", reverse("admin:businesses_accesstoken_links", args=[dead.pk]))
    yield Page("Token health", reverse("admin:businesses_accesstoken_health"))
    freshness = FreshnessCount.objects.get(business=largest)
    yield Page("Freshness of a business", reverse("admin:lookups_freshnesscount_change", args=[freshness.pk]))
    yield Page("A business", reverse("admin:businesses_business_change", args=[largest.pk]))
    yield Page("Preflight of a business", reverse("admin:businesses_business_preflight", args=[largest.pk]))


def _files(largest: Business) -> Iterator[Page]:
    export = reverse("admin:lookups_person_export")
    yield Page("Export links", export)
    for shape in ("ids", "people"):
        query = urlencode({"business": largest.pk, "shape": shape, "format": "csv"})
        yield Page(f"Export of links by {shape}, first row", f"{export}?{query}", is_file=True)
    results = reverse("admin:lookups_run_results", args=[LONG_LIST])
    yield Page("Results of a list, first row", f"{results}?format=csv", is_file=True)
