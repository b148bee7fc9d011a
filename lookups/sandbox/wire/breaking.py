"""Breaking an answer off: the connection is reset or ended early, drips byte by byte, or falls silent."""

import asyncio
import socket
import struct
from typing import Any

_RESET = struct.pack("ii", 1, 0)


def breaks(fault: dict[str, Any]) -> bool:
    """Tell whether a fault breaks the answer off."""
    return any(name in fault for name in ("cut", "drip", "silence"))


async def break_off(transport: asyncio.Transport, data: bytes, fault: dict[str, Any]) -> None:
    """Send as much of an answer as the fault lets through."""
    if "silence" in fault:
        await asyncio.Event().wait()  # until the client hangs up
    elif "cut" in fault:
        await _cut(transport, data, fault["cut"])
    else:
        await _drip(transport, data, float(fault["drip"]))


async def _cut(transport: asyncio.Transport, data: bytes, where: str) -> None:
    head = data.find(b"\r\n\r\n") + 4
    half = (head + len(data)) // 2
    transport.write(data[: {"before": 0, "headers": head // 2, "body": half, "short": half}[where]])
    if where == "short":
        transport.close()
        return
    await asyncio.sleep(0.01)  # without this the reset overtakes what was written
    reset(transport)


def reset(transport: asyncio.Transport) -> None:
    """End a connection by a reset: closing a socket that lingers for 0 seconds sends one."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()


async def _drip(transport: asyncio.Transport, data: bytes, pause: float) -> None:
    for byte in data:
        if transport.is_closing():
            return
        transport.write(bytes([byte]))
        await asyncio.sleep(pause)
