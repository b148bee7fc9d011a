"""An answer of Graph as it came, unjudged: for finding out how the real Graph behaves where its guide is silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lookups.graph import bounded_json
from lookups.graph.errors import GraphError
from lookups.graph.recognition import recognise, without_json
from lookups.graph.transport import HTTPAnswer


@dataclass(frozen=True)
class BareAnswer:
    """`body` is parsed JSON, None if it was none; names of headers are in lower case. `error` is what it stands for."""

    status: int
    headers: Mapping[str, str]
    body: Any
    error: GraphError | None


def read_bare(answer: HTTPAnswer) -> BareAnswer:
    """Read an answer of any status; never raises."""
    body, error = None, None
    try:
        body = bounded_json.parse_json(answer.body)
    except bounded_json.NotJSON:
        error = without_json(answer.status)
    if isinstance(body, dict) and "error" in body:
        error = recognise(body, http_status=answer.status)
    elif error is None and answer.status != 200:
        error = without_json(answer.status)
    return BareAnswer(answer.status, answer.headers, body, error)
