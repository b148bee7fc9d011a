"""A large import, stored without asking: for measuring."""

from lookups.models import Answer, ListRow, Lookup, Match, Person, Run, ScopedID
from lookups.models.outcomes import Edge
from tests.makers import NOW, make_app, make_business, make_page

BATCH = 1000


def store(rows: int) -> Run:
    """An import that ended: every row linked, each person with a PSID, an ASID, and a match in either direction."""
    business = make_business("Many")
    app = make_app(business, secret="")
    page = make_page(business, app)
    run = Run.objects.create(
        business=business, kind=Run.Kind.LIST, state=Run.State.DONE, created_at=NOW, finished_at=NOW, rows=rows,
        linked=rows,
    )  # fmt: skip
    for first in range(0, rows, BATCH):
        numbers = range(first, min(first + BATCH, rows))
        people = Person.objects.bulk_create(
            Person(business=business, public_id=f"P{n:010}", created_at=NOW) for n in numbers
        )
        list_rows = ListRow.objects.bulk_create(
            ListRow(business=business, run=run, line=n + 2, asset=page, value=f"{n:017}", state="asked")
            for n in numbers
        )
        psids = ScopedID.objects.bulk_create(
            ScopedID(
                business=business, asset=page, value=f"{n:017}", person=person, public_id=person.public_id,
                first_seen=NOW, apps_answered_at=NOW, pages_answered_at=NOW, apps_caller=app, pages_caller=app,
            )
            for n, person in zip(numbers, people, strict=True)
        )  # fmt: skip
        asids = ScopedID.objects.bulk_create(
            ScopedID(
                business=business, asset=app, value=f"9{n:016}", person=person, public_id=f"A{n:010}", first_seen=NOW
            )
            for n, person in zip(numbers, people, strict=True)
        )
        lookups = Lookup.objects.bulk_create(
            Lookup(
                business=business, run=run, asset=page, value=psid.value, scoped_id=psid, list_row=row, state="done",
                ending="linked", created_at=NOW, finished_at=NOW, apps_outcome="linked", pages_outcome="none",
            )
            for psid, row in zip(psids, list_rows, strict=True)
        )  # fmt: skip
        answers = Answer.objects.bulk_create(
            Answer(
                business=business, lookup=lookup, attempt=1, at=NOW, edges="ids_for_apps,ids_for_pages", complete=True,
                token_fingerprint="f", version_asked="v26.0", calling_app=app,
            )
            for lookup in lookups
        )  # fmt: skip
        Match.objects.bulk_create(
            Match(
                business=business, source=psid, target=asid, edge=Edge.APPS, first_answer=answer, first_seen=NOW,
                last_answer=answer, last_confirmed=NOW, row_hash="0" * 64, calling_app=app,
            )
            for psid, asid, answer in zip(psids, asids, answers, strict=True)
        )  # fmt: skip
    return run
