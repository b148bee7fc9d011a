"""The server: the port for clients, another for orders only, and the trap, an address that nobody should come to."""

import asyncio
import signal
import socket

from lookups.sandbox.connection import Connection
from lookups.sandbox.control.endpoint import Control
from lookups.sandbox.control.orders import ORDERS, SLOW_ORDERS
from lookups.sandbox.graph import Graph
from lookups.sandbox.wire.latency import Latency
from lookups.sandbox.wire.port import Port
from lookups.sandbox.wire.secured import Secured


async def serve(
    graph: Graph,
    listening: socket.socket,
    *,
    latency: Latency,
    control_socket: socket.socket | None = None,
    tls: Secured | None = None,
) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT; take orders where there is a socket for them."""
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    control = Control(graph, latency, ORDERS, SLOW_ORDERS)
    controlled = control_socket is not None
    control.tls = tls
    context = tls.context if tls else None
    port = Port(listening, lambda: Connection(graph, control, controlled=controlled), context)
    await port.open()
    if control_socket:
        await _serve_control(graph, control, port, control_socket)
    await ended.wait()
    port.close()


async def _serve_control(graph: Graph, control: Control, port: Port, listening: socket.socket) -> None:
    """Take orders on a port of their own, also while the other one is closed; set the trap."""

    def make() -> Connection:
        return Connection(graph, control, controlled=True, only_control=True)

    control.port = port
    control.url = f"http://{address(listening)}"
    await asyncio.get_running_loop().create_server(make, sock=listening)
    await _set_trap(control, listening.getsockname()[0])


async def _set_trap(control: Control, host: str) -> None:
    """Listen at an address that nobody should come to, and count who does."""

    async def caught(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        control.trapped += 1
        writer.close()

    server = await asyncio.start_server(caught, host, 0)
    control.trap_url = f"http://{address(server.sockets[0])}/"


def address(listening: socket.socket) -> str:
    """Give host and port of a socket as a URL writes them."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
