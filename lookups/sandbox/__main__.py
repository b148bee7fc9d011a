"""`python -m lookups.sandbox`: serve the sandbox, or describe its world."""

import argparse
import asyncio
import contextlib
import ipaddress
import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lookups.sandbox.default_world import default_world
from lookups.sandbox.graph import Graph
from lookups.sandbox.request import USABLE
from lookups.sandbox.server import serve
from lookups.sandbox.switches import Switches, explained
from lookups.sandbox.tokens import app_secret, app_token, page_token
from lookups.sandbox.world import Business, Person, World

PEOPLE_DESCRIBED = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    world = default_world(people=options.people, seed=options.seed)
    if options.describe:
        print(json.dumps(describe(world), indent=1, ensure_ascii=False))
        return 0
    if options.port is None:
        parser.error("--port is needed to serve (0 picks a free one), or --describe")
    if options.control and not _is_loopback(options.host):
        parser.error("--control is for loopback addresses only")
    with contextlib.ExitStack() as stack:
        graph = Graph(world, _switches(parser, options.switch))
        graph.journal.is_kept = options.control
        if options.log:
            graph.journal.file = stack.enter_context(Path(options.log).open("a", encoding="utf-8"))
        return _serve(graph, options)


def _serve(graph: Graph, options: argparse.Namespace) -> int:
    place = {"host": options.host, "port": options.port}
    try:
        asyncio.run(serve(graph, **place, latency=options.latency, controlled=options.control))
    except (OSError, OverflowError) as error:  # the port is taken, or none; the address is not ours
        print(f"lookups.sandbox: cannot serve on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1
    return 0


def describe(world: World) -> dict[str, Any]:
    """Tell what a client needs to talk to this world."""
    return {"version": USABLE[-1], "businesses": [_business(world, one) for one in world.businesses.values()]}


def _business(world: World, business: Business) -> dict[str, Any]:
    apps = [
        {"id": a.id, "name": a.name, "secret": app_secret(world, a.id), "token": app_token(world, a.id)}
        for a in world.assets_of(business.id, "app")
    ]
    pages = [
        {"id": p.id, "name": p.name, "managed_by": p.managed_by, "token": page_token(world, p.id)}
        for p in world.assets_of(business.id, "page")
    ]
    people = itertools.islice(world.people_of(business.id), PEOPLE_DESCRIBED)
    return {
        "id": business.id,
        "name": business.name,
        "under_review": business.under_review,
        "apps": apps,
        "pages": pages,
        "people": [_person(world, person) for person in people],
    }


def _person(world: World, person: Person) -> dict[str, Any]:
    apps = {scope: value for scope, value in person.ids.items() if world.assets[scope].kind == "app"}
    pages = {scope: value for scope, value in person.ids.items() if world.assets[scope].kind == "page"}
    return {"name": person.name, "apps": apps, "pages": pages}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lookups.sandbox",
        description="A stand-in for graph.facebook.com.",
        epilog=explained(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, help="port to serve on; 0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on")
    parser.add_argument("--people", type=int, default=0, help="how many people to generate around the named")
    parser.add_argument("--seed", default="idlink", help="another seed, other secrets and people")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to wait before each answer")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="see below")
    parser.add_argument("--control", action="store_true", help="serve /__control/, for tests")
    parser.add_argument("--log", help="file for one JSON line a request, secrets hashed")
    parser.add_argument("--describe", action="store_true", help="print the world as JSON and end")
    return parser


def _switches(parser: argparse.ArgumentParser, settings: Sequence[str]) -> Switches:
    switches = Switches()
    for setting in settings:
        problem = ""
        try:
            switches = switches.turned(setting)
        except ValueError as error:
            problem = str(error)
        if problem:
            parser.error(problem)
    return switches


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


if __name__ == "__main__":
    sys.exit(main())
