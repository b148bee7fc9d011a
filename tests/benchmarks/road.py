"""idlink's whole road: waiting lookups claimed, asked and stored, on the database that DATABASE_URL names."""

from tests.benchmarks.installation import check_stored, install, resolver
from tests.benchmarks.measuring import measured, order, report
from tests.benchmarks.questions import truths

AT_ONCE = 16


def drain(at_once: int) -> None:
    """Resolve all that is due."""
    while resolver.resolve_turn("staff", at_once=at_once):
        pass


def main() -> None:
    """Measure it."""
    given = order()
    expected = truths(given.people)
    install(given.url, expected)
    _, figures = measured(lambda: drain(at_once=AT_ONCE), given)
    check_stored(expected)
    report(figures)


if __name__ == "__main__":
    main()
