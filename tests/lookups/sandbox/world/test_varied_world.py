"""Worlds made up by chance, and as broken as they say they are."""

from lookups.sandbox.control.describing import describe
from lookups.sandbox.control.initial_events import apply_initial_events
from lookups.sandbox.graph import Graph
from lookups.sandbox.world.varied_world import varied
from lookups.sandbox.world.world_files import world_named
from tests.contract.wire import ask


def test_the_same_seed_makes_the_same_varied_world():
    assert varied("7") == varied("7")
    assert varied("7") != varied("8")


def test_two_hundred_varied_worlds_stand_and_hold_everything_that_can_be_amiss():
    events, has, businesses, unowned, shared, reviewed = set(), set(), set(), 0, 0, 0
    for seed in map(str, range(200)):
        told, world = varied(seed), world_named("varied", people=5, seed=seed)
        graph = Graph(world)
        apply_initial_events(graph)
        graph.reset()
        described = describe(world)
        businesses.add(len(described["businesses"]))
        unowned += "without_business" in described
        events |= {(event, body.get("because")) for one in told["happened"] for event, body in one.items()}
        assets = [*told["apps"], *told["pages"]]
        has |= {value.split()[0] for one in assets for value in one.get("client_has", {}).values()}
        shared += any("clients" in one for one in assets)
        reviewed += any(one.get("under_review") for one in told["businesses"])

    assert businesses == {1, 2, 3, 4}
    assert {"usage", "assets", "secrets", "tokens"} == {event for event, _ in events}
    assert {"expired", "password changed", "app removed", "role lost", "permission removed"} <= {
        why for _, why in events
    }
    assert has == {"none", "wrong", "garbage", "of", "by"}
    assert min(unowned, shared, reviewed) > 30


def test_a_varied_world_is_served(start_sandbox):
    sandbox = start_sandbox("--world", "varied", "--seed", "3")
    business = sandbox.world["businesses"][0]

    owned = ask(sandbox, f"{business['id']}/owned_apps", business["system_token"]).body["data"]

    assert {row["id"] for row in owned} <= {app["id"] for one in sandbox.world["businesses"] for app in one["apps"]}
