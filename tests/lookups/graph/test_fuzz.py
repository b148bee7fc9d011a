"""The Graph client against answers gone wrong: whatever comes, it is an answer, an error, and never a wrong row."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from lookups.graph import (
    CallCredential,
    Edge,
    GraphClient,
    GraphError,
    LinksAnswer,
    LinksQuestion,
    NotPermitted,
    ProfileAnswer,
    ProfileQuestion,
    ProofRefused,
    ServerTrouble,
    TokenRefused,
    TooManyCalls,
    UnderPolicyReview,
    UnexpectedAnswer,
    UnknownID,
    Unreachable,
)
from lookups.graph.batch import LONGEST_WAIT
from lookups.graph.transport import HTTPAnswer
from tests.contract.wire import ASID, GAME_ROW, MOVIE_ROW, PAGE_ROW, PSID
from tests.fuzzing import fuzzed
from tests.lookups.graph.mutation import edited, edits, mutated, mutations, odd_values, text_of

FIXTURES = Path(__file__).parent / "fixtures"
KNOWN = {
    NotPermitted, ProofRefused, ServerTrouble, TokenRefused, TooManyCalls, UnderPolicyReview, UnexpectedAnswer,
    UnknownID, Unreachable,
}  # fmt: skip
TOKEN, SECRET = "259773517400382|a-token-of-the-fuzz-tests", "secret-of-the-fuzz-tests"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text())


CURSORS = {"before": "QVFIUjdl", "after": "QVFIUmJq"}
MORE = {"cursors": CURSORS, "next": "https://graph.facebook.com/v26.0/1/ids_for_apps?after=QVFIUmJq"}
APPS = {"data": [GAME_ROW, MOVIE_ROW], "paging": {"cursors": CURSORS}}
PAGES = {"data": [PAGE_ROW], "paging": {"cursors": CURSORS}}
GOOD = [
    {"ids_for_apps": APPS, "ids_for_pages": PAGES, "id": ASID},
    {
        "name": "John Smith",
        "ids_for_apps": {**APPS, "paging": MORE},
        "ids_for_pages": {**PAGES, "paging": MORE},
        "id": ASID,
    },
    APPS,
    PAGES,
    {**APPS, "paging": MORE},
    {**PAGES, "paging": MORE},
    {"data": []},
    {"id": ASID},
    {"name": "John Smith", "age_range": {"min": 21}, "is_payment_enabled": True, "id": ASID},
    fixture("captured/ids_for_apps__asid_combined_fields__redacted.json"),
    fixture("captured/ids_for_business__asid.json"),
    fixture("captured/ids_for_business__docs_instant_games.json"),
    fixture("captured/paging_next_limit1__v4.json"),
    fixture("restfb/user-with-additional-ids.json"),
]
ERRORS = [
    *({"error": one["error"]} for one in fixture("captured/errors_seen_in_issues.json")),
    fixture("restfb/Issue1095.json"),
    *({"error": {"code": code, "message": "(#1) x", "is_transient": True}} for code in (1, 4, 10, 200, 613, 80006)),
    {"error": {"code": 200, "message": "(#200) Your business is currently going through review."}},
    {"error": 190, "error_description": "Invalid OAuth access token."},
    {"error_type": "OAuthException", "code": 400, "error_message": "No."},
]
USAGE = json.dumps({"651551841371924": [{"type": "pages", "call_count": 99, "estimated_time_to_regain_access": 7}]})
NEGATIVE_WAIT = USAGE.replace("7}", "-7}")
QUESTIONS = [
    LinksQuestion(ASID),
    LinksQuestion(ASID, profile=("name",)),
    LinksQuestion(ASID, (Edge.APPS,), narrowed=((Edge.APPS, "1"),)),
    LinksQuestion(ASID, (Edge.PAGES,)),
    LinksQuestion(PSID, (Edge.APPS,)),
    LinksQuestion("954279251387975"),
    ProfileQuestion(ASID),
]


@dataclass(frozen=True)
class Sent:
    """One answer to be sent: its items, as JSON, or a `whole` in their place; `edits` spoil the bytes of either."""

    items: list[str] = field(default_factory=list)
    whole: str | None = None
    extra: int = 0
    edits: list[tuple[int, str, bytes]] = field(default_factory=list)
    encoding: str = "utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self, asked: int) -> HTTPAnswer:
        count = max(0, asked + self.extra) if self.items else 0
        items = [self.items[n % len(self.items)] for n in range(count)]
        text = f"[{','.join(items)}]" if self.whole is None else self.whole
        return HTTPAnswer(self.status, self.headers, edited(text.encode(self.encoding, "surrogatepass"), self.edits))


class Stub:
    """Stands in for the transport: sends what it was given, once; then nobody answers any more."""

    def __init__(self, answers: list[Sent]) -> None:
        self.left, self.sent = list(answers), []

    def post(self, url: str, form: dict[str, str]) -> HTTPAnswer:
        if not self.left:
            raise Unreachable("Graph could not be reached.")
        assert re.fullmatch(r"[ -~]+", form["batch"]), "what is asked is plain ASCII"
        self.sent.append(self.left.pop(0).raw(len(json.loads(form["batch"]))))
        return self.sent[-1]


def item(body: Any, code: Any = 200, headers: Any = ()) -> str:
    """Write one good item of a batch; a body given as text stays as it is."""
    pairs = [{"name": name, "value": value} for name, value in dict(headers).items()]
    return json.dumps({"code": code, "headers": pairs, "body": body if isinstance(body, str) else text_of(body)})


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give the usual nine times in ten: an answer in which everything is wrong is refused at its first fault."""
    return st.sampled_from([True] * 9 + [False]).flatmap(lambda is_usual: usual if is_usual else odd)


