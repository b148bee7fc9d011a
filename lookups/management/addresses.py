"""Where the web server and the sandbox listen, and the address under which a browser finds them."""

import socket
from collections.abc import Callable

from django.core.management.base import CommandError

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (only looked up; run's --host decides)


def free_port(wanted: int, host: str, say: Callable[[str], object]) -> int:
    """Give the port, or the next free one, and say so."""
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
    """Join both; an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def web_url(host: str, port: int) -> str:
    """Give the address a browser on this machine uses, also for a server that listens everywhere."""
    return f"http://{host_and_port(EVERYWHERE.get(host, host), port)}"
