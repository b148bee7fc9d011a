"""One process of the benchmark of matching: fills a database, or records answers about people of a business."""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

import tests.benchmarks.ready_django  # noqa: F401  (before the models)
from businesses.credentials import Choice
from businesses.models import AccessToken, Asset
from lookups.asking.recording import record
from lookups.asking.reports import Reported
from lookups.graph import BATCH_SIZE, Edge, EdgeAnswer, LinkRow, LinksAnswer, NamedAsset, Receipt, edge_to
from lookups.models import Lane, Lookup, Match, ScopedID, State
from tests.benchmarks.big_store import Estate, fill, find_estate, make_estate, row_hash
from tests.benchmarks.measuring import cpu_seconds

Told = dict[str, list[tuple[Asset, str]]]  # the ID asked about, and the IDs in its answer


def make_stores(stored: int) -> None:
    """Make the tables, a business with so many scoped IDs and another with 10,000."""
    call_command("migrate", verbosity=0)
    for name, size in (("Acme", stored), ("Other", 10_000)):
        fill(make_estate(name), size)


def strangers(estate: Estate, part: int, people: int) -> Told:
    """Give people never seen, each with three IDs or, one in three, four."""
    chance = random.Random(f"{estate.business.pk} {part}")
    told: Told = {}
    for number in range(people):
        assets = [estate.app, estate.other_page, *([estate.other_app] if number % 3 == 0 else [])]
        value, *others = (str(chance.randrange(9 * 10**16, 10**17)) for _ in range(len(assets) + 1))
        told[value] = list(zip(assets, others, strict=True))
    return told


def acquaintances(estate: Estate, part: int, people: int) -> Told:
    """Give people who are stored, from all over the store, with what was answered about them."""
    rows = ScopedID.objects.filter(business=estate.business, asset=estate.page).order_by("public_id")
    asked = dict(rows.values_list("pk", "value")[part * people : (part + 1) * people])
    told: Told = defaultdict(list)
    for match in Match.objects.filter(source__in=asked).select_related("target__asset"):
        told[asked[match.source_id]].append((match.target.asset, match.target.value))
    return told


def reports(estate: Estate, told: Told) -> Iterator[list[Reported]]:
    """Store claimed lookups and give them with their answers, in batches."""
    now = timezone.now()
    common = {"business": estate.business, "run": estate.run, "asset": estate.page, "created_at": now}
    claimed = {"lane": Lane.BULK, "state": State.CLAIMED, "attempt": 1, "tries": 1, "lease_until": now}
    lookups = Lookup.objects.bulk_create(Lookup(**common, **claimed, value=value) for value in told)
    reported = [Reported(lookup, _reply(lookup, told)) for lookup in lookups]
    for start in range(0, len(reported), BATCH_SIZE):
        yield reported[start : start + BATCH_SIZE]


def _reply(lookup: Lookup, told: Told) -> LinksAnswer:
    rows: dict[Edge, list[LinkRow]] = {edge: [] for edge in Edge}
    for asset, value in told[lookup.value]:
        row = LinkRow(value, NamedAsset(asset.graph_id, asset.name), row_hash(value))
        rows[edge_to(asset.kind)].append(row)
    receipt = Receipt(200, "trace", "v26.0", "v26.0", timezone.now())
    return LinksAnswer(lookup.value, {edge: EdgeAnswer(tuple(some)) for edge, some in rows.items()}, receipt)


def record_all(batches: list[list[Reported]], credential: Choice) -> int:
    """Record the batches; gives how many queries the last one took."""
    queries = 0

    def counting(execute, *query):
        nonlocal queries
        queries += 1
        return execute(*query)

    with connection.execute_wrapper(counting):
        for batch in batches:
            queries, now = 0, timezone.now()
            record(batch, credential, asked_at=now, now=now)
    return queries


def work(sight: str, estate: Estate, part: int, people: int) -> dict[str, float]:
    """Get ready, wait for the word, and record; gives the figures."""
    choose = strangers if sight == "first" else acquaintances
    told = choose(estate, part, people + BATCH_SIZE)
    token = AccessToken.objects.get(asset=estate.page)
    credential = Choice(estate.page, token, estate.app.secret)
    if len(told) != people + BATCH_SIZE:
        raise SystemExit(f"The store holds too few people to take {people} of them for each worker")
    warm_up, *batches = reports(estate, told)
    record_all([warm_up], credential)
    server = connection.connection.info.backend_pid
    print("ready", flush=True)
    sys.stdin.readline()
    cpu, database, start = time.process_time(), cpu_seconds(server), time.perf_counter()
    queries = record_all(batches, credential)
    wall = time.perf_counter() - start
    _check(batches)
    return {
        "wall": wall,
        "cpu": time.process_time() - cpu,
        "database": cpu_seconds(server) - database,
        "queries": queries,
    }


def _check(batches: list[list[Reported]]) -> None:
    keys = [reported.lookup.pk for batch in batches for reported in batch]
    done = Lookup.objects.filter(pk__in=keys, state=State.DONE, apps_outcome="linked", scoped_id__isnull=False).count()
    if done != len(keys):
        raise SystemExit(f"{done} of {len(keys)} lookups are done and linked")


def main() -> None:
    """Do what the driver orders."""
    parser = argparse.ArgumentParser()
    parser.add_argument("order", choices=["fill", "first", "again"])
    parser.add_argument("--stored", type=int)
    parser.add_argument("--business")
    parser.add_argument("--part", type=int, help="which of the people: no two workers take the same")
    parser.add_argument("--people", type=int)
    order = parser.parse_args()
    if order.order == "fill":
        make_stores(order.stored)
    else:
        print(json.dumps(work(order.order, find_estate(order.business), order.part, order.people)))


if __name__ == "__main__":
    main()
