"""HTTP/1.x: reads requests out of received bytes, and writes answers as bytes. It does no I/O."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus

from lookups.sandbox.faults.answer import Answer

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 16 * 1024 * 1024
LONGEST_LINE = 8 * 1024  # a line with a chunk's size, or a trailer
GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {status.value: status.phrase for status in HTTPStatus}
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_WHOLE_URL = re.compile(r"(?i:https?)://([^/?#]+)(.*)")
# Given twice, one of these lets two readers see different messages.
_SINGLE = {"content-length", "transfer-encoding"}
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,8}")


class Malformed(Exception):
    """What came is not HTTP. It is answered with this status, then the connection ends."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Message:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    version: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def keeps_alive(self) -> bool:
        """Whether the client will send more on this connection. With HTTP/1.0 it has to say so."""
        wishes = {wish.strip() for wish in self.headers.get("connection", "").lower().split(",")}
        return "close" not in wishes and (self.version != "HTTP/1.0" or "keep-alive" in wishes)

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks; raises Malformed for an unknown transfer coding."""
        coding = self.headers.get("transfer-encoding", "").lower()
        if coding not in ("", "chunked"):
            raise Malformed(400, "This transfer coding is not known here.")
        return bool(coding)


@dataclass
class Stream:
    """Takes whole messages out of the bytes received so far, and remembers a message that has only begun."""

    buffer: bytearray = field(default_factory=bytearray)
    _begun: Message | None = None
    _chunks: bytearray = field(default_factory=bytearray)
    _last_chunk_seen: bool = False

    def next(self) -> Message | None:
        """Give the next whole message, None while there is none; raises Malformed."""
        self._begun = self._begun or self._head()
        if self._begun is None:
            return None
        body = self._chunked() if self._begun.is_chunked else self._counted(self._begun)
        if body is None:
            return None
        message, self._begun = self._begun, None
        message.body = body
        return message

    def must_go_on(self) -> bool:
        """Tell, once for each message, whether its sender waits for `100 Continue` before it sends the body."""
        if self._begun is None or self._begun.version == "HTTP/1.0":
            return False
        return self._begun.headers.pop("expect", "").lower() == "100-continue"

    def _head(self) -> Message | None:
        while self.buffer[:2] == b"\r\n":  # stray ends of line before a request mean nothing
            del self.buffer[:2]
        end = _END_OF_HEAD.search(self.buffer)
        if (end.start() if end else len(self.buffer)) > LONGEST_HEAD:
            raise Malformed(431, "The request's head is too long.")
        if end is None:
            return None
        raw = bytes(self.buffer[: end.start()])
        del self.buffer[: end.end()]
        return _message(raw)

    def _counted(self, message: Message) -> bytes | None:
        length = _length(message.headers)
        if len(self.buffer) < length:
            return None
        body = bytes(self.buffer[:length])
        del self.buffer[:length]
        return body

    def _chunked(self) -> bytes | None:
        while (end := self._end_of_line()) is not None:
            line = bytes(self.buffer[:end]).partition(b";")[0].strip()
            if self._last_chunk_seen:
                del self.buffer[: end + 2]
                if not line:  # the end of the trailers
                    body, self._chunks, self._last_chunk_seen = bytes(self._chunks), bytearray(), False
                    return body
                continue
            if not _CHUNK_SIZE.fullmatch(line):
                raise Malformed(400, "A chunk has no size.")
            size = int(line, 16)
            if len(self._chunks) + size > LONGEST_BODY:
                raise Malformed(413, "The request's body is too large.")
            if size and len(self.buffer) < end + 2 + size + 2:
                return None
            self._chunks += self.buffer[end + 2 : end + 2 + size]
            del self.buffer[: end + 2 + (size + 2 if size else 0)]
            self._last_chunk_seen = size == 0
        return None

    def _end_of_line(self) -> int | None:
        end = self.buffer.find(b"\r\n", 0, LONGEST_LINE)
        if end < 0 and len(self.buffer) >= LONGEST_LINE:
            raise Malformed(400, "A line among the chunks is too long.")
        return end if end >= 0 else None


def written(answer: Answer, *, head_only: bool = False, close: bool = False) -> bytes:
    """Give an answer's bytes. Control characters in a header's value become spaces, so none can end the header."""
    body = answer.data
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}"]
    headers = {"Content-Type": "application/json; charset=UTF-8"} | answer.headers
    lines += [f"{name}: {_CONTROL.sub(' ', value)}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", f"Connection: {'close' if close else 'keep-alive'}", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + (b"" if head_only else body)


def _message(raw: bytes) -> Message:
    first, *lines = raw.decode("latin-1").replace("\r\n", "\n").split("\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[0].isalpha() or not parts[2].startswith("HTTP/1."):
        raise Malformed(400, "This is not an HTTP/1.1 request.")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Malformed(400, "A header line has no name.")
        if name.lower() in _SINGLE & set(headers):
            raise Malformed(400, f"{name} stands there twice.")
        headers[name.lower()] = value.strip()
    if set(headers) >= _SINGLE:
        raise Malformed(400, "Content-Length and Transfer-Encoding contradict each other.")
    return Message(parts[0].upper(), _in_origin_form(parts[1], headers), parts[2], headers)


def _in_origin_form(target: str, headers: dict[str, str]) -> str:
    """Give path and query also where a client sends the whole URL, as to a proxy; then that URL's host counts."""
    whole = _WHOLE_URL.fullmatch(target)
    if whole is None:
        return target
    headers["host"] = whole[1]
    return whole[2] if whole[2].startswith("/") else f"/{whole[2]}"


def _length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise Malformed(400, "Content-Length is not a number.")
    if int(text) > LONGEST_BODY:
        raise Malformed(413, "The request's body is too large.")
    return int(text)
