"""A mail server on this machine, over the wire: it takes mails for everybody but the addresses it refuses."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Mailboxes:
    """What the server was told and sent."""

    port: int = 0
    refused: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)


@contextmanager
def smtp_server() -> Iterator[Mailboxes]:
    """Run it; `refused` may be changed at any time, `taken` tells the recipients of what it took."""
    boxes = Mailboxes()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            recipient = ""
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"RCPT":
                    recipient = line.decode().partition("<")[2].partition(">")[0]
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    while self.rfile.readline() not in (b".\r\n", b""):
                        pass
                    boxes.taken.append(recipient)
                refuses = word == b"RCPT" and recipient in boxes.refused
                self.wfile.write(b"550 5.1.1 no such mailbox\r\n" if refuses else b"250 good\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation) as server:
        server.daemon_threads = True
        boxes.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield boxes
        server.shutdown()
