"""The demo's data come from the sandbox, once."""

import copy

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone

from businesses.models import AccessToken, AppSecret, Asset, Business, TokenCheck
from lookups.management.demo_world import demo_user, seed_world

pytestmark = [pytest.mark.django_db, pytest.mark.orm]


def stored() -> dict[str, list[dict[str, object]]]:
    """Every column of every row that seeding writes."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in
            (Business, Asset, AppSecret, AccessToken, TokenCheck)}  # fmt: skip


@pytest.fixture
def world(shared_sandbox):
    return copy.deepcopy(shared_sandbox.world)


def seed(world) -> None:
    seed_world(world, by=demo_user("correct horse"), now=timezone.now())


def test_seeding_stores_the_whole_world_ready_to_ask(world):
    seed(world)

    told = world["businesses"]
    assert Business.objects.count() == len(told) > 1
    assert Asset.objects.apps().count() == sum(len(one["apps"]) for one in told)
    assert Asset.objects.pages().count() == sum(len(one["pages"]) for one in told)
    assert AccessToken.objects.count() == Asset.objects.count()
    assert not Business.objects.filter(policy_confirmed_at=None).exists()
    assert not Business.objects.filter(read_names=False).exists()


def test_seeding_again_changes_nothing(world):
    seed(world)
    before = stored()

    seed(world)

    assert stored() == before


def test_seeding_again_changes_only_what_the_sandbox_tells_differently(world):
    seed(world)
    before = stored()
    page = world["businesses"][0]["pages"][0]
    page["name"] = "Renamed"

    seed(world)

    after = stored()
    assert [row["graph_id"] for row in after["Asset"] if row not in before["Asset"]] == [page["id"]]
    assert {name: rows for name, rows in after.items() if name != "Asset"} == {
        name: rows for name, rows in before.items() if name != "Asset"
    }


def test_the_demos_user_gets_a_new_password_each_time_kept_as_a_hash_only():
    demo_user("first password")
    user = demo_user("second password")

    assert User.objects.count() == 1
    assert user.check_password("second password")
    assert not user.check_password("first password")
    assert "password" not in user.password


def test_the_demo_refuses_an_installation_that_is_no_trial(settings):
    settings.IDLINK_SANDBOX = False

    with pytest.raises(CommandError, match="not a trial installation"):
        call_command("demo", "--seed-only")

    assert not User.objects.exists()
    assert not Business.objects.exists()
