"""What `make bench-copy` reads from a schema, takes from a road and writes again: the figures stand on it."""

from contextlib import closing

import psycopg2
import pytest

from tests.benchmarks.catalogue import Catalogue, ForeignKey, Index, read_catalogue
from tests.benchmarks.copy_tables import Found, report, saved
from tests.benchmarks.copying import Compared, Copied, Copies, without
from tests.benchmarks.databases import split
from tests.benchmarks.road_rows import RoadRows, in_order, take
from tests.benchmarks.variants import AS_IT_IS, INDEXES, KEYS, MAIN, Variant, hot_tables, trial, variants

pytestmark = pytest.mark.long  # it protects a benchmark alone

SCHEMA = """
CREATE TABLE owner (id int PRIMARY KEY, name text);
CREATE TABLE person (id int PRIMARY KEY, owner int REFERENCES owner DEFERRABLE INITIALLY DEFERRED, note text UNIQUE);
CREATE TABLE event (id int PRIMARY KEY, person int REFERENCES person DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX event_person ON event (person);
CREATE INDEX event_late ON event (person) WHERE id > 5;
CREATE INDEX person_note ON person (note text_pattern_ops, owner);
CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER guard BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION guard();
INSERT INTO owner VALUES (1, 'Acme'), (2, 'Other');
"""


def key(table: str, target: str) -> ForeignKey:
    return ForeignKey(f"{table}_{target}", table, (target,), target, ("id",))


def index(name: str, *columns: str, condition: str = "", is_unique: bool = False) -> Index:
    return Index(name, "person", False, is_unique, "", columns, condition)


class Road:
    """A database with a small schema, in which transactions are counted as the road counts them."""

    def __init__(self, url: str) -> None:
        self.url = url
        socket, name = split(url)
        self.connection = psycopg2.connect(host=socket, user="postgres", dbname=name)
        self.cursor = self.connection.cursor()
        self.transaction(SCHEMA)
        self.marks = [self._mark()]

    def transaction(self, statements: str) -> None:
        self.cursor.execute(statements)
        self.connection.commit()

    def turn(self, statements: str) -> None:
        self.transaction(statements)
        self.marks.append(self._mark())

    def taken(self) -> tuple[Catalogue, RoadRows]:
        catalogue = read_catalogue(self.cursor)
        rows = take(self.cursor, catalogue, self.marks)
        self.connection.commit()
        return catalogue, rows

    def _mark(self) -> int:
        self.cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        number = int(self.cursor.fetchone()[0])
        self.connection.commit()
        return number


@pytest.fixture
def road(postgres):
    road = Road(postgres.new_database())
    with closing(road.connection):
        yield road


def test_the_catalogue_knows_tables_keys_indexes_and_triggers(road):
    catalogue = read_catalogue(road.cursor)

    assert catalogue.columns == {"event": ("id", "person"), "owner": ("id", "name"), "person": ("id", "owner", "note")}
    assert [(one.table, one.columns, one.target, one.target_columns) for one in catalogue.foreign_keys] == [
        ("event", ("person",), "person", ("id",)),
        ("person", ("owner",), "owner", ("id",)),
    ]
    assert {one.name: one.condition for one in catalogue.secondary("event")} == {
        "event_late": "(id > 5)",
        "event_person": "",
    }
    assert [one.is_unique for one in catalogue.secondary("person")] == [False, True]
    assert catalogue.guarded == ("event",)


def test_an_index_for_patterns_repeats_the_plain_one_but_none_that_has_a_condition(road):
    late, plain, patterns, unique = read_catalogue(road.cursor).secondary()

    assert index("note", "note").repeats(patterns)
    assert not patterns.repeats(unique)  # it holds more columns
    assert not unique.repeats(patterns)  # it keeps values apart
    assert not late.repeats(plain)
    assert not plain.repeats(plain)


def test_every_drop_is_carried_out(road):
    catalogue = read_catalogue(road.cursor)

    for one in [*catalogue.foreign_keys, *catalogue.secondary()]:
        road.cursor.execute(one.drop)

    left = read_catalogue(road.cursor)
    assert (left.foreign_keys, left.secondary()) == ((), [])
    assert len(left.indexes) == 3


