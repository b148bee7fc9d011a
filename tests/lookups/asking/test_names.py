"""Names: asked for in the call about the links, once a person; one refusal stands for all people of a token."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.models import Asset, Business, TokenCheck
from lookups.asking.starting import ask_about, ask_again
from lookups.models import Lookup, Profile
from tests.lookups.list_runs import ask_batch
from tests.lookups.people_of_johns import ASID, MOVIE_APP, OMAR_PSID, PAGE, PSID, asset, scoped
from tests.makers import make_token

pytestmark = pytest.mark.django_db
NOT_PERMITTED = {"error": {"code": 10, "status": 403, "message": "(#10) Application does not have permission"}}
BLOCKED = {"error": {"code": 368, "status": 400, "message": "The action attempted has been deemed abusive"}}
NOBODY = "999000111"


@pytest.fixture
def ask(world):
    """Asks about an ID at a time so many hours from now, and lets it be answered."""
    Business.objects.update(read_names=True)

    def ask(value: str, *, of: Asset | None = None, hours: float = 0) -> None:
        now = timezone.now() + timedelta(hours=hours)
        ask_about(asset=of or asset(PAGE), value=value, by=world.user, now=now)
        ask_batch("staff")

    return ask


def names_asked(sandbox) -> list[str]:
    """The IDs whose name was asked for, as the sandbox counts it."""
    items = [entry for entry in sandbox.journal() if "batch" not in entry["params"]]
    return [item["path"].rsplit("/", 1)[-1] for item in items if str(item["params"].get("fields")).startswith("name")]


def refuse_names(sandbox, action) -> None:
    """Refuse the question after that about the links, and the same with fewer fields."""
    sandbox.control("rules", [{"match": {"item": True, "node": PSID, "nth": [2, 3]}, "action": action}])


def test_links_and_name_are_two_items_of_one_batch(ask, sandbox):
    ask(PSID)

    entries = sandbox.journal()
    items = [entry for entry in entries if "batch" not in entry["params"]]
    assert (len(entries) - len(items), len(items)) == (1, 2)
    fields = [entry["params"]["fields"] for entry in items]
    assert [("ids_for" in one, one.startswith("name")) for one in fields] == [(True, False), (False, True)]
    assert Profile.objects.get().name == "John Smith"


def test_the_name_of_a_person_with_several_ids_is_asked_for_once(world, ask, sandbox):
    ask(PSID)
    ask(ASID, of=asset(MOVIE_APP))
    before = len(names_asked(sandbox))

    ask_again(person=scoped(PAGE, PSID).person, by=world.user, now=timezone.now())
    while ask_batch("staff"):
        pass

    assert Lookup.objects.filter(run__kind="again", question="links").count() == 2
    assert len(names_asked(sandbox)) == before + 1


@pytest.mark.parametrize("face", ["no_permission", "no_profile", "unknown", "left_out"])
def test_one_refusal_stands_for_all_people_of_a_page(ask, sandbox, face):
    sandbox.control("switches", {"profile_of_psids": face})

    ask(PSID)
    ask(OMAR_PSID)

    assert names_asked(sandbox) == [PSID]
    assert Lookup.objects.filter(question="links", ending="linked").count() == 2


def test_an_app_is_asked_for_names_though_a_page_is_not(ask, sandbox):
    sandbox.control("switches", {"profile_of_psids": "no_permission"})

    ask(PSID)
    ask(ASID, of=asset(MOVIE_APP))

    assert names_asked(sandbox) == [PSID, ASID]


@pytest.mark.parametrize(
    ("face", "before", "after"), [("no_permission", 23, 25), ("unknown", 0.9, 1.1), ("left_out", 0.9, 1.1)]
)
def test_a_refusal_is_remembered_for_as_long_as_its_reason_suggests(ask, sandbox, face, before, after):
    sandbox.control("switches", {"profile_of_psids": face})
    ask(PSID)

    ask(OMAR_PSID, hours=before)
    assert names_asked(sandbox) == [PSID]
    ask(OMAR_PSID, hours=after)

    assert names_asked(sandbox) == [PSID, OMAR_PSID]


def test_a_new_token_is_asked_for_names_at_once(ask, sandbox):
    sandbox.control("switches", {"profile_of_psids": "no_permission"})
    ask(PSID)
    page = asset(PAGE)
    old = page.tokens.get()
    make_token(page, sandbox.asset(page.name)["token"])
    old.delete()

    ask(OMAR_PSID)

    assert names_asked(sandbox) == [PSID, OMAR_PSID]


@pytest.mark.parametrize("face", ["no_profile", "left_out"])
def test_one_person_without_a_profile_says_nothing_of_a_token_that_gave_names(ask, sandbox, face):
    ask(PSID)
    sandbox.control("switches", {"profile_of_psids": face})
    ask(OMAR_PSID)
    sandbox.control("switches", {"profile_of_psids": "told"})

    ask(NOBODY)

    assert names_asked(sandbox) == [PSID, OMAR_PSID, NOBODY]


def test_an_id_that_the_token_can_not_see_says_nothing_of_names(ask, sandbox):
    ask(NOBODY)
    ask(PSID)

    assert names_asked(sandbox) == [NOBODY, PSID]
    assert TokenCheck.objects.get(token__asset__graph_id=PAGE).names_given_at


@pytest.mark.parametrize(("action", "hours"), [(NOT_PERMITTED, 24), (BLOCKED, 1)])
def test_a_missing_permission_counts_longer_than_a_block(ask, sandbox, action, hours):
    refuse_names(sandbox, action)
    now = timezone.now()

    ask(PSID)

    until = TokenCheck.objects.get(token__asset__graph_id=PAGE).names_refused_until
    assert timedelta(0) <= until - now - timedelta(hours=hours) < timedelta(minutes=5)
