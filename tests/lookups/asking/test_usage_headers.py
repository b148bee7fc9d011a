"""Wherever Graph tells how much of a limit is used, idlink slows down; where it does not tell, a limit stops it."""

import pytest

from lookups.models import QuotaPool
from tests.lookups.asking.single import ask, resolve

PSID, PAGE = "12345123", "380374449010653"


@pytest.mark.parametrize("where", ["both", "outer", "items"])
def test_usage_is_read_wherever_it_stands(world, sandbox, where):
    sandbox.control("switches", {"usage_headers": where})
    sandbox.control("usage", {"of": {"page": PAGE}, "percent": 90, "regain_minutes": 7})

    lookup = resolve(ask(world, world.page, PSID))

    assert lookup.state == "done"
    assert QuotaPool.objects.get(asset=world.page).percent == 90
    assert QuotaPool.objects.get(asset=world.page).wait_until is not None


def test_without_any_header_lookups_go_on_until_the_limit_is_met_and_then_wait(world, sandbox):
    sandbox.control("switches", {"usage_headers": "none"})
    sandbox.control("usage", {"of": {"page": PAGE}, "users": 1, "used": 199})

    first = resolve(ask(world, world.page, PSID))
    assert first.state == "done"
    assert not QuotaPool.objects.exists()

    second = resolve(ask(world, world.page, "77001234567"))
    assert (second.state, second.tries) == ("waiting", 0)
    assert QuotaPool.objects.get(asset=world.page).wait_until is not None


def test_the_minutes_to_wait_may_stand_on_the_whole_answer_alone(world, sandbox):
    sandbox.control("switches", {"usage_headers": "outer"})
    sandbox.control("usage", {"of": {"page": PAGE}, "users": 1, "used": 200})

    lookup = resolve(ask(world, world.page, PSID))

    assert lookup.state == "waiting"
    waits = QuotaPool.objects.get(asset=world.page).wait_until - lookup.created_at
    assert 5.9 * 3600 < waits.total_seconds() < 6.1 * 3600, "a day by the header, and the longest that idlink waits"