def test_rows_are_taken_with_the_transaction_that_wrote_them(road):
    road.turn("INSERT INTO person VALUES (1, 1, 'a'), (2, 1, 'b')")
    road.turn("INSERT INTO person VALUES (3, 2, 'c'); SAVEPOINT s; INSERT INTO event VALUES (1, 3); RELEASE s")

    _, rows = road.taken()

    assert rows.given == {"owner": b"1\tAcme\n2\tOther\n"}
    assert rows.turns == [{"person": b"1\t1\ta\n2\t1\tb\n"}, {"person": b"3\t2\tc\n", "event": b"1\t3\n"}]
    assert [list(turn) for turn in rows.turns] == [["person"], ["person", "event"]]
    assert rows.written == {"event": 1, "person": 3}
    assert sorted(rows.checks.values()) == [1, 3]


def test_a_row_that_is_written_again_is_taken_once_and_never_after_those_that_refer_to_it(road):
    road.turn("INSERT INTO person VALUES (1, 1, 'a'), (2, 1, 'b'); INSERT INTO event VALUES (1, 1)")
    road.turn("UPDATE person SET note = note || 'z'; UPDATE owner SET name = 'New' WHERE id = 2")

    _, rows = road.taken()

    first, second = rows.turns
    assert first == {"person": b"1\t1\taz\n", "event": b"1\t1\n"}
    assert second == {"person": b"2\t1\tbz\n", "owner": b"2\tNew\n"}
    assert rows.given == {"owner": b"1\tAcme\n"}


def copies_of(road: Road) -> Copies:
    catalogue, rows = road.taken()
    road.connection.close()
    return Copies(road.url, catalogue, rows)


def test_what_is_written_again_is_what_the_road_wrote(road):
    road.turn("INSERT INTO person VALUES (1, 1, NULL)")
    road.turn(r"INSERT INTO person VALUES (2, 2, E'a\tb\\n\n'); INSERT INTO event VALUES (7, 2)")
    same = r"CHECK (id = 1 AND owner = 1 AND note IS NULL OR id = 2 AND owner = 2 AND note = E'a\tb\\n\n')"

    copied = copies_of(road).measure(trial(f"same: ALTER TABLE person ADD {same}"))

    assert copied.copy.keys() == {"person", "event"}
    assert copied.sizes["person"] == copied.sizes["event_late"] == 8192
    assert copied.sizes["owner"] == 0
    assert min(copied.wall, copied.commit, copied.server, copied.client) > 0


def test_rows_that_get_lost_end_the_benchmark(road):
    road.turn("INSERT INTO person VALUES (1, 1, 'a')")
    road.turn("INSERT INTO event VALUES (2, 1)")
    losing = "CREATE OR REPLACE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"

    with pytest.raises(SystemExit, match="0 of 1 rows were written to event"):
        copies_of(road).measure(Variant(MAIN, "losing", (losing,)))


def test_foreign_keys_are_checked_as_on_the_road(road):
    road.turn("INSERT INTO person VALUES (1, 1, 'a')")
    road.turn("INSERT INTO event VALUES (2, 1)")
    orphaned = trial("orphaned: ALTER TABLE event ADD FOREIGN KEY (id) REFERENCES person DEFERRABLE INITIALLY DEFERRED")

    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        copies_of(road).measure(orphaned)


def test_a_schema_may_lack_tables_and_columns(road):
    road.turn("INSERT INTO person VALUES (1, 1, 'a')")
    road.turn("INSERT INTO person VALUES (2, 2, 'b'); INSERT INTO event VALUES (1, 2)")

    copied = copies_of(road).measure(trial("slim: DROP TABLE event; ALTER TABLE person DROP COLUMN owner"))

    assert copied.copy.keys() == {"person"}


def test_columns_are_left_out_by_their_place():
    turn = {"person": b"1\ta\\tb\t\\N\n2\t\t9\n", "event": b"1\t1\n"}
    columns = {"person": ("id", "note", "owner"), "event": ("id", "person")}

    assert without(turn, columns, {"person": ("id", "owner")}) == {"person": b"1\t\\N\n2\t9\n"}
    assert without(turn, columns, columns) == turn


