"""Reads hostile input in a child process whose memory and processor time are limited.

The child is a fork that keeps no file, socket or database connection of its parent but the pipe to it, so it can do no
more than compute. What it found comes back as lines of JSON. If the parent dies, the child's next line fails and ends
it. Trials of other ways stand in `docs/decisions/lists.md`.
"""

import json
import os
import select
import signal
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, NoReturn

from lookups.lists.imports.confining import confine
from lookups.lists.imports.limits import CannotRead, reading_megabytes

BLOCK = 64 * 1024
PATIENCE = 5  # times the allowed processor time may pass without a line; then the child hangs
_OUT_OF_MEMORY = 3
_END = {"end": True}


class ReaderLost(Exception):
    """The child ended without a reason of its own, or hangs: the list is read again."""


def confined(make: Callable[[], Iterable[Any]], *, seconds: int) -> Generator[Any]:
    """Give what `make()` gives in a child process, as JSON knows it: no tuples.

    Close the generator after use: that ends the child. Raises CannotRead, also if the child needs more memory than
    allowed or more than so many seconds of processor time; raises ReaderLost.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        _work(writer, make, seconds)
    os.close(writer)
    status = None
    try:
        for line in _lines(reader, PATIENCE * seconds):
            told = json.loads(line)
            if isinstance(told, list):
                yield told[0]
            elif told == _END:
                return
            else:
                _raise(told)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(reader)
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    _raise_for(status, seconds)


def _work(writer: int, make: Callable[[], Iterable[Any]], seconds: int) -> NoReturn:
    """Do the child's work; no way leads out of this function."""
    status = 1
    try:
        confine(keep=writer, seconds=seconds, megabytes=reading_megabytes())
        _send(writer, ([found] for found in make()))
        status = 0
    except CannotRead as refusal:
        _send(writer, [{"refused": str(refusal)}])
    except OSError as error:
        _send(writer, [{"refused": f"The file of this list can't be read any more ({error.strerror}): send it again."}])
    except MemoryError:
        status = _OUT_OF_MEMORY
    except Exception as error:  # noqa: BLE001  (told to the parent, which raises it)
        _send(writer, [{"failed": _place(error)}])
    finally:
        os._exit(status)  # no destructor may run: those of the parent's connections would talk to its servers


def _send(writer: int, told: Iterable[Any]) -> None:
    lines, size = [], 0
    for one in told:
        lines.append(json.dumps(one))
        size += len(lines[-1])
        if size >= BLOCK:
            _write("\n".join([*lines, ""]), writer)
            lines, size = [], 0
    _write("\n".join([*lines, json.dumps(_END), ""]), writer)


def _write(text: str, writer: int) -> None:
    rest = memoryview(text.encode())
    while rest:
        rest = rest[os.write(writer, rest) :]


def _place(error: BaseException) -> str:
    """Name an error and where it was raised, without its text, which may hold what stands in the list."""
    trace, where = error.__traceback__, ""
    while trace:
        where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {where}"


def _lines(reader: int, patience: float) -> Iterator[bytes]:
    rest, told = b"", select.poll()
    told.register(reader, select.POLLIN)
    while told.poll(1000 * patience):
        block = os.read(reader, BLOCK)
        if not block:
            return
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    raise ReaderLost("The process that reads a list said nothing for too long.")


def _raise(told: dict[str, str]) -> NoReturn:
    if "refused" in told:
        raise CannotRead(told["refused"])
    raise RuntimeError(f"Reading a list failed: {told['failed']}")


def _raise_for(status: int, seconds: int) -> NoReturn:
    """Say why a child has ended before its end."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        raise CannotRead(
            f"Reading this list takes more than {seconds} seconds of processor time: it is built in a way no "
            "spreadsheet uses. Save the sheet as CSV, or split it, and send that."
        )
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == _OUT_OF_MEMORY:
        raise CannotRead(
            f"Reading this list takes more than {reading_megabytes()} MB of memory: save only the columns with the "
            "IDs and their apps or Pages, as CSV, and send that."
        )
    raise ReaderLost(f"The process that reads a list ended with the status {os.waitstatus_to_exitcode(status)}.")
