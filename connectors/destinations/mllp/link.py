"""One connection to the peer: a message out, its answer in, never two at once."""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress

START = b"\x0b"
END = b"\x1c\r"
_LONGEST_ANSWER = 1 << 20
_CLOSE_SECONDS = 1.0
_KEEPALIVE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""A host that is gone is found out in half a minute, where the system lets us say so."""


class Unreadable(Exception):
    """What came is no frame of any answer."""


class Link:
    """A connection that is made. Its methods raise OSError (ssl.SSLError included) and TimeoutError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._held = bytearray()
        self._idle_since = 0.0
        writer.transport.set_write_buffer_limits(high=1, low=0)  # what was drained has left this process
        _keep_alive(writer)

    @classmethod
    async def make(cls, host: str, port: int, context: ssl.SSLContext | None, seconds: float) -> Link:
        async with asyncio.timeout(seconds):
            return cls(*await asyncio.open_connection(host, port, ssl=context))

    async def begin(self, content: bytes, seconds: float) -> None:
        """Send a message, but for the end mark: nothing can be made of it yet."""
        async with asyncio.timeout(seconds):
            self._writer.write(START + content)
            await self._writer.drain()

    async def end(self, seconds: float) -> None:
        """Send the end mark: from its first byte on the peer may have taken the message."""
        async with asyncio.timeout(seconds):
            self._writer.write(END)
            await self._writer.drain()

    async def answer(self, seconds: float) -> bytes:
        """The next frame, its marks left out; a lone 0x1C ends it as well. Raises Unreadable, or ConnectionError when
        the peer leaves before its end."""
        async with asyncio.timeout(seconds):
            while (found := self._frame()) is None:
                read = await self._reader.read(1 << 16)
                if not read:
                    raise ConnectionResetError("closed before the end of an answer")
                self._held += read
            return found

    def _frame(self) -> bytes | None:
        start = self._held.find(START)
        end = self._held.find(END[:1], max(start, 0))
        if start < 0 and end >= 0:
            raise Unreadable
        if start < 0 or end < 0:
            if len(self._held) > _LONGEST_ANSWER:
                raise Unreadable
            return None
        found = bytes(self._held[start + 1 : end])
        del self._held[: end + 1]
        return found

    def rest(self) -> None:
        """Nothing is under way; what follows an answer (its final 0x0D) is left out."""
        self._held.clear()
        self._idle_since = asyncio.get_running_loop().time()

    async def usable(self, seconds: float) -> bool:
        """False for a connection that rested too long, that the peer left, or on which it said something unasked."""
        if asyncio.get_running_loop().time() - self._idle_since >= seconds or self._writer.is_closing():
            return False
        try:
            async with asyncio.timeout(0):
                return (await self._reader.read(2)) == END[1:]  # of the last answer
        except TimeoutError:
            return True
        except OSError:
            return False

    async def silent(self, seconds: float) -> None:
        """Wait for what a peer says unasked: over TLS 1.3 it refuses our certificate once the connection is made."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                if not await self._reader.read(1):
                    raise ConnectionResetError("closed at once")

    def abort(self) -> None:
        """Cut, so that nothing of a message begun can be taken for a whole one."""
        self._writer.transport.abort()

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._writer.wait_closed()


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    plug = writer.get_extra_info("socket")
    if plug is None:
        return
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        if hasattr(socket, option):
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
