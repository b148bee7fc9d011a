"""The broker of a single machine: a folder of messages, each of which is there whole or not at all.

Kombu's own file transport writes a message directly into the folder that workers read. A worker that reads too early
finds an empty file and ends. The same happens when a worker moves a message to another disk, and when a process
reads an exchange's list of queues. This module writes each file under another name and then renames it, in one step.
Killed processes leave unfinished and taken files behind; the next start removes them.
"""

import fcntl
import os
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

NO_QUEUES = "[]"


class FolderChannel(filesystem.Channel):
    """Puts each message and each list of queues in its place only when the file is complete."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # the types of kombu differ between its classes
        # Kombu reads messages in the order of their names, so a name begins with the time.
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, dumps(payload))

    def _get(self, queue: str) -> Any:  # type: ignore[override]  # as above
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] == f"{queue}.msg" and (taken := _take(folder / name)):
                text = taken.read_text()
                taken.unlink()
                return loads(text)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        file = self._exchange_file(exchange)  # type: ignore[attr-defined]  # only kombu's types lack it
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                _write_whole(file, NO_QUEUES)
        super()._queue_bind(exchange, routing_key, pattern, queue)  # locks the file before it reads it


class FolderTransport(filesystem.Transport):
    """Kombu's file transport, with our channels, for a worker's event loop.

    Without the loop, the processes of a worker's pool read their tasks from one pipe, and whoever waits for the next
    task holds its lock. If that one is killed the lock is never freed, and the worker does nothing any more.
    """

    Channel = FolderChannel
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Look for messages again and again; a folder has nothing that the loop could wait for."""
        loop.call_repeatedly(self.polling_interval, self._take_all, connection)

    def _take_all(self, connection: Any) -> None:
        with suppress(TimeoutError):  # so kombu says that there is no more
            while True:
                self.drain_events(connection, timeout=0)


def use_for_filesystem() -> None:
    """Make `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{FolderTransport.__module__}:{FolderTransport.__qualname__}"


def _take(file: Path) -> Path | None:
    """Take a message away from the other workers; None if another was faster. Within a folder a rename is one step."""
    taken = file.with_name(f"{file.name}.taken")
    try:
        file.rename(taken)
    except FileNotFoundError:
        return None
    return taken


def _write_whole(file: Path, text: str) -> None:
    """Write a file under another name and rename it when it is complete; raises ChannelError."""
    unfinished = file.with_name(f"{file.name}.{uuid.uuid4()}.unfinished")
    failure = ""
    try:
        unfinished.write_text(text)
        unfinished.rename(file)
    except OSError as error:
        failure = type(error).__name__
    unfinished.unlink(missing_ok=True)
    if failure:
        raise ChannelError(f"Cannot write {file.name}: {failure}")
