"""A batch: up to fifty questions in one request, each answered by itself (wire contract, 6.1)."""

import json
from collections.abc import Callable
from typing import Any

from lookups.sandbox.api.batch_references import named_in, resolved
from lookups.sandbox.api.request import Request, read_request
from lookups.sandbox.world import refusals

MOST_ITEMS = 50
REFERRING = ("relative_url", "body")


def items_of(request: Request) -> list[dict[str, Any]]:
    """Give the items of a batch, from a form or from JSON; raises Refusal."""
    items = request.params["batch"]
    if isinstance(items, str):
        try:
            items = json.loads(items)
        except (ValueError, RecursionError):
            items = None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise refusals.bad_parameter("batch parameter must be a JSON array")
    if len(items) > MOST_ITEMS:
        raise refusals.too_many_in_batch()
    return items


def question_of(item: dict[str, Any], outer: Request) -> Request:
    """Make a request of an item.

    An item without a token of its own takes that of the whole batch. It always takes the batch's proof, which is
    wrong beside a token of its own.
    """
    body = str(item.get("body", "")).encode("utf-8", "replace")
    target = "/" + str(item.get("relative_url", "")).lstrip("/")
    inner = read_request(
        str(item.get("method", "GET")).upper(), target, {}, body, unversioned=outer.version, scheme=outer.scheme
    )
    inherited = {name: outer.text(name) for name in ("appsecret_proof", "appsecret_time")}
    params = {"access_token": outer.token, **inherited, **inner.params}
    has_version = inner.has_version or outer.has_version
    return Request(inner.method, inner.path, inner.version, params, outer.host, has_version=has_version)


def answer_items(request: Request, answer: Callable[[Request, int], Any]) -> list[dict[str, Any] | None]:
    """Answer every item, in order. Raises Refusal.

    `null` stands for an item that was not answered in time. It also stands for one that succeeded and was asked only
    because other items need its answer.
    """
    with_headers = request.text("include_headers").lower() not in ("false", "0")
    answers: list[dict[str, Any] | None] = []
    items = items_of(request)
    needed_by_others = _needed_by_others(items)
    bodies: dict[str, str] = {}
    for index, item in enumerate(items):
        if needed_by_others:
            item = {**item, **{name: resolved(str(item[name]), bodies) for name in REFERRING if name in item}}
        done = answer(question_of(item, request), index)
        headers = [{"name": name, "value": value} for name, value in done.headers.items()]
        kept = {"code": done.status, **({"headers": headers} if with_headers else {}), "body": done.text}
        if needed_by_others and "name" in item:
            bodies[str(item["name"])] = done.text
        left_out = done.status == 200 and item.get("omit_response_on_success", item.get("name") in needed_by_others)
        answers.append(None if left_out or "null" in done.fault else kept)
    return answers


def _needed_by_others(items: list[dict[str, Any]]) -> set[Any]:
    """Name the items that others need: they name one in `depends_on`, or take something from its answer."""
    if not any("name" in item for item in items):
        return set()
    depended = {str(item["depends_on"]) for item in items if "depends_on" in item}
    return depended.union(*(named_in(str(item.get(name, ""))) for item in items for name in REFERRING))
