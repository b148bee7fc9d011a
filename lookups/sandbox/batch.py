"""Fifty questions in one request, each judged alone (wire contract, 6.1)."""

import json
from collections.abc import Callable
from typing import Any

from lookups.sandbox import refusals
from lookups.sandbox.request import Request, read

MOST_ITEMS = 50


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

    Without a token of its own it inherits the outer token, and always the outer proof: beside a token of
    its own that is a wrong one.
    """
    body = str(item.get("body", "")).encode("utf-8", "replace")
    target = "/" + str(item.get("relative_url", "")).lstrip("/")
    inner = read(str(item.get("method", "GET")).upper(), target, {}, body, unversioned=outer.version)
    inherited = {name: outer.text(name) for name in ("appsecret_proof", "appsecret_time")}
    params = {"access_token": outer.token, **inherited, **inner.params}
    has_version = inner.has_version or outer.has_version
    return Request(inner.method, inner.path, inner.version, params, outer.host, has_version=has_version)


def answer_items(request: Request, answer: Callable[[Request, int], Any]) -> list[dict[str, Any] | None]:
    """Answer every item, in order; `null` stands for one that was not answered in time. Raises Refusal."""
    with_headers = request.text("include_headers").lower() != "false"
    told = []
    for index, item in enumerate(items_of(request)):
        done = answer(question_of(item, request), index)
        headers = [{"name": name, "value": value} for name, value in done.headers.items()]
        kept = {"code": done.status, **({"headers": headers} if with_headers else {}), "body": done.text}
        told.append(None if "null" in done.fault else kept)
    return told
