"""Reading the answer to a batch: items in order, each a small HTTP answer of its own (wire contract, 6.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookups.graph import bounded_json
from lookups.graph.errors import GraphError, ServerTrouble, TooManyCalls, UnexpectedAnswer, clean
from lookups.graph.recognition import recognise, without_json
from lookups.graph.transport import Raw
from lookups.graph.usage import read_usage

LONGEST_WAIT = 6 * 3600.0


@dataclass(frozen=True)
class Item:
    """One answered item; `body` is parsed JSON, header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def trace_id(self) -> str:
        """Meta's name for this call."""
        return clean(self.headers.get("x-fb-trace-id", "")[:64])


def read_items(raw: Raw, *, expected: int) -> list[Item | GraphError]:
    """Give one item or error for each of `expected` items; raises GraphError if the whole batch failed."""
    told = read_whole(raw)
    if not isinstance(told, list) or not told:
        # Seen for batches that Graph could not finish.
        raise ServerTrouble("Graph gave no answers to a batch.", http_status=raw.status)
    if len(told) != expected:
        raise UnexpectedAnswer(f"Graph gave {len(told)} answers to a batch of {expected}.", http_status=raw.status)
    return [_item(item, raw) for item in told]


def read_whole(raw: Raw) -> Any:
    """Parse an answer that is no item; raises what an error object, a redirect or a page of HTML stands for."""
    trace_id = raw.headers.get("x-fb-trace-id", "")[:64]
    told, readable = None, False
    try:
        told, readable = bounded_json.read(raw.body), True
    except bounded_json.NotJSON:
        readable = False
    if 300 <= raw.status < 400:
        raise UnexpectedAnswer("Graph sent us elsewhere; redirects are not followed.", http_status=raw.status)
    if not readable:
        raise without_json(raw.status, trace_id=trace_id)
    if isinstance(told, dict) and ("error" in told or "error_type" in told):
        raise _with_wait(recognise(told, http_status=raw.status, trace_id=trace_id), raw.headers)
    if raw.status != 200:
        raise without_json(raw.status, trace_id=trace_id)
    return told


def _item(told: Any, raw: Raw) -> Item | GraphError:
    if told is None:
        return ServerTrouble("Graph did not finish this part of a batch in time.", http_status=raw.status)
    # A status has to fit where answers are stored.
    if not isinstance(told, dict) or type(told.get("code")) is not int or not 100 <= told["code"] < 600:
        return UnexpectedAnswer("Graph's answer to a part of a batch has no status.", http_status=raw.status)
    headers = _headers(told.get("headers"))
    status, trace_id = told["code"], headers.get("x-fb-trace-id", "")[:64]
    body, readable = None, isinstance(told.get("body"), str)
    try:
        body = bounded_json.read(told["body"]) if readable else None
    except bounded_json.NotJSON:
        readable = False
    if not readable:
        return without_json(status, trace_id=trace_id)
    if isinstance(body, dict) and ("error" in body or "error_type" in body):
        return _with_wait(recognise(body, http_status=status, trace_id=trace_id), headers)
    return Item(status, headers, body) if status == 200 else without_json(status, trace_id=trace_id)


def _headers(told: Any) -> dict[str, str]:
    pairs = told if isinstance(told, list) else []
    return {
        pair["name"].lower(): pair["value"]
        for pair in pairs
        if isinstance(pair, dict) and isinstance(pair.get("name"), str) and isinstance(pair.get("value"), str)
    }


def _with_wait(error: GraphError, headers: Mapping[str, str]) -> GraphError:
    """Tell a limit how long to wait: by the usage headers, or Retry-After where one is sent."""
    if isinstance(error, TooManyCalls):
        minutes = max((pool.regain_minutes for pool in read_usage(headers)), default=0.0)
        after = headers.get("retry-after", "")
        seconds = float(after) if re.fullmatch("[0-9]{1,9}", after) else minutes * 60
        error.wait_seconds = min(seconds, LONGEST_WAIT) or None
    return error
