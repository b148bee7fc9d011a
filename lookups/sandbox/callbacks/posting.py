"""Asking somebody on this machine over HTTP, and what came back."""

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_SECONDS = 30
MOST_BYTES = 1024 * 1024
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Response:
    """What came back; status 0 where it was no HTTP."""

    status: int
    body: str


def check_loopback(url: str) -> None:
    """Raise ValueError for a URL that leads anywhere but to this machine, by plain HTTP."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not ipaddress.ip_address(parts.hostname or "").is_loopback:
        raise ValueError("a URL to POST to leads to this machine: http://127.0.0.1:...")


async def post(url: str, body: bytes = b"") -> Response:
    """Send a form and read what comes until the other side hangs up; raises OSError, TimeoutError."""
    return await exchange(url, body, {"Content-Type": FORM})


async def exchange(url: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> Response:
    """Send these bytes with these headers, and read like that."""
    return await asyncio.wait_for(_exchange(url, body, headers, method), LONGEST_SECONDS)


async def _exchange(url: str, body: bytes, headers: Mapping[str, str], method: str) -> Response:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # As HTTP/1.0 the answer ends with the connection, and comes in no chunks.
    lines = [f"{method} {path} HTTP/1.0", f"Host: {parts.netloc}", "Connection: close"]
    lines += [*(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body)}", "", ""]
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write("\r\n".join(lines).encode() + body)
        received = b""
        while len(received) < MOST_BYTES and (part := await reader.read(65536)):
            received += part
    finally:
        writer.close()
    return _read(received)


def _read(received: bytes) -> Response:
    head, _, body = received.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    is_http = len(words) > 1 and words[0].startswith(b"HTTP/") and words[1].isdigit()
    return Response(int(words[1][:3]) if is_http else 0, body.decode("utf-8", "replace"))
