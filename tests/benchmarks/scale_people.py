"""Who is stored by `make bench-scale`, and what was asked when: temporary tables from which the rows are made.

A number follows from a person's number and the purpose, as if by dice, so that the same store comes every time.
"""

from dataclasses import dataclass
from datetime import datetime

from tests.benchmarks.scale_estate import BUSINESSES, REVIEWED
from tests.benchmarks.scale_names import LANGUAGES, MOST

MOST_LISTED = 100_000  # rows of the long list
QUARTERS, HISTORY_DAYS = 12, 1095
LARGE, LARGEST = 5, 2  # the numbers of persons with 40 and with 300 IDs
LISTS, REFRESHES, LONG_LIST, GOING_LIST, SINGLE = 0, 1000, 2001, 2002, 10_000  # keys of runs


@dataclass(frozen=True)
class Measures:
    """How large the store is to become; the keys of lookups follow each other by kind."""

    ids: int
    now: datetime
    people: int = 0
    more: int = 0  # lookups about further IDs of a person

    def fields(self) -> dict[str, object]:
        """Give what the statements name in braces."""
        people, more, vietnamese, english = self.people, self.more, *(one.percent for one in LANGUAGES[:2])
        return {
            "ids": self.ids,
            "now": f"timestamptz '{self.now.isoformat()}'",
            "people": people,
            "listed": min(MOST_LISTED, self.ids // 10),
            "unknown": people // 20,
            "held": min(2000, people // 20),
            "more": more,
            "again": people + more,  # lookups after these: an ID asked again
            "refresh": 2 * people + more,  # asked again lately
            "naming": 3 * people + more,
            "asked_in_vain": 4 * people + more,
            "waiting": 5 * people + more,
            "others": BUSINESSES - 1,
            "reviewed": REVIEWED[0],
            "history": f"interval '{HISTORY_DAYS} days'",
            "quarter": HISTORY_DAYS * 86400 / QUARTERS,
            "quarters": QUARTERS,
            "large": LARGE,
            "largest": LARGEST,
            "lists": LISTS,
            "refreshes": REFRESHES,
            "long_list": LONG_LIST,
            "going_list": GOING_LIST,
            "single": SINGLE,
            "most": MOST,
            "vietnamese": vietnamese / 100,
            "english": (vietnamese + english) / 100,
            "families": [len(one.family) for one in LANGUAGES],
            "givens": [len(one.given) for one in LANGUAGES],
        }


FUNCTIONS = (
    """CREATE FUNCTION pg_temp.dice(n bigint, purpose bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    AS 'SELECT hashint8extended(n, purpose) & 9223372036854775807'""",
    """CREATE FUNCTION pg_temp.share(n bigint, purpose bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
    AS 'SELECT mod(hashint8extended(n, purpose) & 9223372036854775807, 1000000) / 1000000.0::float8'""",
    """CREATE FUNCTION pg_temp.value(key bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS 'SELECT (10000000000000000 + mod(hashint8extended(key, 1) & 9223372036854775807, 90000000000000000))::text'""",
    # An odd factor gives each key another number below 2^48; a product of keys below 2^25 fits.
    """CREATE FUNCTION pg_temp.public_id(key bigint) RETURNS text LANGUAGE sql IMMUTABLE
    AS 'SELECT translate(lpad(to_hex((key * 199680237373) & 281474976710655), 12, ''0''),
        ''0123456789abcdef'', ''23456789ABCDEFGH'')'""",
    """CREATE FUNCTION pg_temp.between(since timestamptz, until timestamptz, n bigint, purpose bigint)
    RETURNS timestamptz LANGUAGE sql IMMUTABLE
    AS 'SELECT since + (until - since) * (0.01 + 0.98 * pg_temp.share(n, purpose))'""",
    # When a further ID of a person was first asked about.
    """CREATE FUNCTION pg_temp.asked_at(since timestamptz, until timestamptz, n bigint, place bigint)
    RETURNS timestamptz LANGUAGE sql IMMUTABLE AS 'SELECT pg_temp.between(since, until, n * 16 + place, 7)'""",
)

# The apps and Pages of each business in order of use: the Page stored last is used most, an ID's place tells which.
ESTATE = """CREATE TEMP TABLE estate AS
SELECT b.number::int AS number, a.business_id AS business, a.id AS asset, coalesce(a.managed_by_id, a.id) AS caller,
    CASE a.kind WHEN 'app' THEN 'ids_for_apps' ELSE 'ids_for_pages' END AS edge,
    row_number() OVER (PARTITION BY b.id ORDER BY a.id DESC)::int - 1 AS spot,
    count(*) OVER (PARTITION BY b.id)::int AS spots
FROM businesses_asset a JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM businesses_business) b
    ON b.id = a.business_id"""

DRAWN = """CREATE TEMP TABLE drawn AS
SELECT * FROM (
    SELECT *, sum(size) OVER (ORDER BY n) AS total FROM (
        SELECT n, number, CASE
            WHEN n = {largest} AND {ids} >= 1000 THEN 300
            WHEN number = 0 AND mod(n, 2000) = {large} THEN 40
            WHEN roll < 0.3 THEN 2 WHEN roll < 0.65 THEN 3 WHEN roll < 0.85 THEN 4 ELSE 5 END AS size
        FROM (
            SELECT n, pg_temp.share(n, 3) AS roll, CASE WHEN n <= 10 OR pg_temp.share(n, 1) < 0.6 THEN 0
                ELSE 1 + floor({others} * power(pg_temp.share(n, 2), 2))::int END AS number
            FROM generate_series(1, {ids} / 2) n
        ) thrown
    ) sized
) counted WHERE total <= {ids}"""

# `first` is the key of a person's founding ID, the others' follow it. `joined`: the last ID was a person of its own.
# `missed`: the third ID is missing from an answer.
PERSON = """CREATE TEMP TABLE person AS
SELECT *, refreshed_at IS NOT NULL AS refreshed, again_at IS NOT NULL AS again,
    asked = 2 AND size BETWEEN 3 AND 5 AND mod(pg_temp.dice(n, 5), 4) = 0 AS joined,
    again_at IS NOT NULL AND mod(n, 40) = 3 AND size >= 3
        AND NOT (asked = 2 AND size BETWEEN 3 AND 5 AND mod(pg_temp.dice(n, 5), 4) = 0) AS missed
FROM (
    SELECT p.*, e.business, e.asset, e.caller,
        CASE WHEN at < {now} - interval '30 days' AND pg_temp.share(n, 6) < 0.9
            THEN {now} - interval '29 days' * pg_temp.share(n, 8) END AS refreshed_at,
        CASE WHEN at < {now} - interval '60 days' AND mod(n, 10) = 3
            THEN pg_temp.between(at, {now} - interval '45 days', n, 9) END AS again_at
    FROM (
        SELECT n, d.number, size, asked, s.spots, floor(s.spots * power(pg_temp.share(n, 10), 3))::int AS spot,
            {now} - {history} * (1 - n / ({people} + 1)::float8) AS at,
            sum(size) OVER w - size + 1 AS first,
            sum(asked - 1) OVER w - (asked - 1) AS more,
            sum((asked - 1) * size) OVER w - (asked - 1) * size AS links,
            count(*) FILTER (WHERE d.number = 0) OVER w AS rank
        FROM (
            SELECT n, number, size, CASE WHEN size >= 40 THEN 10 WHEN mod(pg_temp.dice(n, 4), 3) = 0 THEN 2
                ELSE 1 END AS asked FROM drawn
        ) d JOIN (SELECT number, spots FROM estate WHERE spot = 0) s ON s.number = d.number
        WINDOW w AS (ORDER BY n)
    ) p JOIN estate e ON e.number = p.number AND e.spot = p.spot
) timed"""

_LIST = "{lists} + 1 + number * {quarters} + pg_temp.quarter(at)"
_REFRESH = "{refreshes} + 1 + number * {quarters} + pg_temp.quarter({at})"
_RUN_OF_FIRST = f"""CASE WHEN number = 0 AND rank <= {{listed}} THEN {{long_list}}
    WHEN mod(n, 50) = 0 THEN {{single}} + n ELSE {_LIST} END"""


def _of_founding_id(key: str, at: str, question: str = "links", ending: str = "linked") -> str:
    """The columns of a lookup about a person's founding ID, in a refresh."""
    run = _REFRESH.replace("{at}", at)
    return f"""SELECT {{{key}}} + n, business, asset, caller, first, pg_temp.value(first), {at}, '{question}',
        {run}, NULL::bigint, '{ending}', '' FROM person"""


QUARTER = """CREATE FUNCTION pg_temp.quarter(at timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
AS $$ SELECT least({quarters} - 1, floor(extract(epoch FROM at - ({now} - {history})) / {quarter}))::bigint $$"""

# All lookups. Besides those about persons: some about IDs that nobody knows, and some that are held.
ASKING = (
    f"""CREATE TEMP TABLE asking AS
    SELECT n AS key, business, asset, caller, first AS scoped_id, pg_temp.value(first) AS value, at,
        'links' AS question, {_RUN_OF_FIRST} AS run,
        CASE WHEN mod(n, 50) <> 0 OR number = 0 AND rank <= {{listed}} THEN n END AS list_row,
        'linked' AS ending, '' AS held_for
    FROM person""",
    f"INSERT INTO asking {_of_founding_id('again', 'again_at')} WHERE again",
    f"INSERT INTO asking {_of_founding_id('refresh', 'refreshed_at')} WHERE refreshed",
    f"INSERT INTO asking {_of_founding_id('naming', 'coalesce(refreshed_at, at)', 'name', 'none')} WHERE mod(n, 2) = 1",
    """INSERT INTO asking
    SELECT {people} + p.more + place, p.business, e.asset, e.caller, first + place, pg_temp.value(first + place),
        pg_temp.asked_at(at, {now}, n, place), 'links',
        {refreshes} + 1 + p.number * {quarters} + pg_temp.quarter(pg_temp.asked_at(at, {now}, n, place)),
        NULL, 'linked', ''
    FROM person p, generate_series(1, p.asked - 1) place, estate e
    WHERE e.number = p.number AND e.spot = mod(p.spot + place, p.spots)""",
    """INSERT INTO asking
    SELECT {asked_in_vain} + x, e.business, e.asset, e.caller, NULL, pg_temp.value(-x), at, 'links',
        CASE WHEN e.number = 0 AND x <= {listed} / 10 THEN {long_list}
            ELSE {lists} + 1 + e.number * {quarters} + pg_temp.quarter(at) END,
        {people} + x, CASE mod(x, 5) WHEN 0 THEN 'failed' ELSE 'refused' END, ''
    FROM (SELECT x, {now} - {history} * pg_temp.share(x, 11) AS at,
        CASE mod(x, 2) WHEN 0 THEN 0 ELSE 1 + mod(pg_temp.dice(x, 12), {others}) END AS number
        FROM generate_series(1, {unknown}) x) drawn JOIN estate e ON e.number = drawn.number AND e.spot = 0""",
    """INSERT INTO asking
    SELECT {waiting} + h, e.business, e.asset, e.caller, NULL, pg_temp.value(-{people} - h),
        {now} - interval '1 hour', 'links',
        CASE e.number WHEN 0 THEN {going_list} ELSE {lists} + 1 + (e.number + 1) * {quarters} - 1 END,
        2 * {people} + h, '', CASE e.number WHEN 0 THEN 'token' ELSE 'review' END
    FROM generate_series(1, {held}) h JOIN estate e
        ON e.number = CASE mod(h, 4) WHEN 0 THEN {reviewed} ELSE 0 END AND e.spot = 0""",
)
