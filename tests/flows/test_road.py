"""The whole road with real processes: from a pasted ID to the person's page."""

import base64
import hashlib
import json
import os
import re
import signal
import stat
from collections import Counter
from pathlib import Path
from urllib.parse import quote
from zipfile import ZipFile

import pytest
import requests

from lookups.management.processes import stop_all
from lookups.sandbox.world.default_world import JOHNS
from tests.faults.list_stack import SentList, told
from tests.flows import restored
from tests.stack import Stack, Visitor, wait_for

PEOPLE, ROWS = 2000, 600
INVARIANTS = 14  # lines of check_invariants
AT_LENGTH = os.environ.get("FAULTS") == "at length"
SETTINGS = {
    "IDLINK_LEASE_SECONDS": "5",
    "IDLINK_GRAPH_DEADLINE": "20",
    "IDLINK_PROBE_HOURS": "0.0002",
    "IDLINK_CALLS_AT_ONCE": "2",
}
JOHN = {
    "12345123": "John's Next Great Thing",
    "645195294": "JohnsMovieApp",
    "10152368852405295": "John's Game App",
}


@pytest.fixture
def visitor(stack: Stack) -> Visitor:
    return stack.login()


def linked_ids(page: requests.Response) -> set[str]:
    """The IDs in the cells of a person page."""
    return set(re.findall(r'data-copy="(\d+)"', page.text))


def test_each_of_johns_ids_leads_to_the_same_one_person(visitor):
    addresses = set()
    for value, asset in JOHN.items():
        page = visitor.find(value)
        if "/person/" not in page.url:
            page = visitor.wait(visitor.ask(value, asset))
        assert linked_ids(page) == set(JOHN)
        assert "John Smith" in page.text
        addresses.add(page.url)

    assert len(addresses) == 1


def test_the_asid_alone_finds_the_same_ids_as_the_psid(stack, visitor):
    person = visitor.wait(visitor.ask("66001234567", "JohnsMovieApp"))

    assert linked_ids(person) == {"66001234567", "77001234567"}
    assert "Omar Haddad" in person.text
    assert "asked, none" in person.text


def test_an_id_of_a_business_under_review_is_held_with_graphs_own_words(stack, visitor):
    page = visitor.wait(visitor.ask("3456789013", "Quiet Lab Bot"))

    assert "<strong>Held.</strong>" in page.text
    assert "is under review by Meta" in page.text
    assert "(#200) Your business is currently going through review to access this API." in page.text
    trace_id = stack.sql("SELECT trace_id FROM lookups_policyreview WHERE closed_at IS NULL")[0][0]
    assert trace_id
    assert trace_id in page.text


def test_the_end_of_a_review_lets_held_lookups_go_on_by_themselves(stack, visitor):
    held = visitor.wait(visitor.ask("3456789014", "Quiet Lab Bot"))
    assert "<strong>Held.</strong>" in held.text
    lab = next(b for b in stack.sandbox.world["businesses"] if b["name"] == "Quiet Lab")

    stack.sandbox.control("reviews", {"business": lab["id"], "under_review": False})

    def gone_on() -> bool:
        return not stack.sql("SELECT 1 FROM lookups_lookup WHERE state <> 'done'")

    wait_for(gone_on, "the held lookups", seconds=30)
    person = visitor.get(held.url.removeprefix(stack.url))
    assert linked_ids(person) == {"3456789014"}
    assert "is under review by Meta" not in person.text
    stack.sandbox.reset()


def test_killing_the_worker_during_a_lookup_and_starting_it_again_finishes_the_lookup(stack, visitor):
    stack.sandbox.control("latency", {"seconds": 3})
    page = visitor.ask("00123456789", "John's Fan Club")

    wait_for(lambda: bool(stack.sql("SELECT 1 FROM lookups_lookup WHERE state = 'claimed'")), "the claim")
    stack.kill("worker")
    assert stack.sql("SELECT 1 FROM lookups_lookup WHERE state = 'claimed'")
    stack.sandbox.control("latency", {"seconds": 0})
    stack.processes["worker"].start()

    person = visitor.wait(page, seconds=60)
    assert linked_ids(person) == {"00123456789"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abc", "is not an ID: an ASID or PSID consists of the digits 0 to 9 only"),
        ("", "Paste an ID first"),
        ("9" * 300, "has 300 digits; an ID has at most 32"),
        ("1.01524E+16", "a spreadsheet has turned into a number"),
        ("１２３", "consists of the digits 0 to 9 only"),
    ],
)
def test_what_is_no_id_gets_its_own_message(visitor, text, message):
    assert message in visitor.find(text).text


