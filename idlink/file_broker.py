"""The broker of a single machine: a folder of messages, each of which is there whole or not at all.

Kombu's own writes a message in the place where workers look for it, so one that comes in between reads a file with
nothing in it, and ends. So does one that takes a message by moving it to another disk, and whoever reads the list of
an exchange's queues. What killed processes leave unfinished or taken is removed at the next start.
"""

import fcntl
import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

NO_QUEUES = "[]"


class FolderChannel(filesystem.Channel):
    """Messages and lists of queues that come into their place when they are written."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # the types of kombu differ between its classes
        # Kombu reads in the order of names.
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
        file = self._exchange_file(exchange)  # type: ignore[attr-defined]  # missing in the types only
        self.control_folder.mkdir(exist_ok=True)
        with (self.control_folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                _write_whole(file, NO_QUEUES)
        super()._queue_bind(exchange, routing_key, pattern, queue)  # locks what is there before it reads


class FolderTransport(filesystem.Transport):
    """Kombu's, with these channels."""

    Channel = FolderChannel


def use_for_filesystem() -> None:
    """Be what `filesystem://` stands for."""
    TRANSPORT_ALIASES["filesystem"] = f"{FolderTransport.__module__}:{FolderTransport.__qualname__}"


def _take(file: Path) -> Path | None:
    """Take a message away from the other workers, within its folder: there a file moves in one step."""
    taken = file.with_name(f"{file.name}.taken")
    try:
        file.rename(taken)
    except FileNotFoundError:
        return None
    return taken


def _write_whole(file: Path, text: str) -> None:
    """Write a file that nobody sees before it is complete; raises ChannelError."""
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
