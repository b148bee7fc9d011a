"""The client: questions in, answers or errors out, each judged alone.

Only POST leaves it, a single lookup is a batch of one, and tokens and proofs stand in the form body:
no URL, header or relative_url holds a secret.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lookups.graph import apart
from lookups.graph.answers import (
    EdgeAnswer,
    EdgePage,
    LinksAnswer,
    ProfileAnswer,
    Receipt,
    read_page,
    read_profile,
)
from lookups.graph.batch import Item, read_items, read_whole
from lookups.graph.edges import Edge, LinksQuestion, ProfileQuestion, Question, next_path, path_of
from lookups.graph.errors import GraphError, UnexpectedAnswer, clean
from lookups.graph.proof import appsecret_proof
from lookups.graph.tokens import TokenReport, read_report
from lookups.graph.transport import Raw, Transport
from lookups.graph.usage import PoolUsage, read_usage

BATCH = 50
_compact = json.JSONEncoder(separators=(",", ":")).encode
MOST_PAGES = 1000
Reply = LinksAnswer | ProfileAnswer | GraphError


@dataclass(frozen=True)
class Credential:
    """The token of one app or Page, and the secret of the app that issued it."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)


@dataclass
class _Reading:
    """An edge being read page by page."""

    position: int
    question: LinksQuestion
    edge: Edge
    after: str
    seen: set[str] = field(default_factory=set)
    pages: list[EdgePage] = field(default_factory=list)