statuses = mostly(st.just(200), st.sampled_from([400, 403, 429, 500, 503, 302, 204]) | st.integers(100, 599))
headers = st.dictionaries(
    st.sampled_from(
        ["x-app-usage", "x-business-use-case-usage", "retry-after", "x-fb-trace-id", "facebook-api-version"]
    ),
    st.sampled_from(
        [USAGE, NEGATIVE_WAIT, '{"call_count":1e400}', '{"call_count":NaN}', "[[[", "[" * 9000 + "]" * 9000]
    )
    | st.builds(lambda told, changes: text_of(mutated(json.loads(told), changes)), st.just(USAGE), st.lists(mutations))
    | st.sampled_from(["-1", "1e3", "9" * 400, "٣", "3", "", "Wed, 21 Oct 2026 07:28:00 GMT", "\x00", "\ud800"])
    | st.text(max_size=100),
    max_size=3,
)
few = st.just([]) | st.lists(mutations, max_size=3)
good_bodies = st.builds(lambda told, changes: text_of(mutated(told, changes)), st.sampled_from(GOOD), few)
odd_bodies = st.one_of(
    st.builds(lambda told, changes: text_of(mutated(told, changes)), st.sampled_from(ERRORS), few),
    st.builds(
        lambda told, changes: edited(json.dumps(told).encode(), changes).decode("utf-8", "surrogateescape"),
        st.sampled_from(GOOD + ERRORS),
        st.lists(edits, max_size=3),
    ),
    odd_values.map(text_of),
)
bodies = st.sampled_from([True] * 3 + [False]).flatmap(lambda is_good: good_bodies if is_good else odd_bodies)
odd_items = st.one_of(
    st.builds(
        lambda body, code, more, changes: text_of(mutated(json.loads(item(body, code, more)), changes)),
        bodies, statuses, headers, st.lists(mutations, min_size=1, max_size=2),
    ),
    st.just("null"),
)  # fmt: skip
odd_wholes = bodies | st.sampled_from(["", "<html>", "null", "[]", "[null]", "{}", "\ufeff[]"])
answers = st.builds(
    Sent,
    items=st.lists(mostly(st.builds(item, bodies, statuses, headers), odd_items), min_size=1, max_size=3),
    whole=mostly(st.none(), odd_wholes),
    extra=mostly(st.just(0), st.sampled_from([1, -1])),
    edits=mostly(st.just([]), st.lists(edits, min_size=1, max_size=3)),
    encoding=mostly(st.just("utf-8"), st.sampled_from(["utf-8-sig", "utf-16", "utf-32-le"])),
    status=statuses,
    headers=headers,
)
questions = st.builds(
    lambda some, number: some * 26 if number == 37 else some,  # now and then more than one batch
    st.lists(st.sampled_from(QUESTIONS), min_size=1, max_size=3),
    st.integers(0, 60),
)


def asked(told: list[Sent], wanted: list[Any]) -> tuple[list[Any], set[tuple[str, str, str]]]:
    """Ask; give one reply a question, and all rows that were in what was sent."""
    client, stub = GraphClient("http://graph.invalid", "v26.0"), Stub(told)
    client._transport = stub
    try:
        replies = client.ask(wanted, CallCredential(TOKEN, SECRET))
    except GraphError as error:
        replies = [error] * len(wanted)
    return replies, {row for raw in stub.sent for row in rows_in(raw.body)}