def test_an_id_unknown_to_graph_says_so_and_what_to_check(visitor):
    page = visitor.wait(visitor.ask("99999999", "JohnsMovieApp"))

    assert "does not exist, cannot be loaded due to missing permissions" in page.text
    assert "Check that the ID was copied whole" in page.text
    assert "not visible with this token" in page.text


def test_a_page_without_a_token_is_named_before_anything_is_asked(stack, visitor):
    stack.manage("shell", "-c", "from businesses.models import *; AccessToken.objects.filter("
                 "asset__name='North Harbour Desk').delete()")  # fmt: skip

    page = visitor.ask("2345678901", "North Harbour Desk")

    assert "“North Harbour Desk” has no page access token." in page.text
    assert "Add one under Access tokens." in page.text
    assert not [call for call in stack.sandbox.journal() if "2345678901" in call["path"]], (
        "tokens may be checked meanwhile"
    )


def test_a_refused_token_is_marked_and_named(stack, visitor):
    site = stack.sandbox.asset("North Harbour Ferries")
    stack.sandbox.control("tokens", {"token_of": {"app": site["id"]}, "refuse": {"code": 190, "subcode": 463}})

    page = visitor.wait(visitor.ask("10205803704039272", "North Harbour Ferries"))
    assert "token unusable" in page.text
    assert "Session has expired" in page.text

    again = visitor.ask("10205803704039272", "North Harbour Ferries")
    assert "Graph refused the app access token of “North Harbour Ferries”" in again.text
    stack.sandbox.reset()


def test_asking_only_one_page_uses_the_guides_filter(stack, visitor):
    person = visitor.wait(visitor.ask("88001234567", "John's Fan Club"))
    cell = re.search(r'name="asset" value="(\d+)">\s*<button[^>]*>Ask only this Page', person.text)
    assert cell

    answered = visitor.wait(visitor.post(re.search(r'action="([^"]+/ask/)"', person.text)[1], person, asset=cell[1]))

    assert linked_ids(answered) == linked_ids(person)
    assert any(entry["params"].get("page") for entry in stack.sandbox.journal()[-3:])


def test_only_posts_without_secrets_in_their_addresses_reach_graph(stack):
    log = stack.sandbox.journal()

    assert log
    assert all("access_token" not in entry["path"] for entry in log)
    outer = [entry for entry in log if entry["path"] == "/"]
    assert outer
    assert {entry["method"] for entry in outer} == {"POST"}


def test_every_line_of_every_log_is_json(stack: Stack):
    for line in filter(None, stack.logs().splitlines()):
        assert json.loads(line)["levelname"], line


def test_no_log_of_any_process_tells_what_a_request_brought(stack, visitor):
    canary = "98765432101234567-canary"
    visitor.find(canary)
    refused = (
        f"nowhere/{canary}/?q={canary}",
        f"admin/lookups/person/?{canary}__regex=x",
        f"admin/find/?q={canary}%00",
    )
    for path in refused:
        assert visitor.get(f"/{path}").status_code in (400, 404)
    forged = visitor.session.post(f"{stack.url}/admin/find/", {"q": canary}, headers={"Referer": f"http://{canary}/"})

    assert forged.status_code == 403
    logs = stack.logs()
    assert "django.security.csrf" in logs, "the sweep must look where requests are logged"
    assert canary not in logs


def test_no_secret_is_in_any_log_page_or_column(stack):
    secrets = list(stack.keys.values())
    for business in stack.sandbox.world["businesses"]:
        for asset in [*business["apps"], *business["pages"]]:
            secrets += [asset["token"], asset.get("secret", asset["token"])]
    visitor = stack.login()
    for path in ("businesses/accesstoken", "businesses/facebookapp", "businesses/page", "lookups/lookup",
                 "lookups/person", "lookups/policyreview", "businesses/business", "auth/user"):  # fmt: skip
        page = visitor.get(f"/admin/{path}/")
        for link in set(re.findall(rf'href="(/admin/{path}/\d+/change/[^"]*)"', page.text)):
            visitor.get(link)
    places = {"logs": stack.logs(), "database": stack.dump(), "pages": "\n".join(visitor.seen)}
    files = [path for path in (stack.folder / "broker").rglob("*") if path.is_file()]
    places["broker"] = "\n".join(path.read_text(errors="replace") for path in files)

    assert found_in(places, secrets) == []
    for parameter in ("access_token=", "appsecret_proof=", "client_secret="):
        assert parameter not in places["database"]
    planted = {place: text + base64.b64encode(secrets[-1].encode()).decode() for place, text in places.items()}
    assert {place for place, _ in found_in(planted, secrets)} == set(places), "the sweep must find what is there"
    assert "12345123" in places["database"], "the sweep must look where the data is"


