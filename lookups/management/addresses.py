"""Finds free ports for the web server and the sandbox, and the addresses for a browser."""

import socket
from collections.abc import Callable

from django.core.management.base import CommandError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (this only compares; --host decides where to listen)


def free_port(wanted: int, host: str, say: Callable[[str], object]) -> int:
    """Give the wanted port; if it is taken, give the next free one and say so."""
    for port in range(wanted, wanted + 100):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if probe.connect_ex((host, port)) == 0:
                continue
            try:
                probe.bind((host, port))
            except OSError:
                continue
        if port != wanted:
            say(f"Port {wanted} is taken: using {port}.")
        return port
    raise CommandError(f"No free port from {wanted} on.")


def host_and_port(host: str, port: int) -> str:
    """Join host and port; an IPv6 address gets brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def web_url(host: str, port: int) -> str:
    """Give the address for a browser on this machine, also if the server listens on all interfaces."""
    return f"http://{host_and_port(EVERYWHERE.get(host, host), port)}"
