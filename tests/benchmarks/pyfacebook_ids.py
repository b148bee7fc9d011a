"""python-facebook-api: fifty persons a call by `ids=`."""

import requests
from pyfacebook import GraphAPI
from requests.adapters import HTTPAdapter

from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import EDGES, Group, check, groups_of, in_threads, links_in, rows_in, truths_of_one

VERSION = "v26.0"
Nodes = dict[str, dict]  # by the ID that was asked about, as they came in JSON


class Asker:
    """Asks with one client for each token; all threads share as many connections as there are threads."""

    def __init__(self, groups: list[Group], url: str, threads: int) -> None:
        self._session = requests.Session()
        self._session.mount(url, HTTPAdapter(pool_maxsize=threads))
        self._clients = {group.scope: self._client(group, url) for group in groups}

    def ask(self, group: Group, values: tuple[str, ...]) -> Nodes:
        """Read fifty persons in one call, both edges as fields of the node."""
        nodes: Nodes = self._clients[group.scope].get_objects(ids=",".join(values), fields=",".join(EDGES))
        return nodes

    def _client(self, group: Group, url: str) -> GraphAPI:
        client = GraphAPI(
            app_id=group.app_id, app_secret=group.secret, access_token=group.token, version=VERSION, base_url=f"{url}/"
        )
        client.session = self._session
        return client


def by_ids(groups: list[Group], url: str, threads: int) -> dict:
    """Ask about all; gives the rows that tell of each question."""
    asker = Asker(groups, url, threads)
    return {
        (group.scope, value): rows_in(node)
        for group, nodes in in_threads(threads, groups, asker.ask)
        for value, node in nodes.items()
    }


def main() -> None:
    """Measure it."""
    given = order()
    expected = truths_of_one(given.people)
    groups = groups_of(expected)
    told, figures = measured(lambda: by_ids(groups, given.url, given.threads), given)
    check({question: links_in(rows) for question, rows in told.items()}, expected)
    report(figures)


if __name__ == "__main__":
    main()
