"""`check_graph` finds what is true of a Graph, whichever way it behaves, and writes nothing down that names anybody."""

import json
import stat
from dataclasses import fields
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from businesses.models import AccessToken, Asset, Business
from lookups.asking import resolver
from lookups.assumptions.subjects import interview_with
from lookups.assumptions.table import ASSUMPTIONS, NOT_ASKED
from lookups.models import Answer, Lookup, PolicyReview, ScopedID
from lookups.sandbox.api.switches import Switches
from tests.lookups.asking.single import ask, resolve
from tests.lookups.asking.test_switches import SETTINGS

BY_SWITCH = {one.switch: one for one in ASSUMPTIONS}
DEFAULTS = {one.name: str(one.default) for one in fields(Switches)}
ASKED = [one for one in SETTINGS if one.partition("=")[0] in BY_SWITCH and one != "use_case_2=managing_or_refused"]


@pytest.fixture
def johns(world) -> Business:
    """A business with a person who is known to a Page, to the app that manages it, and to another app."""
    resolve(ask(world, world.page, "12345123"))
    return world.page.business


def shown(value: object) -> str:
    return {"True": "on", "False": "off"}.get(str(value), str(value))


def check_graph(business: Business, tmp_path) -> tuple[dict, str]:
    """The document, and what the command printed."""
    out, said = tmp_path / "found.json", StringIO()
    call_command("check_graph", business=business.graph_id, out=out, stdout=said)
    return json.loads(out.read_text()), said.getvalue()


@pytest.mark.parametrize("setting", ASKED)
def test_each_way_in_which_graph_may_differ_is_found(johns, sandbox, setting):
    switch, _, value = setting.partition("=")
    sandbox.control("switches", {switch: value})
    talk = interview_with(resolver.graph_client(), johns, now=timezone.now())

    assert BY_SWITCH[switch].ask(talk) == value


def test_what_is_found_at_a_sandbox_as_it_comes_are_its_defaults(johns, tmp_path):
    document, said = check_graph(johns, tmp_path)

    assert {one["switch"]: one["value"] for one in document["found"]} == {
        switch: shown(DEFAULTS[switch]) for switch in BY_SWITCH
    }
    assert {one["switch"] for one in document["not found"]} == set(NOT_ASKED)
    assert "--switch usage_headers=both" in document["sandbox"]
    assert (document["graph"], document["version asked"]) == ("a sandbox", "v26.0")
    assert "use_case_2: any_app" in said


def test_the_file_names_nobody_and_holds_no_secret_and_is_its_owners(johns, sandbox, tmp_path):
    _, said = check_graph(johns, tmp_path)
    text = (tmp_path / "found.json").read_text() + said.replace(str(tmp_path), "")

    told = [one for business in sandbox.world["businesses"] for one in [*business["apps"], *business["pages"]]]
    secrets = [one[key] for one in told for key in ("token", "secret") if key in one]
    ids = [*Asset.objects.values_list("graph_id", flat=True), *ScopedID.objects.values_list("value", flat=True)]
    names = [*Asset.objects.values_list("name", flat=True), *Business.objects.values_list("name", flat=True), "John"]
    assert secrets
    assert [one for one in (*secrets, *ids, *names, johns.graph_id) if one in text] == []
    assert stat.S_IMODE((tmp_path / "found.json").stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="already"):
        call_command("check_graph", business=johns.graph_id, out=tmp_path / "found.json")


def test_it_reads_only_and_stores_nothing(johns, sandbox, tmp_path):
    before = [list(model.objects.values()) for model in (Answer, Lookup, AccessToken, ScopedID)]
    sandbox.control("reset", {})

    check_graph(johns, tmp_path)

    assert [list(model.objects.values()) for model in (Answer, Lookup, AccessToken, ScopedID)] == before
    calls = sandbox.journal()
    assert {one["method"] for one in calls if one["path"] != "/"} == {"GET"}
    assert len(calls) < 60
    assert not any("|" in one["path"] for one in calls)


def test_a_limit_ends_the_asking_and_what_was_found_is_told(johns, sandbox, tmp_path):
    error = {"status": 400, "code": 4, "message": "(#4) Application request limit reached by 12345123"}
    sandbox.control("rules", [{"match": {"path": "debug_token"}, "action": {"error": error}}])

    document, _ = check_graph(johns, tmp_path)

    assert document["found"]
    whys = [one["why"] for one in document["not found"]]
    assert whys.count("Graph stopped the asking: TooManyCalls, error 4.") > 5
    assert [one["path"] for one in sandbox.journal()][-1] == "/debug_token", "and nothing was asked after it"


def test_a_business_that_may_not_be_asked_about_is_not(johns, sandbox, tmp_path):
    sandbox.control("reset", {})
    Business.objects.update(policy_confirmed_at=None)
    with pytest.raises(CommandError, match="Nobody has confirmed Meta's policy"):
        check_graph(johns, tmp_path)

    Business.objects.update(policy_confirmed_at=timezone.now())
    now = timezone.now()
    PolicyReview.objects.create(business=johns, opened_at=now, last_answer_at=now, next_probe_at=now, code=200)
    with pytest.raises(CommandError, match="Meta is reviewing"):
        check_graph(johns, tmp_path)

    assert sandbox.journal() == []


def test_a_business_of_which_nobody_is_known_shows_what_it_can(world, tmp_path):
    document, _ = check_graph(world.page.business, tmp_path)

    assert document["found"] == []
    assert {"It needs an app with a working token and a person who is known there."} <= {
        one["why"] for one in document["not found"]
    }


def test_every_switch_is_asked_about_or_has_a_cause_why_not():
    assert BY_SWITCH.keys() | NOT_ASKED.keys() == {one.name for one in fields(Switches)}
    assert not BY_SWITCH.keys() & NOT_ASKED.keys()
    assert all(one.question.endswith((".", "?")) for one in ASSUMPTIONS)
