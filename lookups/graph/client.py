"""The client: questions in, answers or errors out, each judged alone.

Only POST leaves it, and a single question is a batch of one. Tokens and proofs stand in the form body, so no URL,
header or relative_url holds a secret.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from lookups.graph import edge_by_edge
from lookups.graph.answers import GraphReply, LinksAnswer, Receipt
from lookups.graph.bare_answer import BareAnswer, read_bare
from lookups.graph.batch import BATCH_SIZE, BatchItem, read_items, read_whole, stamped
from lookups.graph.errors import GraphError, UnexpectedAnswer
from lookups.graph.page_by_page import EdgeReading, start_reading
from lookups.graph.profile_fields import read_profile
from lookups.graph.proof import appsecret_proof
from lookups.graph.questions import GraphQuestion, ProfileQuestion, path_of
from lookups.graph.tokens import TokenReport, read_report
from lookups.graph.transport import LARGEST_ANSWER, GraphTransport, HTTPAnswer
from lookups.graph.usage import PoolUsage, read_usage
from lookups.graph.versions import version_in

_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class CallCredential:
    """What calls as one app or Page are made with: its token, and the secret of the app that issued the token."""

    token: str = field(repr=False)
    app_secret: str = field(repr=False)


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
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        """`deadline` ends one POST, after so many seconds, however slowly it drips; `largest_answer` is in bytes."""
        self._base = f"{base_url.rstrip('/')}/"
        self._url = f"{self._base}{version}/"
        self._version = version
        self._transport = GraphTransport(
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            deadline=deadline,
            largest_answer=largest_answer,
        )

    def ask(self, questions: Sequence[GraphQuestion], credential: CallCredential) -> list[GraphReply]:
        """Ask any number of questions and read every edge to its last page; gives one reply for each, in order.

        Raises GraphError if the first POST of a batch fails as a whole: network, token, limit.
        """
        return [reply for batch in _batches(questions) for reply in self._ask_batch(batch, credential)]

    def describe_token(self, token: str, app_token: str, *, app_secret: str = "") -> TokenReport:
        """Ask Graph what a token is, with an app access token of the app that issued it; raises GraphError."""
        answer = self._read(f"{self._url}debug_token", app_token, app_secret, {"input_token": token})
        report = read_report(read_whole(answer))
        return replace(report, version_asked=self._version, version_served=version_in(answer.headers))

    def read(self, path: str, token: str, *, app_secret: str = "", **params: str) -> tuple[Any, tuple[PoolUsage, ...]]:
        """Read what tells of no person; gives the parsed answer and how much of limits is used; raises GraphError.

        With the app's secret the call carries a proof, which some apps demand of every call.
        """
        answer = self._read(f"{self._url}{path}", token, app_secret, params)
        return read_whole(answer), read_usage(answer.headers)

    def try_out(
        self, path: str, token: str, params: Mapping[str, str], *, app_secret: str = "", version: str | None = None
    ) -> BareAnswer:
        """Read just what is said, and give the answer unjudged; raises GraphError if there is none.

        `version` goes in place of the usual one; empty stands for none at all.
        """
        start = self._url if version is None else f"{self._base}{version}/" if version else self._base
        return read_bare(self._read(f"{start}{path}", token, app_secret, params))

    def _read(self, url: str, token: str, app_secret: str, params: Mapping[str, str]) -> HTTPAnswer:
        form = {"access_token": token, **({} if "batch" in params else {"method": "GET"}), **params}
        if app_secret:
            form["appsecret_proof"] = appsecret_proof(token, app_secret)
        return self._transport.post(url, form)

    def _ask_batch(self, questions: Sequence[GraphQuestion], credential: CallCredential) -> list[GraphReply]:
        items = self._post([path_of(question) for question in questions], credential)
        replies: list[GraphReply] = []
        readings: list[EdgeReading] = []
        for position, (question, item) in enumerate(zip(questions, items, strict=True)):
            reply, started = self._first_reply(position, question, item)
            replies.append(reply)
            readings += started
        self._read_on(readings, replies, credential)
        self._ask_edge_by_edge(questions, replies, credential)
        return replies

    def _first_reply(
        self, position: int, question: GraphQuestion, item: BatchItem | GraphError
    ) -> tuple[GraphReply, list[EdgeReading]]:
        """Give what an item replies, and its edges: there may be more to read."""
        if isinstance(item, GraphError):
            return item, []
        receipt = self._receipt(item)
        failure = None
        try:
            if isinstance(question, ProfileQuestion):
                return read_profile(question.node_id, item.body, receipt), []
            readings = [start_reading(position, question, edge, item) for edge in question.edges]
            told = {reading.edge: reading.answer for reading in readings}
            return LinksAnswer(question.node_id, told, receipt), readings
        except UnexpectedAnswer as error:
            failure = error
        return stamped(failure, item), []

    def _read_on(self, readings: Sequence[EdgeReading], replies: list[GraphReply], credential: CallCredential) -> None:
        """Read unfinished edges to their ends, or to a page that can't be had; what was read is told in any case."""
        while readings := [one for one in readings if one.goes_on]:
            batch = readings[:BATCH_SIZE]
            if pause := max(reading.pause for reading in batch):
                time.sleep(pause)
            items = self._post_more([reading.next_path for reading in batch], credential)
            for reading, item in zip(batch, items, strict=True):
                reading.take(item)
                before = replies[reading.position]
                if isinstance(before, LinksAnswer):
                    told = {**before.told, reading.edge: reading.answer}
                    broke_off = before.broke_off or reading.ended_by
                    replies[reading.position] = replace(before, told=told, broke_off=broke_off)

    def _ask_edge_by_edge(
        self, questions: Sequence[GraphQuestion], replies: list[GraphReply], credential: CallCredential
    ) -> None:
        """Ask in parts what was refused as a whole: one edge may be permitted though another is not."""
        parts = {
            position: edge_by_edge.split(question)
            for position, question in enumerate(questions)
            if edge_by_edge.worth_splitting(question, replies[position])
        }
        answered = iter(self._ask_parts([part for of_one in parts.values() for part in of_one], credential))
        for position, of_one in parts.items():
            replies[position] = edge_by_edge.joined(replies[position], of_one, list(islice(answered, len(of_one))))

    def _ask_parts(self, parts: Sequence[GraphQuestion], credential: CallCredential) -> list[GraphReply]:
        """Ask parts of questions; a failure of a whole POST is that of each part in it."""
        replies: list[GraphReply] = []
        for batch in _batches(parts):
            failure = None
            try:
                replies += self._ask_batch(batch, credential)
            except GraphError as error:
                failure = error
            if failure:
                replies += [failure] * len(batch)
        return replies

    def _post_more(self, paths: Sequence[str], credential: CallCredential) -> Sequence[BatchItem | GraphError]:
        """POST follow-up pages; a failure of the whole POST is that of each page."""
        failure = None
        try:
            return self._post(paths, credential)
        except GraphError as error:
            failure = error
        return [failure] * len(paths)

    def _post(self, paths: Sequence[str], credential: CallCredential) -> list[BatchItem | GraphError]:
        form = {
            "access_token": credential.token,
            "appsecret_proof": appsecret_proof(credential.token, credential.app_secret),
            "include_headers": "true",
            "batch": _compact([{"method": "GET", "relative_url": path} for path in paths]),
        }
        return read_items(self._transport.post(self._url, form), expected=len(paths))

    def _receipt(self, item: BatchItem) -> Receipt:
        return Receipt(
            http_status=item.status,
            trace_id=item.trace_id,
            version_asked=self._version,
            version_served=version_in(item.headers),
            received_at=datetime.now(UTC),
            usage=read_usage(item.headers),
        )


def _batches(questions: Sequence[GraphQuestion]) -> Iterator[Sequence[GraphQuestion]]:
    for start in range(0, len(questions), BATCH_SIZE):
        yield questions[start : start + BATCH_SIZE]
