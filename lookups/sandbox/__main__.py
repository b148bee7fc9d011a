"""The command line, `python -m lookups.sandbox`: serve the sandbox, or describe its world."""

import argparse
import asyncio
import contextlib
import ipaddress
import json
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from lookups.sandbox.api.switches import Switches, explained
from lookups.sandbox.callbacks import request_hooks, signed_requests, webhooks
from lookups.sandbox.control import events, orders
from lookups.sandbox.control.describing import describe
from lookups.sandbox.control.initial_events import apply_initial_events
from lookups.sandbox.faults import rules
from lookups.sandbox.graph import Graph
from lookups.sandbox.server import address, serve
from lookups.sandbox.wire import port, secured
from lookups.sandbox.wire.latency import Latency
from lookups.sandbox.wire.listening import bound, check_free, served_beside
from lookups.sandbox.wire.secured import VERSIONS, Secured
from lookups.sandbox.world import world_files

_Value = TypeVar("_Value")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.describe_control:
        print(
            "\n\n".join(
                f"{one.__name__}: {one.__doc__}"
                for one in (orders, rules, events, request_hooks, signed_requests, webhooks, port, secured)
            )
        )
        return 0
    world = _or_end(parser, lambda: world_files.world_named(options.world, people=options.people, seed=options.seed))
    if options.describe:
        print(json.dumps(describe(world), indent=1, ensure_ascii=False))
        return 0
    _check(parser, options)
    with contextlib.ExitStack() as stack:
        graph = Graph(world, _or_end(parser, lambda: _switches(options.switch)))
        graph.journal.is_kept = options.control
        graph.faults.at_first = _or_end(parser, lambda: _rules(options.rules))
        _or_end(parser, graph.faults.clear)
        _or_end(parser, lambda: apply_initial_events(graph))
        if options.log:
            graph.journal.file = stack.enter_context(Path(options.log).open("a", encoding="utf-8"))
        return _serve(
            graph, options, _or_end(parser, lambda: _latency(options)), _or_end(parser, lambda: _tls(options))
        )


def _serve(graph: Graph, options: argparse.Namespace, latency: Latency, tls: Secured | None) -> int:
    try:
        check_free(options.host, options.port)
        sockets = bound(options.host, options.port, options.processes, shared=options.control)
        control = bound(options.host, options.control_port, 1)[0] if options.control else None
    except (OSError, OverflowError) as error:  # the port is taken or no port number; the address is not ours
        print(f"lookups.sandbox: cannot serve on {options.host}:{options.port}: {error}", file=sys.stderr)
        return 1

    def serve_one(listening: socket.socket) -> None:
        asyncio.run(serve(graph, listening, latency=latency, control_socket=control, tls=tls))

    for one in [*sockets, *([control] if control else [])]:
        one.listen(128)
    with served_beside(sockets[1:], serve_one):
        print(f"sandbox listening on {'https' if tls else 'http'}://{address(sockets[0])}", flush=True)
        if control:
            print(f"control listening on http://{address(control)}", flush=True)
        serve_one(sockets[0])
    return 0


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.port is None:
        parser.error("--port is needed to serve (0 picks a free one), or --describe")
    if options.control and not _is_loopback(options.host):
        parser.error("--control is for loopback addresses only")
    if (options.control_port and not options.control) or (not options.tls_cert and (options.tls_key or options.tls)):
        parser.error("--control-port is for --control, --tls-key and --tls-version for --tls-cert")
    if options.processes < 1 or (options.processes > 1 and (options.control or options.log)):
        parser.error("--processes is 1 or more, and without --control and --log: processes share no state")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lookups.sandbox",
        description="A stand-in for graph.facebook.com.",
        epilog=f"{explained()}\n\n{world_files.__doc__}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, help="port to serve on; 0 picks a free one")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on")
    parser.add_argument("--people", type=int, default=0, help="how many people to generate around the named")
    parser.add_argument("--world", default="", metavar="FILE|varied", help="serve another world: see below")
    parser.add_argument("--seed", default="idlink", help="another seed, other secrets and people")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to wait before each answer")
    parser.add_argument("--latency-spread", type=float, default=0.0, help="and up to so many more at random")
    parser.add_argument("--latency-per-item", type=float, default=0.0, help="and so many for each item of a batch")
    parser.add_argument("--rules", help="file with a JSON list of faults (see lookups/sandbox/faults/rules.py)")
    parser.add_argument("--processes", type=int, default=1, help="serve by several processes on one port")
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="see below")
    parser.add_argument("--control", action="store_true", help="serve /__control/, for tests")
    parser.add_argument(
        "--control-port", type=int, default=0, help="another port, which serves /__control/ only and is never closed"
    )
    parser.add_argument("--tls-cert", help="serve HTTPS: file with the certificate (and those above it), as PEM")
    parser.add_argument("--tls-key", help="file with its key, if that is another")
    parser.add_argument("--tls-version", dest="tls", default="", choices=VERSIONS, help="speak this one only")
    parser.add_argument("--describe-control", action="store_true", help="print all orders of /__control/, and end")
    parser.add_argument("--log", help="file for one JSON line a request, secrets hashed")
    parser.add_argument("--describe", action="store_true", help="print the world as JSON and end")
    return parser


def _latency(options: argparse.Namespace) -> Latency:
    values = {"seconds": options.latency, "spread": options.latency_spread, "per_item": options.latency_per_item}
    return Latency.read(values)


def _tls(options: argparse.Namespace) -> Secured | None:
    return Secured(options.tls_cert, options.tls_key, options.tls) if options.tls_cert else None


def _switches(settings: Sequence[str]) -> Switches:
    switches = Switches()
    for setting in settings:
        switches = switches.turned(setting)
    return switches


def _rules(path: str | None) -> list[dict[str, Any]]:
    given = json.loads(Path(path).read_text(encoding="utf-8")) if path else []
    if not isinstance(given, list):
        raise ValueError("--rules is a file with a JSON list")
    return given


def _or_end(parser: argparse.ArgumentParser, read: Callable[[], _Value]) -> _Value:
    """Give what `read` gives, or end the command with a message on what is wrong."""
    try:
        return read()
    except (ValueError, LookupError, OSError) as error:
        parser.error(str(error))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


if __name__ == "__main__":
    sys.exit(main())
