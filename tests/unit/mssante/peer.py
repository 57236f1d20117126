"""A server that follows a script line by line, over a real socket: for what no decent server does."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

CUT = "cut"
"""Drop the connection."""
SILENCE = "silence"
"""Say nothing more, and keep the connection."""

_USUAL = {
    "greeting": "220 essai",
    "ehlo": "250-essai\r\n250-STARTTLS\r\n250 SIZE 25000000",
    "starttls": "220 allez-y",
    "hello": "250-essai\r\n250-SIZE 25000000\r\n250-DSN\r\n250 AUTH EXTERNAL",
    "auth": "235 oui",
    "mail": "250 oui",
    "rcpt": "250 oui",
    "data": "354 allez-y",
    "end": "250 pris",
    "rset": "250 oui",
    "quit": "221 au revoir",
}


class Peer:
    """What was said to it is in `commands`, what it read of messages in `content`, whole ones in `taken`."""

    def __init__(self, context: ssl.SSLContext, replies: dict[str, str]) -> None:
        self._context = context
        self._replies = {**_USUAL, **replies}
        self.commands: list[str] = []
        self.content = b""
        self.taken: list[bytes] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self._converse(reader, writer)
        if not writer.transport.is_closing():
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._reply(writer, "greeting")
        hello = "ehlo"
        while line := (await reader.readuntil(b"\r\n")).decode().strip():
            self.commands.append(line)
            verb = line.split()[0].lower()
            await self._reply(writer, hello if verb == "ehlo" else verb)
            if verb == "starttls":
                await writer.start_tls(self._context)
                hello = "hello"
            elif verb == "data":
                await self._read_message(reader, writer)
            elif verb == "quit":
                return

    async def _read_message(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if "during" in self._replies:
            await reader.readexactly(100)
            await self._reply(writer, "during")
        self.content = b""
        while not self.content.endswith(b"\r\n.\r\n"):
            block = await reader.read(65_536)
            if not block:
                return
            self.content += block
        if not self._replies["end"].startswith("not taken"):
            self.taken.append(self.content)
        await self._reply(writer, "end")

    async def _reply(self, writer: asyncio.StreamWriter, step: str) -> None:
        words = self._replies[step].removeprefix("not taken ")
        if words == SILENCE:
            await asyncio.Event().wait()
        if words == CUT:
            writer.transport.abort()
            raise ConnectionAbortedError
        writer.write((words + ("" if words.endswith("…") else "\r\n")).encode())
        await writer.drain()
        if words.endswith("…"):
            writer.transport.abort()
            raise ConnectionAbortedError


@contextlib.asynccontextmanager
async def peer(context: ssl.SSLContext, host: str = "127.0.0.1", **replies: str) -> AsyncIterator[Peer]:
    """Listening on the loopback, with some usual replies changed; every conversation ended on leaving."""
    one = Peer(context, replies)
    tasks: set[asyncio.Task[None]] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with contextlib.suppress(asyncio.CancelledError):
            await one.serve(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(served, host, 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
