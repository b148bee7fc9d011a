"""python-facebook-api: fifty persons a call by `ids=`."""

from pyfacebook import GraphAPI

from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import EDGES, Group, check, groups_of, links_in, rows_in, truths

VERSION = "v26.0"


def by_ids(groups: list[Group], url: str) -> dict:
    """Read fifty persons a call, both edges as fields of the node."""
    told = {}
    for group in groups:
        api = GraphAPI(
            app_id=group.app_id, app_secret=group.secret, access_token=group.token, version=VERSION, base_url=f"{url}/"
        )
        for values in group.batches():
            nodes = api.get_objects(ids=",".join(values), fields=",".join(EDGES))
            told |= {(group.scope, value): rows_in(node) for value, node in nodes.items()}
    return told


def main() -> None:
    """Measure it."""
    given = order()
    expected = truths(given.people)
    groups = groups_of(expected)
    told, figures = measured(lambda: by_ids(groups, given.url), given)
    check({question: links_in(rows) for question, rows in told.items()}, expected)
    report(figures)


if __name__ == "__main__":
    main()