def rows_in(body: bytes) -> set[tuple[str, str, str]]:
    """Find everything that looks like a row, wherever it stands, texts that are JSON themselves included."""
    rows, waiting = set(), [body]
    while waiting:
        told = waiting.pop()
        if isinstance(told, str | bytes):
            try:
                waiting.append(None if told == "" else json.loads(told))
            except (ValueError, RecursionError):
                continue
        elif isinstance(told, list):
            waiting += [one for one in told if isinstance(one, dict | list)]
        elif isinstance(told, dict):
            for kind in ("app", "page"):
                asset = told.get(kind)
                if isinstance(asset, dict) and isinstance(told.get("id"), str) and isinstance(asset.get("id"), str):
                    rows.add((kind, told["id"], asset["id"]))
            waiting += [one for key, one in told.items() if isinstance(one, dict | list) or key == "body"]
    return rows


def assert_known(reply: Any, wanted: Any, rows: set[tuple[str, str, str]]) -> None:
    """See that a reply is one of those the callers know, and fit to be stored."""
    if isinstance(reply, GraphError):
        assert_known_error(reply)
    elif isinstance(wanted, ProfileQuestion):
        assert type(reply) is ProfileAnswer
        assert_storable(reply.name, reply.receipt.trace_id, reply.receipt.version_served)
    else:
        assert type(reply) is LinksAnswer
        assert_storable(reply.receipt.trace_id, reply.receipt.version_served)
        for edge, answer in reply.told.items():
            for row in answer.rows:
                assert re.fullmatch("[0-9]{1,32}", row.id)
                assert re.fullmatch("[0-9]{1,32}", row.asset.id)
                assert (edge.gives, row.id, row.asset.id) in rows
                assert_storable(row.asset.name, row.asset.namespace, row.asset.category, row.asset.link)
        for _, error in reply.refused:
            assert_known_error(error)


def assert_known_error(error: GraphError) -> None:
    assert type(error) in KNOWN
    assert isinstance(error.retryable, bool)
    assert TOKEN not in error.explained
    assert_storable(error.message, error.trace_id)
    assert error.http_status is None or 0 <= error.http_status < 2**15
    assert all(number is None or abs(number) < 2**31 for number in (error.code, error.subcode))
    if isinstance(error, TooManyCalls):
        assert error.wait_seconds is None or 0 < error.wait_seconds <= LONGEST_WAIT


def assert_storable(*texts: str | None) -> None:
    """PostgreSQL takes neither NUL nor lone surrogates."""
    for text in texts:
        assert "\x00" not in (text or "")
        assert (text or "").encode() is not None


def cursor(after: str) -> Any:
    return {"data": [GAME_ROW], "paging": {"next": "x", "cursors": {"after": after}}}


def error_object(**facts: Any) -> Any:
    return {"error": {"message": "(#4) x", "code": 4, **facts}}


WAITS = {"x-business-use-case-usage": NEGATIVE_WAIT}
VERSION = {"facebook-api-version": "v\x00"}


@example([QUESTIONS[2]], [Sent([item(cursor("\ud800"))]), Sent([item(APPS)])]).via("a cursor that no URL can carry")
@example([QUESTIONS[0]], [Sent([item(GOOD[0], headers={"x-fb-trace-id": "\ud800"})])]).via("a trace ID of no text")
@example([QUESTIONS[0]], [Sent([item(GOOD[0], headers=VERSION)])]).via("a version with NUL")
@example([QUESTIONS[0]], [Sent([item("{}", 10**30)])]).via("a status that no column holds")
@example([ProfileQuestion(PSID)], [Sent([item(error_object(code=10**30))])]).via("a code that no column holds")
@example([QUESTIONS[0]], [Sent([item(error_object(error_subcode=10**30))])]).via("a subcode that no column holds")
@example([QUESTIONS[0]], [Sent([item(error_object(fbtrace_id="\x00"))])]).via("an error's trace ID of no text")
@example([QUESTIONS[0]], [Sent([item(error_object(), 403, WAITS)])]).via("a wait that is over before it began")
@fuzzed(200)
@given(questions, st.lists(answers, min_size=1, max_size=4))
def test_whatever_graph_answers_is_classified(wanted, told):
    replies, rows = asked(told, wanted)

    assert len(replies) == len(wanted)
    for question, reply in zip(wanted, replies, strict=True):
        assert_known(reply, question, rows)


@fuzzed(100)
@given(
    st.sampled_from(ERRORS), few, st.sampled_from([{}, *GOOD[:6]]), st.booleans(), statuses, headers, questions
)  # fmt: skip
def test_an_error_object_is_never_taken_for_an_answer(error, changes, beside, as_item, status, more, wanted):
    mark = "error" if "error" in error else "error_type"
    spoilt = {**beside, **error, mark: mutated(error[mark], changes)}
    sent = Sent([item(spoilt, status, more)]) if as_item else Sent(whole=text_of(spoilt), status=status, headers=more)

    replies, _ = asked([sent] * 3, wanted)

    assert len(replies) == len(wanted)
    for reply in replies:
        assert isinstance(reply, GraphError)
        assert_known_error(reply)
