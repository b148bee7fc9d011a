"""The broker of a single machine: a folder of messages, each of which is there whole or not at all.

Kombu's own writes a message in the place where workers look for it, so one that comes in between reads a file with
nothing in it, and ends. The same with the list of an exchange's queues.
"""

import os
import uuid
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

NO_QUEUES = "[]"


class Channel(filesystem.Channel):
    """Messages and lists of queues that come into their place when they are written."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Kombu reads in the order of names.
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        _write_whole(Path(self.data_folder_out) / name, dumps(payload))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        file = self._exchange_file(exchange)  # type: ignore[attr-defined]  # missing in the types only
        self.control_folder.mkdir(exist_ok=True)
        if not file.exists():
            _write_whole(file, NO_QUEUES, unless_there=True)
        super()._queue_bind(exchange, routing_key, pattern, queue)  # locks what is there before it reads


class Transport(filesystem.Transport):
    """Kombu's, with these channels."""

    Channel = Channel


def install() -> None:
    """Be what `filesystem://` stands for."""
    TRANSPORT_ALIASES["filesystem"] = f"{Transport.__module__}:{Transport.__qualname__}"


def _write_whole(file: Path, text: str, *, unless_there: bool = False) -> None:
    """Write a file that nobody sees before it is complete; raises ChannelError."""
    unfinished = file.with_name(f"{file.name}.{uuid.uuid4()}.unfinished")
    failure = ""
    try:
        unfinished.write_text(text)
        if unless_there:
            with suppress(FileExistsError):
                os.link(unfinished, file)
        else:
            unfinished.rename(file)
    except OSError as error:
        failure = type(error).__name__
    unfinished.unlink(missing_ok=True)
    if failure:
        raise ChannelError(f"Cannot write {file.name}: {failure}")
