"""One client's connection: it answers requests in order, waits for the latency, and breaks answers off."""

import asyncio
from collections import deque

from lookups.sandbox.callbacks.request_hooks import call_hooks
from lookups.sandbox.control.endpoint import Control
from lookups.sandbox.faults.answer import Answer
from lookups.sandbox.graph import Graph
from lookups.sandbox.wire.breaking import break_off, breaks, reset
from lookups.sandbox.wire.http import GO_ON, Malformed, Message, Stream, written

IDLE_SECONDS = 75.0


class Connection(asyncio.Protocol):
    """One client. Its requests are answered one after the other, in the order in which they came."""

    def __init__(self, graph: Graph, control: Control, *, controlled: bool, only_control: bool = False) -> None:
        self._graph = graph
        self._control = control
        self._controlled = controlled
        self._only_control = only_control
        self._stream = Stream()
        self._waiting: deque[Message] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._gives_orders = False
        self._address, self._scheme = "", "http"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the transport, and the address that the client came to."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (asyncio's promise for a TCP server)
        self._transport = transport
        host, port = transport.get_extra_info("sockname")[:2]
        self._address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self._control.connections.add(self.cut)
        self._start_idling()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop working for a client that has gone."""
        self._control.connections.discard(self.cut)
        if self._idle:
            self._idle.cancel()
        if self._worker:
            self._worker.cancel()

    def cut(self) -> None:
        """Reset the connection, unless the order to do so came through it or it takes orders only."""
        if self._transport and not (self._gives_orders or self._only_control):
            reset(self._transport)

    def data_received(self, data: bytes) -> None:
        """Take in bytes. Answer a request at once, unless it has to wait or others wait before it."""
        self._start_idling()
        self._stream.buffer += data
        malformed = None
        try:
            while message := self._stream.next():
                if self._worker or self._control.must_queue(message.target):
                    self._queue(message)
                else:
                    self._write(message, self._answer(message))
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
                message = self._waiting.popleft()
                await (self._obey(message) if message.target.startswith("/__") else self._work_on(message))
        except BaseException:
            # Without this the client would wait for ever for an answer that nobody works on.
            if self._transport:
                self._transport.abort()
            raise
        finally:
            self._worker = None

    async def _obey(self, message: Message) -> None:
        self._gives_orders = True
        if self._controlled and self._control.takes_time(message.target):
            answer = await self._control.answer_in_time(message.method, message.target, message.body)
        else:
            answer = self._answer(message)
        self._write(message, answer)
        self._gives_orders = False

    async def _work_on(self, message: Message) -> None:
        await call_hooks(self._control.hooks, "before")
        answer = self._answer(message)
        items = len(answer.body) if isinstance(answer.body, list) else 1
        await asyncio.sleep(self._control.latency.of(items) + float(answer.fault.get("delay", 0)))
        if self._transport and breaks(answer.fault):
            await break_off(self._transport, self._bytes(message, answer), answer.fault)
            if not message.keeps_alive:
                self._transport.close()
        else:
            self._write(message, answer)
        # A client that has its answer may hang up. That ends this task, but the hooks have to be called.
        await asyncio.shield(self._control.call_hooks_after())

    def _write(self, message: Message, answer: Answer) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(self._bytes(message, answer))
        if not message.keeps_alive or answer.fault.get("hang_up"):
            self._transport.close()

    def _bytes(self, message: Message, answer: Answer) -> bytes:
        return written(answer, head_only=message.method == "HEAD", close=not message.keeps_alive)

    def _answer(self, message: Message) -> Answer:
        path = message.target.partition("?")[0]
        if path == "/__sandbox/health":
            return Answer(200, {"ready": True})
        if path.startswith("/__control/") and self._controlled:
            return self._control.answer(message.method, message.target, message.body)
        if path.startswith("/__") or self._only_control:
            return Answer(404, {"error": "not found"})
        message.headers.setdefault("host", self._address)  # HTTP/1.0 may leave it out
        return self._graph.answer_http(
            message.method, message.target, message.headers, message.body, scheme=self._scheme
        )