def test_tables_follow_those_they_refer_to():
    keys = [key("event", "person"), key("person", "owner"), key("person", "person")]

    assert in_order({"event": 1, "person": 1}, keys) == (["person", "event"], ())


def test_of_a_circle_the_smallest_table_goes_first():
    circle = [key("answer", "lookup"), key("lookup", "scoped"), key("scoped", "answer")]
    written = {"answer": 2, "event": 1, "lookup": 1, "scoped": 4}

    order, early = in_order(written, [*circle, key("event", "answer")])

    assert early == ("lookup",)
    assert order.index("lookup") < order.index("answer") < order.index("scoped")
    assert order.index("answer") < order.index("event")


def test_the_variants_lack_what_their_names_say(road):
    catalogue = read_catalogue(road.cursor)

    found = {(one.part, one.name): one.statements for one in variants(catalogue, {"event": 9, "person": 10}, people=10)}

    drops = {one.table: one.drop for one in catalogue.foreign_keys}
    assert found[MAIN, "as it is"] == ()
    assert found[MAIN, "without foreign keys of hot tables"] == (drops["event"], drops["person"])
    assert set(found[MAIN, "without foreign keys"]) == set(drops.values())
    assert 'ALTER TABLE "event" DISABLE TRIGGER USER' in found[MAIN, "without foreign keys and isolation triggers"]
    assert found[KEYS, "to owner"] == found[KEYS, "of person"] == (drops["person"],)
    assert found[INDEXES, "event_late"] == ('DROP INDEX "event_late"',)
    assert len(found[INDEXES, "all of event"]) == 2


def test_a_table_is_hot_if_most_people_add_a_row():
    assert hot_tables({"run": 4, "event": 5, "person": 10}, people=10) == ["event", "person"]


def test_a_trial_is_a_name_and_statements():
    assert trial("no events: DROP TABLE event; DROP INDEX late;") == Variant(
        MAIN, "no events", ("DROP TABLE event", "DROP INDEX late")
    )


def test_what_is_saved_is_told_from_runs_beside_each_other():
    slim = Variant(INDEXES, "slim")
    pairs = [(2, 4), (30, 40), (3, 5)]  # half, three quarters and three fifths of the time
    runs = {
        AS_IT_IS: [Compared(took(base), took(base)) for _, base in pairs],
        slim: [Compared(took(run), took(base)) for run, base in pairs],
    }

    assert saved(runs, slim, lambda run: run.wall) == pytest.approx(5 * (1 - 0.6))


def took(seconds: float) -> Copied:
    sizes = {"person": 8192, "note": 16384}
    return Copied(seconds, {"person": seconds / 2}, seconds / 4, seconds / 8, seconds / 8, seconds / 16, sizes)


def test_the_report_names_every_figure():
    catalogue = Catalogue({"person": ("id", "note")}, (key("person", "owner"),), (index("note", "note"),), ())
    rows = RoadRows({}, [{}, {}], {"person": 8}, {"person_owner": 6}, ("person",))
    chosen = [AS_IT_IS, Variant(KEYS, "of person", (key("person", "owner").drop,)), Variant(INDEXES, "all of person")]
    chosen.append(Variant(INDEXES, "note", (index("note", "note").drop,)))
    runs = {variant: [Compared(took(1 if variant == AS_IT_IS else 0.5), took(1))] * 3 for variant in chosen}

    told = report(Found(catalogue, rows, {"note": 7}, people=4), runs)

    lines = [" ".join(line.replace("|", " ").split()) for line in told.splitlines()]
    assert "4 people, 2.00 rows a person, in 2 transactions" in lines
    assert "as it is 4 125.000 62.500 31.250 6,144" in lines
    assert "person 2.00 125.000 2,048 4,096" in lines
    assert "of person 1.50 31.250 15.625" in lines
    assert "person all but keys 15.625" in lines
    assert "person note 4,096 15.625 7" in lines
    assert any("refer to each other: person" in line for line in lines)
