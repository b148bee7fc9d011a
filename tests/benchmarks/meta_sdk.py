"""Meta's own client, facebook-business: batches of fifty node reads."""

from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession
from requests.adapters import HTTPAdapter

from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import EDGES, Group, check, groups_of, in_threads, links_in, rows_in, truths_of_one


def in_batches(groups: list[Group], threads: int) -> dict:
    """Ask about all; gives the rows that tell of each question."""
    connections = HTTPAdapter(pool_maxsize=threads)  # of all threads and tokens
    clients = {group.scope: _client(group, connections) for group in groups}

    def ask(group: Group, values: tuple[str, ...]) -> list[tuple[str, list]]:
        answers = _read(clients[group.scope], values)
        return [(value, rows_in(node)) for value, node in zip(values, answers, strict=True)]

    return {(group.scope, value): rows for group, told in in_threads(threads, groups, ask) for value, rows in told}


def _client(group: Group, connections: HTTPAdapter) -> FacebookAdsApi:
    session = FacebookSession(app_id=group.app_id, app_secret=group.secret, access_token=group.token)
    session.requests.mount(FacebookSession.GRAPH, connections)
    return FacebookAdsApi(session)


def _read(client: FacebookAdsApi, values: tuple[str, ...]) -> list[dict]:
    """Read fifty persons in one call, both edges as fields of the node."""
    answers: list[dict] = []
    batch = client.new_batch()
    for value in values:
        User(value, api=client).api_get(
            fields=EDGES, batch=batch, success=lambda one: answers.append(one.json()), failure=_fail
        )
    batch.execute()
    return answers


def _fail(response: object) -> None:
    raise SystemExit(f"An item of a batch failed: {response}")


def main() -> None:
    """Measure it."""
    given = order()
    FacebookSession.GRAPH = given.url
    expected = truths_of_one(given.people)
    groups = groups_of(expected)
    told, figures = measured(lambda: in_batches(groups, given.threads), given)
    check({question: links_in(rows) for question, rows in told.items()}, expected)
    report(figures)


if __name__ == "__main__":
    main()
