"""A PostgreSQL database with many people of one business, made by a few statements.

Each person was asked about once, by the PSID of the first Page, and answered with two or three other IDs:
so there are 10 scoped IDs to 3 people. All random-looking values follow from a person's number.
"""

from dataclasses import dataclass
from hashlib import md5

from django.db import connection

from businesses.models import Business, FacebookApp, Page
from lookups.models import Run
from tests.benchmarks.filling import past_triggers
from tests.makers import NOW, make_app, make_business, make_page, make_token

TABLES = [f"lookups_{name}" for name in ("person", "scopedid", "lookup", "answer", "match", "personevent")]


@dataclass(frozen=True)
class Estate:
    """A business with two apps and two Pages; questions are asked with the first Page's token."""

    business: Business
    app: FacebookApp
    page: Page
    other_app: FacebookApp
    other_page: Page
    run: Run


def make_estate(name: str) -> Estate:
    """Store a business with what it owns."""
    business = make_business(name)
    app, other_app = make_app(business, "Shop"), make_app(business, "Game")
    page, other_page = make_page(business, app, "Bot"), make_page(business, app, "Club")
    make_token(page)
    run = Run.objects.create(business=business, kind=Run.Kind.ONE, created_at=NOW)
    return Estate(business, app, page, other_app, other_page, run)


def find_estate(name: str) -> Estate:
    """Read a stored business with what it owns."""
    business = Business.objects.get(name=name)
    apps = {app.name: app for app in FacebookApp.objects.filter(business=business)}
    pages = {page.name: page for page in Page.objects.filter(business=business).select_related("managed_by")}
    run = Run.objects.filter(business=business).order_by("pk")[0]
    return Estate(business, apps["Shop"], pages["Bot"], apps["Game"], pages["Club"], run)


def row_hash(value: str) -> str:
    """The hash that the stored row with this ID has."""
    return md5(value.encode()).hexdigest() * 2


def fill(estate: Estate, scoped_ids: int) -> None:
    """Store so many scoped IDs, their people and all evidence. Past the triggers, which only take time here."""
    arguments = _arguments(estate, scoped_ids * 3 // 10)
    with past_triggers(TABLES) as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, arguments)


def _arguments(estate: Estate, people: int) -> dict[str, int]:
    with connection.cursor() as cursor:  # keys above those of another business
        cursor.execute("SELECT coalesce(max(id), 0) + 8 FROM lookups_scopedid")
        (start,) = cursor.fetchone()
    return {
        "people": people,
        "start": start,
        "business": estate.business.pk,
        "run": estate.run.pk,
        "app": estate.app.pk,
        "page": estate.page.pk,
        "other_app": estate.other_app.pk,
        "other_page": estate.other_page.pk,
    }


_AT = "timestamptz '2026-01-01 00:00+00' + n * interval '1 second'"
_ID = "%(start)s + n * 4 + place"
_VALUE = "(10000000000000000 + ('x' || substr(md5((4 * n + place)::text || %(start)s::text), 1, 13))::bit(52)::bigint)"
_PUBLIC_ID = "upper(substr(md5('public' || (%(start)s + n * 4 + {place})::text), 1, 12))"
_PEOPLE = "FROM generate_series(1, %(people)s) n"
_IDS = f"{_PEOPLE}, generate_series(0, CASE WHEN n % 3 = 0 THEN 3 ELSE 2 END) place".replace("n % 3", "n %% 3")
_STATEMENTS = [
    f"""INSERT INTO lookups_person (id, business_id, public_id, created_at)
    SELECT %(start)s + n * 4, %(business)s, {_PUBLIC_ID.format(place=0)}, {_AT} {_PEOPLE}""",
    f"""INSERT INTO lookups_scopedid (id, business_id, asset_id, value, person_id, public_id, first_seen,
        apps_answer_id, apps_answered_at, pages_answer_id, pages_answered_at)
    SELECT {_ID}, %(business)s, CASE place WHEN 0 THEN %(page)s WHEN 1 THEN %(app)s WHEN 2 THEN %(other_page)s
        WHEN 3 THEN %(other_app)s END, {_VALUE}, %(start)s + n * 4,
        {_PUBLIC_ID.format(place="place")}, {_AT} + place * interval '1 microsecond',
        CASE place WHEN 0 THEN {_ID} END, CASE place WHEN 0 THEN {_AT} END,
        CASE place WHEN 0 THEN {_ID} END, CASE place WHEN 0 THEN {_AT} END {_IDS}""",
    f"""INSERT INTO lookups_lookup (id, business_id, run_id, asset_id, value, scoped_id_id, question, lane, state,
        is_probe, attempt, tries, created_at, finished_at, apps_outcome, pages_outcome, why, held_for, ending)
    SELECT {_ID}, %(business)s, %(run)s, %(page)s, {_VALUE}, {_ID}, 'links', 'bulk', 'done', false, 1, 1,
        {_AT}, {_AT}, 'linked', 'linked', '', '', 'linked' {_PEOPLE}, (VALUES (0)) one(place)""",
    f"""INSERT INTO lookups_answer (id, business_id, lookup_id, calling_app_id, attempt, at, edges, complete,
        token_fingerprint, http_status, trace_id, version_asked, version_served, error, message)
    SELECT %(start)s + n * 4, %(business)s, %(start)s + n * 4, %(app)s, 1, {_AT}, 'ids_for_apps,ids_for_pages', true,
        'f', 200, md5(n::text), 'v26.0', 'v26.0', '', '' {_PEOPLE}""",
    f"""INSERT INTO lookups_match (id, business_id, source_id, target_id, edge, state, is_live, calling_app_id,
        first_answer_id, first_seen, last_answer_id, last_confirmed, row_hash)
    SELECT {_ID}, %(business)s, %(start)s + n * 4, {_ID},
        CASE place WHEN 2 THEN 'ids_for_pages' ELSE 'ids_for_apps' END,
        'confirmed', true, %(app)s, %(start)s + n * 4, {_AT}, %(start)s + n * 4, {_AT},
        repeat(md5({_VALUE}::text), 2) {_IDS} WHERE place > 0""",
]
