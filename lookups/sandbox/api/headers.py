"""The headers that all answers have, and what `WWW-Authenticate` says of an error (wire contract, 1.6)."""

import random

CORS = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
    "Allow": "GET, HEAD, POST, DELETE, OPTIONS",
}


def common_headers(version: str) -> dict[str, str]:
    """Give the headers of every answer that this version serves."""
    return {
        "facebook-api-version": version,
        "x-fb-trace-id": trace_id(),
        "x-fb-rev": "1000000000",
        "x-fb-debug": f"{random.getrandbits(256):064x}",
        "Cache-Control": "private, no-cache, no-store, must-revalidate",
        "Access-Control-Allow-Origin": "*",
    }


def authenticate_header(status: int, code: int, message: str) -> str:
    """Give the text of `WWW-Authenticate` for an error."""
    quoted = message.replace('"', "'")
    return f'OAuth "Facebook Platform" "{_word(status, code)}" "{quoted}"'


def trace_id() -> str:
    """Make up a trace ID."""
    return f"A{random.getrandbits(128):032x}"


def _word(status: int, code: int) -> str:
    """Give the word that stands for an error. Which code has which word is a guess."""
    if code in (102, 190):
        return "invalid_token"
    if code == 10 or 200 <= code < 300:
        return "insufficient_scope"
    return "not_found" if status == 404 else "invalid_request"
