"""A loopback port that can be taken down and brought up again under the same number."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

HOST = "127.0.0.1"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener:
    """Serves each connection in a task of its own; closing it cuts every connection."""

    def __init__(self, serve: Serve, *, port: int = 0, context: Callable[[], ssl.SSLContext | None]) -> None:
        self._serve = serve
        self._context = context
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self.port = port
        """The one asked for; the one given once open when that was 0."""

    async def open(self) -> None:
        """Listen. Does nothing when already listening."""
        if self._server is None:
            self._server = await asyncio.start_server(
                self._accept, HOST, self.port, ssl=self._context(), reuse_address=True
            )
            self.port = self._server.sockets[0].getsockname()[1]

    @property
    def is_open(self) -> bool:
        return self._server is not None

    async def close(self) -> None:
        """Refuse connections from now on and cut those that are open."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        tasks = list(self._connections)
        for task, writer in list(self._connections.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            del self._connections[task]
            writer.close()
