"""No log line tells what a request brought: an ID, a token, a secret and a name in path, query, header and body."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import DictConfigurator

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from businesses.models import Role
from idlink.urls import urlpatterns as real
from tests.makers import make_business
from tests.pages import member

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.idlink.test_log_lines")]
CANARIES = {
    "id": "98765432101234567",
    "token": "EAABcanary" + "wzLixnjYBO" * 3,
    "secret": "0123456789abcdef0123456789abcdef",
    "name": "Ana-Canary",
}
EVERYTHING = "--".join(CANARIES.values())
HEADERS = {"User-Agent": EVERYTHING, "X-Forwarded-For": EVERYTHING, "Referer": f"https://x.example/?q={EVERYTHING}"}


def provoked(request: HttpRequest, what: str, status: int) -> HttpResponse:
    """Answer with a status, in the way of code that repeats what it was given."""
    errors = {400: BadRequest, 403: PermissionDenied, 500: RuntimeError, 499: SuspiciousOperation}
    if status in errors:
        try:
            raise ValueError(f"cause: {what}")
        except ValueError as cause:
            raise errors[status](f"no {what} of {request.POST.dict()}") from cause
    return HttpResponse(status=status)


urlpatterns = [*real, path("provoked/<str:what>/<int:status>/", provoked)]


@pytest.fixture
def log(settings) -> Iterator[StringIO]:
    """What is logged at any level, as an installation would write it."""
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(
        DictConfigurator(settings.LOGGING).configure_formatter(dict(settings.LOGGING["formatters"]["json"]))
    )
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def told(log: StringIO) -> list[dict]:
    """The lines, each of which must be JSON and hold no canary."""
    text = log.getvalue()
    assert [name for name, value in CANARIES.items() if value in text] == []
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 499, 500])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_status_makes_a_line_tell_what_came(log, status, method):
    client = Client(raise_request_exception=False, headers=HEADERS)

    # A token in a query would lead away at once (tests/idlink/test_pasted_tokens.py).
    sent = CANARIES if method == "post" else {name: value for name, value in CANARIES.items() if name != "token"}
    getattr(client, method)(f"/provoked/{EVERYTHING}/{status}/", sent)

    answer, *others = [line for line in told(log) if line["name"].startswith("django")]
    assert others == []
    assert answer["status_code"] == (400 if status == 499 else status)
    assert answer["message"].endswith(f": {method.upper()} provoked/<str:what>/<int:status>/")
    assert "request" not in answer


def test_an_exception_tells_its_kind_its_place_and_its_cause(log):
    Client(raise_request_exception=False).get(f"/provoked/{EVERYTHING}/500/")

    (line,) = [line for line in told(log) if line.get("exc_info")]
    cause, _, effect = line["exc_info"].partition("builtins.ValueError\n")
    assert "in provoked" in cause
    assert effect.rstrip().endswith("builtins.RuntimeError")


def test_addresses_of_ours_that_are_refused_are_not_told_either(log):
    staff = member(make_business(), Role.ADMIN)
    staff.raise_request_exception = False
    strict = Client(enforce_csrf_checks=True, headers={"Origin": f"https://{CANARIES['name']}.example", **HEADERS})

    statuses = [
        staff.get(f"/admin/lookups/person/?{CANARIES['id']}__regex={CANARIES['secret']}").status_code,
        staff.get(f"/admin/lookups/person/{CANARIES['name']}/change/?q={CANARIES['id']}").status_code,
        staff.get(f"/nowhere/{EVERYTHING}/").status_code,
        staff.post("/admin/find/", {"q": f"{CANARIES['name']}\x00"}).status_code,
        staff.post("/admin/find/", {"q": CANARIES["token"]}).status_code,
        strict.post(f"/admin/login/?next=/{CANARIES['id']}", CANARIES).status_code,
        staff.get("/admin/", headers={"Host": f"{CANARIES['name']}.example"}).status_code,
    ]

    assert statuses == [400, 404, 404, 400, 400, 403, 400]
    assert len([line for line in told(log) if line["name"].startswith("django")]) == len(statuses)


def test_failed_log_ins_and_the_lock_out_tell_no_name(log, settings):
    client = Client(headers=HEADERS)
    sent = {"username": CANARIES["name"], "password": CANARIES["secret"]}

    statuses = [client.post("/admin/login/", sent).status_code for _ in range(settings.AXES_FAILURE_LIMIT + 1)]

    assert statuses[-1] == 429
    assert any(line["name"].startswith("axes") for line in told(log))


def test_a_query_string_is_left_out_of_any_line(log):
    logging.getLogger("some.library").warning("GET %s failed; really?", f"https://x.example/a/b?q={EVERYTHING}")

    (line,) = told(log)
    assert line["message"] == "GET https://x.example/a/b failed; really?"
