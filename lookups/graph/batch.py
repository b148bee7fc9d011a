"""A batch: up to fifty questions in one POST. Its answer holds small HTTP answers in order (wire contract, 6.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookups.graph import bounded_json
from lookups.graph.errors import GraphError, ServerTrouble, TooManyCalls, UnexpectedAnswer, clean
from lookups.graph.recognition import recognise, without_json
from lookups.graph.transport import HTTPAnswer
from lookups.graph.usage import read_usage

BATCH_SIZE = 50  # questions Graph takes in one POST
LONGEST_WAIT = 6 * 3600.0  # seconds; a limit that asks for more is tried again then
LONGEST_TRACE_ID = 64
# Headers that Graph may send with the whole batch alone; they are about each of its items, too.
_OF_ALL = ("x-app-usage", "x-business-use-case-usage", "retry-after", "facebook-api-version")
_READ = frozenset((*_OF_ALL, "x-fb-trace-id"))  # each item brings a dozen headers


@dataclass(frozen=True)
class BatchItem:
    """One answered item; `body` is parsed JSON, `headers` are those that are read, their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def trace_id(self) -> str:
        """Meta's name for this call."""
        return clean(_trace_id(self.headers))


def read_items(answer: HTTPAnswer, *, expected: int) -> list[BatchItem | GraphError]:
    """Give an item or an error for each of `expected` questions; raises GraphError if the whole batch failed."""
    items = read_whole(answer)
    if not isinstance(items, list) or not items:
        # Seen for batches that Graph could not finish.
        raise ServerTrouble("Graph gave no answers to a batch.", http_status=answer.status)
    if len(items) != expected:
        raise UnexpectedAnswer(f"Graph gave {len(items)} answers to a batch of {expected}.", http_status=answer.status)
    of_all = {name: answer.headers[name] for name in _OF_ALL if name in answer.headers}
    return [_item(item, answer.status, of_all) for item in items]


def read_whole(answer: HTTPAnswer) -> Any:
    """Parse a whole answer; raises what an error object, a redirect or a page of HTML stands for."""
    if 300 <= answer.status < 400:
        raise UnexpectedAnswer("Graph sent us elsewhere; redirects are not followed.", http_status=answer.status)
    value = _value_or_error(answer.body, answer.status, answer.headers)
    if isinstance(value, GraphError):
        raise value
    return value


def stamped(error: GraphError, item: BatchItem) -> GraphError:
    """Give the error the trace ID and the status of the item that it was found in."""
    error.trace_id = error.trace_id or item.trace_id
    error.http_status = error.http_status or item.status
    return error


def _item(item: Any, batch_status: int, of_all: Mapping[str, str]) -> BatchItem | GraphError:
    if item is None:
        return ServerTrouble("Graph did not finish this part of a batch in time.", http_status=batch_status)
    # A status is stored in a small column.
    if not isinstance(item, dict) or type(item.get("code")) is not int or not 100 <= item["code"] < 600:
        return UnexpectedAnswer("Graph's answer to a part of a batch has no status.", http_status=batch_status)
    status, headers, body = item["code"], {**of_all, **_headers(item.get("headers"))}, item.get("body")
    if not isinstance(body, str):
        return without_json(status, trace_id=_trace_id(headers))
    value = _value_or_error(body, status, headers)
    return value if isinstance(value, GraphError) else BatchItem(status, headers, value)


def _value_or_error(text: str | bytes, status: int, headers: Mapping[str, str]) -> Any:
    """Give the JSON value of an answer with status 200; of any other answer the GraphError that it stands for."""
    value, readable = None, True
    try:
        value = bounded_json.parse_json(text)
    except bounded_json.NotJSON:
        readable = False
    if isinstance(value, dict) and ("error" in value or "error_type" in value):
        return _with_wait(recognise(value, http_status=status, trace_id=_trace_id(headers)), headers)
    if readable and status == 200:
        return value
    return without_json(status, trace_id=_trace_id(headers))


def _trace_id(headers: Mapping[str, str]) -> str:
    return headers.get("x-fb-trace-id", "")[:LONGEST_TRACE_ID]


def _headers(pairs: Any) -> dict[str, str]:
    told = {}
    for pair in pairs if isinstance(pairs, list) else ():
        name, value = (pair.get("name"), pair.get("value")) if isinstance(pair, dict) else (None, None)
        if isinstance(name, str) and isinstance(value, str) and (name := name.lower()) in _READ:
            told[name] = value
    return told


def _with_wait(error: GraphError, headers: Mapping[str, str]) -> GraphError:
    """Tell a limit how long to wait: by Retry-After where it is sent, else by the usage headers."""
    if isinstance(error, TooManyCalls):
        minutes = max((pool.regain_minutes for pool in read_usage(headers)), default=0.0)
        after = headers.get("retry-after", "")
        seconds = float(after) if re.fullmatch("[0-9]{1,9}", after) else minutes * 60
        error.wait_seconds = min(seconds, LONGEST_WAIT) or None
    return error
