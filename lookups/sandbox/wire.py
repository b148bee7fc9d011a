"""HTTP/1.1 on the wire: reading requests out of a stream of bytes, writing answers; no I/O of its own."""

from dataclasses import dataclass, field

from lookups.sandbox.graph import Answer

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 16 * 1024 * 1024
REASONS = {200: "OK", 304: "Not Modified", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
           413: "Payload Too Large", 431: "Request Header Fields Too Large", 500: "Internal Server Error"}  # fmt: skip


class Malformed(Exception):
    """What came is not HTTP; carries the status to answer with before hanging up."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Message:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants to go on with this connection."""
        return self.headers.get("connection", "").lower() != "close"


@dataclass
class Stream:
    """Cuts messages out of what was received; several may come at once."""

    buffer: bytearray = field(default_factory=bytearray)

    def next(self) -> Message | None:
        """Give the next whole message, None while there is none; raises Malformed."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > LONGEST_HEAD:
                raise Malformed(431, "The request's head is too long.")
            return None
        if end > LONGEST_HEAD:
            raise Malformed(431, "The request's head is too long.")
        message = _head(bytes(self.buffer[:end]))
        start = end + 4
        if message.headers.get("transfer-encoding", "").lower() == "chunked":
            cut = _chunked(self.buffer, start)
        else:
            length = _length(message.headers)
            cut = (bytes(self.buffer[start : start + length]), start + length)
            cut = cut if len(self.buffer) >= cut[1] else None
        if cut is None:
            return None
        message.body = cut[0]
        del self.buffer[: cut[1]]
        return message


def written(answer: Answer, *, head_only: bool = False, close: bool = False) -> bytes:
    """Give an answer's bytes."""
    body = b"" if answer.body is None else answer.text.encode()
    lines = [f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}"]
    headers = {"Content-Type": "application/json; charset=UTF-8"} | answer.headers
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(body)}", f"Connection: {'close' if close else 'keep-alive'}", "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace") + (b"" if head_only else body)


def _head(raw: bytes) -> Message:
    lines = raw.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[0].isalpha() or not parts[2].startswith("HTTP/1."):
        raise Malformed(400, "This is not an HTTP/1.1 request.")
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Malformed(400, "A header line has no name.")
        headers[name.lower()] = value.strip()
    return Message(parts[0].upper(), parts[1], headers)


def _length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 12:
        raise Malformed(400, "Content-Length is not a number.")
    if int(text) > LONGEST_BODY:
        raise Malformed(413, "The request's body is too large.")
    return int(text)


def _chunked(buffer: bytearray, start: int) -> tuple[bytes, int] | None:
    body = bytearray()
    while True:
        end = buffer.find(b"\r\n", start)
        if end < 0:
            return None
        size_text = bytes(buffer[start:end]).partition(b";")[0].strip()
        if not size_text or len(size_text) > 8 or size_text.strip(b"0123456789abcdefABCDEF"):
            raise Malformed(400, "A chunk has no size.")
        size = int(size_text, 16)
        if len(body) + size > LONGEST_BODY:
            raise Malformed(413, "The request's body is too large.")
        if len(buffer) < end + 2 + size + 2:
            return None
        body += buffer[end + 2 : end + 2 + size]
        start = end + 2 + size + 2
        if size == 0:
            return bytes(body), start
