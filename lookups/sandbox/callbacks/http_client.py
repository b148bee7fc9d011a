"""A small HTTP client, for URLs that lead to this machine."""

import asyncio
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_PATIENCE = 30  # seconds
MOST_BYTES = 1024 * 1024
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Response:
    """What came back. The status is 0 where it was no HTTP."""

    status: int
    body: str


def check_loopback(url: str) -> None:
    """Raise ValueError for a URL that is not plain HTTP to this machine."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not ipaddress.ip_address(parts.hostname or "").is_loopback:
        raise ValueError("a URL to POST to leads to this machine: http://127.0.0.1:...")


async def post(url: str, body: bytes = b"") -> Response:
    """POST a form and read the answer; raises OSError, TimeoutError."""
    return await exchange(url, body, {"Content-Type": FORM})


async def exchange(url: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> Response:
    """Send a body with these headers and read the answer; raises OSError, TimeoutError."""
    return await asyncio.wait_for(_exchange(url, body, headers, method), _PATIENCE)


async def _exchange(url: str, body: bytes, headers: Mapping[str, str], method: str) -> Response:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # To HTTP/1.0 nobody answers in chunks: the end of the connection is the end of the answer.
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