@pytest.fixture
def new_place(stack, request, tmp_path):
    """An empty place to restore to; what is started there is stopped."""
    place = stack.elsewhere(tmp_path, "" if stack.is_sqlite else request.getfixturevalue("postgres").new_database())
    yield place
    stop_all(list(place.processes.values()))


@pytest.mark.long
@pytest.mark.timeout(240)
def test_a_backup_in_mid_import_restored_elsewhere_asks_nothing_by_itself_and_nothing_twice(stack, visitor, new_place):
    stack.sandbox.reset()
    stack.sandbox.control("latency", {"seconds": 0.5})
    sent, backup = restored.send_list(stack, ROWS, PEOPLE), new_place.folder / "a.backup"
    sent.wait_until_part_is_done(0.05)
    stack.sandbox.control("latency", {"seconds": 6, "spread": 9})

    _back_up_under_load(stack, visitor, backup)

    assert not sent.is_over, "the backup was taken in mid-import"
    stack.sandbox.control("latency", {})
    _demand_no_secret_in(backup, stack)
    if AT_LENGTH:
        _kill_while_restoring(new_place, backup)
    again = _restore(new_place, backup, sent)
    sent.wait(90)
    sent.check()
    _demand_nothing_asked_twice(new_place, again)
    links, expected = dict(again._links()), dict(sent._links())
    assert {one: links[one] for one in sent.asked} == {one: expected[one] for one in sent.asked}
    stack.sandbox.reset()


def _restore(place: Stack, backup: Path, sent: SentList) -> SentList:
    """Restore to another place, and demand that all is sound there; gives the list as it stands there."""
    said = place.manage("restore", str(backup))
    assert all(line.endswith(": 0") for line in said.splitlines()[-INVARIANTS:]), said
    assert ": 0 differences" in place.manage("rebuild_people", "--business", JOHNS, "--check")
    assert place.sql("SELECT COUNT(*) FROM django_session") == [(0,)]
    assert hashlib.sha256(sent.path.read_bytes()).hexdigest() in restored.kept_lists(place)
    again = restored.same_list(sent, place)
    assert again.counts["state"] == "paused"
    assert not again.is_over, "and its sum meets"
    assert 0.05 * ROWS <= again.answered < ROWS
    again.check_links()
    return again


def _demand_nothing_asked_twice(place: Stack, again: SentList) -> None:
    """Start what was restored: it asks about nobody before it is let, and then only about who is left."""
    left = {value for _, value in again.asked} - restored.answered(place)
    place.sandbox.reset()
    restored.start(place)
    assert restored.asked_about(place, again) == Counter(), "nothing before somebody lets it go on"

    told(place, restored.GO_ON % again.key)

    again.wait(90)
    again.check()
    assert restored.asked_about(place, again) == Counter(left)


def _back_up_under_load(stack: Stack, visitor: Visitor, backup: Path) -> None:
    """Take a backup while workers, beat and web read and write."""
    with stack.managing("backup", str(backup)) as taking:
        while taking.poll() is None:
            visitor.find(str(10**15 + len(visitor.seen)))
        assert taking.returncode == 0, taking.stderr.read()
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert list(backup.parent.glob("*.unfinished")) == []


def _demand_no_secret_in(backup: Path, stack: Stack) -> None:
    secrets = list(stack.keys.values())
    for business in stack.sandbox.world["businesses"]:
        for asset in [*business["apps"], *business["pages"]]:
            secrets += [asset["token"], asset.get("secret", asset["token"])]
    with ZipFile(backup) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}

    assert found_in({**parts, "file": backup.read_bytes().decode("latin-1")}, secrets) == []
    assert "v1:" in parts["tables/businesses_accesstoken"], "the sweep must look where the tokens are"


def _kill_while_restoring(place: Stack, backup: Path) -> None:
    """A restore that is killed leaves the database as empty as it was."""
    with place.managing("restore", str(backup)) as restoring:
        wait_for(lambda: restored.kept_lists(place) or restoring.poll() is not None, "the files of lists")
        restoring.send_signal(signal.SIGKILL)
    assert restoring.returncode == -signal.SIGKILL, "it had ended before"
    assert restored.tables(place) == []


def found_in(places: dict[str, str], secrets: list[str]) -> list[tuple[str, str]]:
    """Where a secret, or a slice of 20 characters of it, stands: plain, quoted, in hex, in base64."""
    found = []
    for secret in secrets:
        slices = {secret[start : start + 20] for start in range(0, len(secret) - 19, 5)}
        slices |= {quote(secret, safe=""), secret.encode().hex(), secret[::-1]}
        slices |= {base64.b64encode(secret.encode()[shift:]).decode()[:24] for shift in range(3)}
        found += [(place, secret[:3]) for place, text in places.items() if any(part in text for part in slices)]
    return found