class GraphClient:
    """Asks one Graph. Safe to share between threads."""

    def __init__(
        self,
        base_url: str,
        version: str,
        *,
        connect_timeout: float = 5,
        read_timeout: float = 20,
        deadline: float = 30,
        max_body: int = 5 * 1024 * 1024,
    ) -> None:
        """`deadline` bounds one POST, in seconds, however slowly it drips; `max_body` is in bytes."""
        self._url = f"{base_url.rstrip('/')}/{version}/"
        self._version = version
        self._transport = Transport(
            connect_timeout=connect_timeout, read_timeout=read_timeout, deadline=deadline, max_body=max_body
        )

    def ask(
        self,
        questions: Sequence[Question],
        credential: Credential,
    ) -> list[Reply]:
        """Ask up to fifty questions a POST and read every edge to its last page.

        Gives one reply per question, in order.
        Raises GraphError if the first POST as a whole failed: network, token, limit.
        """
        replies: list[Reply] = []
        for start in range(0, len(questions), BATCH):
            replies += self._ask_batch(questions[start : start + BATCH], credential)
        return replies

    def describe_token(self, token: str, app_token: str, *, app_secret: str = "") -> TokenReport:
        """Ask Graph what a token is, with an app access token of the app that issued it; raises GraphError.

        With the app's secret the call carries a proof, which some apps demand of every call.
        """
        form = {"method": "GET", "input_token": token, "access_token": app_token}
        if app_secret:
            form["appsecret_proof"] = appsecret_proof(app_token, app_secret)
        return read_report(read_whole(self._transport.post(f"{self._url}debug_token", form)))

    def read(self, path: str, token: str, *, app_secret: str = "", **asked: str) -> tuple[Any, tuple[PoolUsage, ...]]:
        """Read a node or an edge that tells of no person; gives what came and how much is used; raises GraphError."""
        form = {"method": "GET", "access_token": token, **asked}
        if app_secret:
            form["appsecret_proof"] = appsecret_proof(token, app_secret)
        raw = self._transport.post(f"{self._url}{path}", form)
        return read_whole(raw), read_usage(raw.headers)

    def _ask_batch(self, questions: Sequence[Question], credential: Credential) -> list[Reply]:
        items = self._post([path_of(question) for question in questions], credential)
        replies: list[Reply] = []
        readings: list[_Reading] = []
        for position, (question, item) in enumerate(zip(questions, items, strict=True)):
            reply, started = self._first_reply(position, question, item)
            replies.append(reply)
            readings += started
        self._read_on(readings, replies, credential)
        self._ask_apart(questions, replies, credential)
        return replies

    def _ask_apart(
        self,
        questions: Sequence[Question],
        replies: list[Reply],
        credential: Credential,
    ) -> None:
        """Ask edge by edge what was refused for both edges together: one of them may be permitted."""
        again = [n for n, question in enumerate(questions) if apart.may_help(question, replies[n])]
        for start in range(0, len(again), BATCH // 2):
            chunk = {n: apart.parts_of(questions[n]) for n in again[start : start + BATCH // 2]}
            parts = [part for n in chunk for part in chunk[n]]
            failure = None
            answers: list[Reply] = []
            try:
                answers = self._ask_batch(parts, credential)
            except GraphError as error:
                failure = error
            for n, asked in chunk.items():
                told = [failure or answers.pop(0) for _ in asked]
                replies[n] = apart.joined(replies[n], asked, told)

    def _first_reply(self, position: int, question: Question, item: Item | GraphError) -> tuple[Reply, list[_Reading]]:
        if isinstance(item, GraphError):
            return item, []
        receipt = self._receipt(item)
        failure = None
        try:
            if isinstance(question, ProfileQuestion):
                return read_profile(question.node_id, item.body, receipt), []
            readings = [_start(position, question, edge, item) for edge in question.edges]
            return _links(question, readings, receipt), [reading for reading in readings if reading.after]
        except UnexpectedAnswer as error:
            failure = error
        return _dated(failure, item), []

    def _read_on(
        self,
        readings: Sequence[_Reading],
        replies: list[Reply],
        credential: Credential,
    ) -> None:
        """Read unfinished edges to their ends; an edge that fails makes its question's reply that error."""
        while readings := [r for r in readings if r.after and not isinstance(replies[r.position], GraphError)]:
            chunk, rest = list(readings[:BATCH]), list(readings[BATCH:])
            paths = [next_path(r.question, r.edge, r.after) for r in chunk]
            for reading, item in zip(chunk, self._post_more(paths, credential), strict=True):
                failure = _read_one_more(reading, item)
                before = replies[reading.position]
                if failure:
                    replies[reading.position] = failure
                elif isinstance(before, LinksAnswer):
                    replies[reading.position] = _with_edge(before, reading)
            readings = chunk + rest

    def _post_more(self, paths: Sequence[str], credential: Credential) -> Sequence[Item | GraphError]:
        """POST follow-up pages; a failure of the whole POST is that of each page."""
        failure = None
        try:
            return self._post(paths, credential)
        except GraphError as error:
            failure = error
        return [failure] * len(paths)

    def _post(self, paths: Sequence[str], credential: Credential) -> list[Item | GraphError]:
        form = {
            "access_token": credential.token,
            "appsecret_proof": appsecret_proof(credential.token, credential.app_secret),
            "include_headers": "true",
            "batch": _compact([{"method": "GET", "relative_url": path} for path in paths]),
        }
        raw: Raw = self._transport.post(self._url, form)
        return read_items(raw, expected=len(paths))

    def _receipt(self, item: Item) -> Receipt:
        return Receipt(
            http_status=item.status,
            trace_id=item.trace_id,
            version_asked=self._version,
            version_served=clean(item.headers.get("facebook-api-version", "")[:10]),
            received_at=datetime.now(UTC),
            usage=read_usage(item.headers),
        )


def _start(position: int, question: LinksQuestion, edge: Edge, item: Item) -> _Reading:
    """Read an edge's first page; one that a node leaves out has no rows (wire contract, 1.2)."""
    alone = len(question.edges) == 1 and not question.profile
    if not isinstance(item.body, dict):
        raise UnexpectedAnswer("Graph's answer about an ID is not an object.")
    if not alone and item.body.get("id") != question.node_id:
        # Answers of a batch stand in the order of its questions; this is the proof that they do.
        raise UnexpectedAnswer("Graph's answer is not about the ID that was asked about.")
    told = item.body if alone else item.body.get(edge, {"data": []})
    page = read_page(told, edge)
    return _Reading(position, question, edge, page.after, {page.after}, [page])


def _read_one_more(reading: _Reading, item: Item | GraphError) -> GraphError | None:
    """Add the next page to a reading; gives the error if it can't be had."""
    if isinstance(item, GraphError):
        return item
    failure = None
    try:
        page = read_page(item.body, reading.edge)
    except UnexpectedAnswer as error:
        failure = error
    if failure:
        return _dated(failure, item)
    reading.pages.append(page)
    reading.after = page.after
    if page.after and (page.after in reading.seen or len(reading.pages) >= MOST_PAGES):
        return _dated(UnexpectedAnswer(f"The pages of {reading.edge} go round in a circle."), item)
    reading.seen.add(page.after)
    return None


def _links(question: LinksQuestion, readings: Sequence[_Reading], receipt: Receipt) -> LinksAnswer:
    told = {reading.edge: _edge_answer(reading) for reading in readings}
    return LinksAnswer(question.node_id, told.get(Edge.APPS), told.get(Edge.PAGES), receipt)


def _with_edge(before: LinksAnswer, reading: _Reading) -> LinksAnswer:
    told = {Edge.APPS: before.apps, Edge.PAGES: before.pages, reading.edge: _edge_answer(reading)}
    return LinksAnswer(before.node_id, told[Edge.APPS], told[Edge.PAGES], before.receipt)


def _edge_answer(reading: _Reading) -> EdgeAnswer:
    rows = tuple(row for page in reading.pages for row in page.rows)
    return EdgeAnswer(rows, tuple(reason for page in reading.pages for reason in page.rejected))


def _dated(error: GraphError, item: Item) -> GraphError:
    error.trace_id = error.trace_id or item.trace_id
    error.http_status = error.http_status or item.status
    return error
