"""A wire between the engine and a peer: carries bytes as they are, and tells when an answer has passed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

HOST = "127.0.0.1"
_BLOCK_BYTES = 65_536


class Wire:
    """Listens on a port of its own and carries each connection to the peer's port, until `close`."""

    def __init__(self, peer_port: int) -> None:
        self._peer_port = peer_port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.after_answer: Callable[[], None] | None = None
        """Called as soon as bytes of the peer were handed to the system for the engine."""

    @property
    def port(self) -> int:
        assert self._server is not None, "the wire is not open"
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._connection, HOST, 0)

    async def close(self) -> None:
        assert self._server is not None, "the wire is not open"
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            peer_reader, peer_writer = await asyncio.open_connection(HOST, self._peer_port)
            with contextlib.closing(peer_writer):
                await asyncio.gather(
                    self._carry(reader, peer_writer, None), self._carry(peer_reader, writer, self._passed)
                )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passed: Callable[[], None] | None
    ) -> None:
        """Everything up to the end; the end itself too."""
        while block := await reader.read(_BLOCK_BYTES):
            writer.write(block)
            if passed is not None:
                passed()
            await writer.drain()
        writer.write_eof()

    def _passed(self) -> None:
        if self.after_answer is not None:
            self.after_answer()
