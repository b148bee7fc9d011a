"""The server: connections, pipelined requests answered in order, latency; not what is answered."""

import asyncio
import signal
import socket
import struct
from collections import deque

from lookups.sandbox.control import Control
from lookups.sandbox.graph import Answer, Graph
from lookups.sandbox.hooks import tell
from lookups.sandbox.latency import Latency
from lookups.sandbox.wire import GO_ON, Malformed, Message, Stream, written

IDLE_SECONDS = 75.0


class Connection(asyncio.Protocol):
    """One client. Requests are answered one after the other, in the order they came."""

    def __init__(self, graph: Graph, control: Control, *, controlled: bool) -> None:
        self._graph = graph
        self._control = control
        self._controlled = controlled
        self._stream = Stream()
        self._waiting: deque[Message] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (asyncio's promise for a TCP server)
        self._transport = transport
        self._start_idling()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop working for a client that has gone."""
        if self._idle:
            self._idle.cancel()
        if self._worker:
            self._worker.cancel()

    def data_received(self, data: bytes) -> None:
        """Take in bytes; answer at once where there is no latency and nothing before."""
        self._start_idling()
        self._stream.buffer += data
        malformed = None
        try:
            while message := self._stream.next():
                if self._worker or self._control.must_queue():
                    self._queue(message)
                else:
                    self._send(message)
        except Malformed as problem:
            malformed = problem
        if malformed and self._transport:
            self._transport.write(written(Answer(malformed.status, {"error": str(malformed)}), close=True))
            self._transport.close()
        elif self._transport and self._stream.must_go_on():
            self._transport.write(GO_ON)

    def _start_idling(self) -> None:
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._hang_up_if_idle)

    def _hang_up_if_idle(self) -> None:
        if self._worker:
            self._start_idling()
        elif self._transport:
            self._transport.close()

    def _queue(self, message: Message) -> None:
        self._waiting.append(message)
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._work_on(self._waiting.popleft())
        except BaseException:
            # Without this a client would wait for ever for an answer that nobody works on any more.
            if self._transport:
                self._transport.abort()
            raise
        finally:
            self._worker = None

    async def _work_on(self, message: Message) -> None:
        if message.target.startswith("/__"):
            self._send(message)
            return
        await tell(self._control.hooks, "before")
        answer = self._answer(message)
        items = len(answer.body) if isinstance(answer.body, list) else 1
        await asyncio.sleep(self._control.latency.of(items) + float(answer.fault.get("delay", 0)))
        if "cut" in answer.fault or "drip" in answer.fault:
            await self._misbehave(message, answer)
        else:
            self._write(message, answer)
        # A client that has its answer may hang up, which ends this task, but not what it owes its harness.
        await asyncio.shield(self._control.told_after())

    def _send(self, message: Message) -> None:
        self._write(message, self._answer(message))

    def _write(self, message: Message, answer: Answer) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        close = not message.keeps_alive
        self._transport.write(written(answer, head_only=message.method == "HEAD", close=close))
        if close or answer.fault.get("hang_up"):
            self._transport.close()

    async def _misbehave(self, message: Message, answer: Answer) -> None:
        """Break the connection before, in the headers or in the body, or end it early; or send one byte at a time."""
        if self._transport is None:
            return
        close = not message.keeps_alive
        data = written(answer, head_only=message.method == "HEAD", close=close)
        head = data.find(b"\r\n\r\n") + 4
        half = (head + len(data)) // 2
        where = answer.fault.get("cut", "")
        cut = {"before": 0, "headers": head // 2, "body": half, "short": half}.get(where)
        if cut is not None:
            self._transport.write(data[:cut])
            if where == "short":
                self._transport.close()
                return
            await asyncio.sleep(0.01)  # else the reset overtakes what was written
            # Without lingering the close is a reset, not an orderly end.
            reset = struct.pack("ii", 1, 0)
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            self._transport.abort()
            return
        for byte in data:
            if self._transport.is_closing():
                return
            self._transport.write(bytes([byte]))
            await asyncio.sleep(float(answer.fault["drip"]))
        if close:
            self._transport.close()

    def _answer(self, message: Message) -> Answer:
        path = message.target.partition("?")[0]
        if path == "/__sandbox/health":
            return Answer(200, {"ready": True})
        if path.startswith("/__control/") and self._controlled:
            return self._control.answer(message.method, message.target, message.body)
        if path.startswith("/__"):
            return Answer(404, {"error": "not found"})
        return self._graph.answer_http(message.method, message.target, message.headers, message.body)


async def serve(graph: Graph, listening: socket.socket, *, latency: Latency, controlled: bool) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT."""
    control = Control(graph, latency)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(graph, control, controlled=controlled), sock=listening)
    if controlled:
        await _set_trap(control, listening.getsockname()[0])
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ended.set)
    await ended.wait()
    server.close()


async def _set_trap(control: Control, host: str) -> None:
    """Listen where nobody should ever come, and count who does."""

    async def caught(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        control.trapped += 1
        writer.close()

    server = await asyncio.start_server(caught, host, 0)
    shown = f"[{host}]" if ":" in host else host
    control.trap_url = f"http://{shown}:{server.sockets[0].getsockname()[1]}/"
