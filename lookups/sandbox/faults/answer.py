"""An answer on its way to the client, and what a fault does to its headers, its text and its coding."""

import gzip
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_MEGABYTE = 1024 * 1024
_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass
class Answer:
    """An answer. `body` is a JSON value, or None for no content; `fault` is what goes wrong on the way."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    fault: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as text. Graph escapes whatever is not ASCII."""
        if "answer" in self.fault:
            return str(self.fault["answer"]["body"])
        return _compact(self.body)

    @property
    def data(self) -> bytes:
        """The body's bytes, in the coding that the fault asks for; `headers` then name it."""
        if self.body is None and "answer" not in self.fault:
            return b""
        data, headers = _coded(self.text, self.fault)
        self.headers |= headers
        return data

    def befall(self, fault: dict[str, Any]) -> None:
        """Take on a fault: its headers and text replace the answer's own. Whoever sends the answer does the rest."""
        self.fault = fault
        self.headers |= fault.get("headers", {})
        if "answer" in fault:
            self.status = int(fault["answer"].get("status", 200))
            self.headers["Content-Type"] = str(fault["answer"].get("content_type", "application/json"))


def _coded(text: str, fault: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Give the body's bytes in the fault's charset and coding, and the headers that name these."""
    data = text.encode()
    if "charset" in fault:
        data = text.encode(fault["charset"], "replace")
    coding = fault.get("coding")
    if coding == "gzip":
        return gzip.compress(data), {"Content-Encoding": "gzip"}
    if coding == "broken gzip":
        return gzip.compress(data)[:-12] + b"nonsense", {"Content-Encoding": "gzip"}
    if coding == "bomb":
        return _bomb(), {"Content-Encoding": "gzip"}
    return data, {}


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    """Give 64 MB in a few kilobytes, more than a client should take in: many gzip members make one gzip stream."""
    return gzip.compress(b" " * _MEGABYTE, 1) * 64
