"""A large import, stored without asking: for measuring."""

from collections.abc import Sequence

from businesses.models import Asset
from lookups.models import Answer, ListRow, Lookup, Match, Person, Run, ScopedID, bulk
from lookups.models.outcomes import Edge, answered_column, caller_column, outcome_column
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
        people = [bulk.new(Person, business=business, public_id=f"P{n:010}", created_at=NOW) for n in numbers]
        bulk.insert(people)
        psids, asids = _ids(app, page, numbers, people)
        _answer(run, app, psids, asids)
    return run


def _ids(
    app: Asset, page: Asset, numbers: Sequence[int], people: Sequence[Person]
) -> tuple[list[ScopedID], list[ScopedID]]:
    """A PSID of each person, by which it was asked about, and an ASID."""
    facts = {"business": page.business, "first_seen": NOW}
    asked = {answered_column(edge): NOW for edge in Edge} | {caller_column(edge): app for edge in Edge}
    psids = [
        bulk.new(ScopedID, **facts, **asked, asset=page, value=f"{n:017}", person=one, public_id=one.public_id)
        for n, one in zip(numbers, people, strict=True)
    ]
    asids = [
        bulk.new(ScopedID, **facts, asset=app, value=f"9{n:016}", person=one, public_id=f"A{n:010}")
        for n, one in zip(numbers, people, strict=True)
    ]
    bulk.insert([*psids, *asids])
    return psids, asids


def _answer(run: Run, app: Asset, psids: Sequence[ScopedID], asids: Sequence[ScopedID]) -> None:
    """A row, a lookup, its answer and the match that it proves for each PSID."""
    business, line = run.business, ListRow.objects.count() + 2
    rows = [
        bulk.new(ListRow, business=business, run=run, line=line + n, asset=one.asset, value=one.value, state="asked")
        for n, one in enumerate(psids)
    ]
    bulk.insert(rows)
    outcomes = {outcome_column(Edge.APPS): "linked", outcome_column(Edge.PAGES): "none"}
    done = {"state": "done", "ending": "linked", "created_at": NOW, "finished_at": NOW, **outcomes}
    lookups = [
        bulk.new(
            Lookup, business=business, run=run, asset=one.asset, value=one.value, scoped_id=one, list_row=row, **done
        )
        for one, row in zip(psids, rows, strict=True)
    ]
    bulk.insert(lookups)
    facts = {"business": business, "calling_app": app}
    asked = {"attempt": 1, "at": NOW, "edges": ",".join(Edge), "complete": True, "version_asked": "v26.0"}
    answers = [bulk.new(Answer, **facts, **asked, lookup=one, token_fingerprint="f") for one in lookups]
    bulk.insert(answers)
    proved = {"edge": Edge.APPS.value, "first_seen": NOW, "last_confirmed": NOW, "row_hash": "0" * 64}
    bulk.insert(
        [
            bulk.new(Match, **facts, **proved, source=one, target=other, first_answer=answer, last_answer=answer)
            for one, other, answer in zip(psids, asids, answers, strict=True)
        ]
    )
