"""Every row of the table of errors and faults in ARCHITECTURE.md, driven over the wire."""

import re
from pathlib import Path

import pytest
from django.utils import timezone

from businesses.models import AccessToken
from lookups.asking import resolver
from lookups.asking.starting import ask_about
from lookups.models import Answer, Lookup, PolicyReview, QuotaPool
from tests.certificates import Authority

ARCHITECTURE = Path(__file__).parents[3] / "ARCHITECTURE.md"
REVIEW = "(#200) Your business is currently going through review to access this API."
PROOF = "Invalid appsecret_proof provided in the API argument"
PSID = "12345123"
SUBCODES = (None, 458, 459, 460, 463, 464, 467, 492)
pytestmark = [pytest.mark.django_db, pytest.mark.timeout(60)]


def error(code: int, status: int = 400, **more: object) -> dict:
    return {"error": {"code": code, "status": status, **more}}


def answer(body: str, status: int = 200, **more: object) -> dict:
    return {"answer": {"body": body, "status": status, **more}}


# What stands in the table's first column: the actions that make it, for items (True) or whole answers (False).
DRIVEN: dict[str, list[tuple[bool, dict]]] = {
    "no connection, broken, late or dripping answer": [
        (False, action)
        for action in (
            {"cut": "before"}, {"cut": "headers"}, {"cut": "body"}, {"cut": "short"}, {"drip": 0.05}, {"delay": 9},
        )
    ],
    "a TLS certificate that is not valid; no TLS of version 1.2 or newer": [
        (False, {"tls": how}) for how in ({"days": -1}, {"signed_by_itself": True}, {"host": "192.0.2.7"}, "1.0")
    ],
    "5xx": [(False, answer("<html>", status)) for status in (500, 502, 503, 504)] + [(True, answer("", 502))],
    "1, 2, `is_transient`": [
        (where, action)
        for where in (True, False)
        for action in (error(1, 500), error(2, 503), error(9999, is_transient=True))
    ],
    "a batch item `null`; no items": [
        (True, {"null": True}), (False, {"items": "fewer"}), (False, answer("[]")), (False, answer('{"data": []}')),
    ],
    "4, 17, 32, 341, 613, 80000 to 80099; 429": [
        *((where, error(code)) for where in (True, False) for code in (4, 17, 32, 341, 613, 80001, 80006)),
        (False, answer("{}", 429)),
    ],
    "102, 104; 190 with any subcode": [
        *((where, error(190, subcode=sub)) for where in (True, False) for sub in SUBCODES),
        (True, error(102)), (False, error(104)),
    ],
    "100 with `appsecret_proof` in its text": [(where, error(100, message=PROOF)) for where in (True, False)],
    "3, 10, 200 to 299, 368, 100/2018218, 100/2018247": [
        *((True, error(code, 403)) for code in (3, 10, 200, 210, 299, 368)),
        (True, error(100, subcode=2018218)), (True, error(100, subcode=2018247)),
    ],
    "33, 100/33, 100/2018001, 551, 803": [
        (True, error(33)), (True, error(100, subcode=33)), (True, error(100, subcode=2018001)), (True, error(551)),
        (True, error(803, 404)),
    ],
    "200 with “going through review”": [
        (where, error(200, status, message=REVIEW)) for where in (True, False) for status in (400, 403)
    ],
    "status 200 with HTML, with nothing, or with half of its JSON": [
        (False, answer(body)) for body in ("<html>", "", '[{"code": 200, "bo')
    ] + [(False, {"coding": "broken gzip"}), (True, answer("<html>")), (True, answer("[" * 60 + "]" * 60))],
    "an endless or too large answer": [(False, {"coding": "bomb"}), (True, {"paging": "loop"})],
    "wrong shapes": [
        (True, answer(body)) for body in ("[]", "{}", '{"ids_for_apps": {"data": null}}', '{"id": "1"}')
    ] + [(True, {"paging": "no cursors"}), (False, {"items": "more"})],
    "redirects": [(False, answer("", status)) for status in (301, 302, 307)],
    "any other code": [(True, error(424242)), (True, error(100)), (True, error(12)), (False, error(2500))],
}  # fmt: skip
# The classes and outcomes by which the table speaks of them.
SAID = {
    "tried again": ("waiting", None),
    "waits": ("waiting", None),
    "*token unusable*": ("held", "token"),
    "*proof wrong*": ("held", "proof"),
    "*not visible with this token*": ("done", "not_visible"),
    "*failed*": ("done", "failed"),
    "held": ("held", None),
}


def rows() -> dict[str, tuple[str, str]]:
    """Read the table: what comes, its class, what idlink does."""
    text = ARCHITECTURE.read_text(encoding="utf-8").partition("## What Graph says, and what idlink does")[2]
    table = re.findall(r"^\| (.+?) \| (\w+) \| (.+?) \|$", text.partition("\n## ")[0], flags=re.MULTILINE)
    return {what: (kind, does) for what, kind, does in table}


CASES = [(what, *one) for what, actions in DRIVEN.items() for one in actions]


@pytest.fixture
def turn_tls(start_sandbox, settings, tmp_path, monkeypatch):
    """Put Graph behind TLS, with a certificate of this kind or a version."""

    def turn(how: dict | str) -> None:
        authority = Authority(tmp_path)
        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(authority.path))
        kind, version = (how, []) if isinstance(how, dict) else ({}, [f"--tls-version={how}"])
        settings.IDLINK_GRAPH_URL = start_sandbox(*authority.arguments(**kind), *version).url
        resolver.graph_client.cache_clear()

    return turn


@pytest.fixture
def asked(world, sandbox, settings, turn_tls):
    """Ask about John while this goes wrong; gives the lookup as it stands after one call."""
    settings.IDLINK_GRAPH_DEADLINE = 3.0
    resolver.graph_client.cache_clear()

    def ask(is_item: bool, action: dict) -> Lookup:
        if "tls" in action:
            turn_tls(action["tls"])
        else:
            sandbox.control("rules", [{"match": {"item": is_item}, "action": action}])
        lookup = ask_about(asset=world.page, value=PSID, by=world.user, now=timezone.now())
        assert resolver.resolve_turn("staff", at_once=1, most=1)
        lookup.refresh_from_db()
        return lookup

    return ask


@pytest.mark.parametrize(("what", "is_item", "action"), CASES, ids=str)
def test_a_row_of_the_table_is_true(asked, what, is_item, action):
    kind, does = rows()[what]
    lookup = asked(is_item, action)

    state, outcome = next(meaning for words, meaning in SAID.items() if words in does)
    assert Answer.objects.get().error == kind
    assert lookup.state == state
    assert outcome is None or {lookup.apps_outcome, lookup.pages_outcome} == {outcome}
    assert lookup.why
    assert bool(AccessToken.objects.exclude(last_check__refused_at=None)) == ("the token is marked" in does)
    assert bool(AccessToken.objects.exclude(last_check__doubted_at=None)) == ("is doubted" in does)
    assert bool(PolicyReview.objects.all()) == ("a review opens" in does)
    assert bool(QuotaPool.objects.filter(percent=100)) == ("wait as long as" in does)


def test_the_table_has_no_row_that_is_not_driven():
    cursors = "a cursor that Graph no longer takes"  # takes pages before it: tests/lookups/graph/test_paging.py
    assert set(rows()) - {"what comes", "rows, or an empty list", cursors} == set(DRIVEN)


def test_rows_that_come_twice_link_once(asked):
    lookup = asked(True, {"rows": "duplicate"})

    assert (lookup.state, lookup.apps_outcome) == ("done", "linked")
    assert lookup.scoped_id.matches_out.count() == 2
