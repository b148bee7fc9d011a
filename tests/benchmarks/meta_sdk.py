"""Meta's own client, facebook-business: call by call, and in batches of fifty node reads."""

from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession

from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import EDGES, Group, check, groups_of, links_in, rows_in, truths


def api_of(group: Group) -> FacebookAdsApi:
    """Make the client of one token; it keeps its connection between calls."""
    return FacebookAdsApi(FacebookSession(app_id=group.app_id, app_secret=group.secret, access_token=group.token))


def call_by_call(groups: list[Group]) -> dict:
    """Read both edges of each person, one after the other."""
    told = {}
    for group in groups:
        api = api_of(group)
        for value in group.values:
            user = User(value, api=api)
            told[group.scope, value] = [list(user.get_ids_for_apps()), list(user.get_ids_for_pages())]
    return told


def in_batches(groups: list[Group]) -> dict:
    """Read fifty persons a call, both edges as fields of the node."""
    told = {}
    for group in groups:
        api = api_of(group)
        for values in group.batches():
            answers = []
            batch = api.new_batch()
            for value in values:
                User(value, api=api).api_get(
                    fields=EDGES, batch=batch, success=lambda one, kept=answers: kept.append(one.json()), failure=_fail
                )
            batch.execute()
            told |= {(group.scope, value): rows_in(node) for value, node in zip(values, answers, strict=True)}
    return told


def _fail(response: object) -> None:
    raise SystemExit(f"An item of a batch failed: {response}")


def main() -> None:
    """Measure the way that the driver names."""
    given = order("calls", "batches")
    FacebookSession.GRAPH = given.url
    expected = truths(given.people)
    groups = groups_of(expected)
    way = call_by_call if given.way == "calls" else in_batches
    told, figures = measured(lambda: way(groups), given)
    check({question: links_in(rows) for question, rows in told.items()}, expected)
    report(figures)


if __name__ == "__main__":
    main()
