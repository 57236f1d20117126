"""The MLLP source: its port, its connections, its beginning and its end."""

from __future__ import annotations

import asyncio
import errno
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from connectors.sources.mllp.connection import Connection
from connectors.sources.mllp.conversation import Intake, log
from connectors.sources.mllp.room import Room
from connectors.sources.mllp.settings import MllpSettings
from connectors.sources.mllp.tls import refuse_expired, server_context
from engine.errors import ConfigError
from engine.exchange import InboundMessage
from engine.ports import Accept

_HANDSHAKE_SECONDS = 10.0
_STOP_SECONDS = 10.0
_LOOK_SECONDS = (0.02, 1.0)
_BACKLOG = 512


class MllpSource:
    """Listens, and converses with each sender in a task of its own."""

    def __init__(self, name: str, settings: MllpSettings) -> None:
        self._name = name
        self._settings = settings
        self._room = Room(settings.max_large_messages)
        self._conversations: dict[asyncio.Task[None], Connection] = {}
        self.listening = asyncio.Event()
        """Set while connections are taken."""

    @property
    def port(self) -> int:
        return self._settings.port

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._conversations)

    async def check(self) -> None:
        context = await asyncio.to_thread(server_context, self._settings)
        if context is not None:
            await asyncio.to_thread(refuse_expired, self._settings, datetime.now(UTC))
        if not self.listening.is_set():
            server = await self._bound(lambda: asyncio.Protocol())
            server.close()
            await server.wait_closed()

    async def serve(self, accept: Accept) -> None:
        """Until cancelled: messages already read are then still kept and answered, for ten seconds at most.

        Raises ConfigError when the port cannot be had or a certificate cannot be used.
        """
        context = await asyncio.to_thread(server_context, self._settings)
        intake = Intake(self._name, self._settings, accept)
        server = await self._bound(lambda: _Door(lambda transport: self._met(transport, intake, context)))
        try:
            await server.start_serving()
            self.listening.set()
            log.info("mllp.listening", source=self._name, port=self._settings.port, tls=context is not None)
            while True:
                await asyncio.sleep(self._look_seconds)
                self._look()
        finally:
            self.listening.clear()
            server.close()
            intake.stopping = True
            await self._end()

    async def answer(self, message: InboundMessage, content: bytes) -> None:
        """Nothing: a sender was answered when its message was kept."""

    # -- connections --------------------------------------------------------------------------------------------

    def _met(self, transport: asyncio.Transport, intake: Intake, context: ssl.SSLContext | None) -> None:
        if len(self._conversations) >= self._settings.max_connections:
            log.warning("mllp.too_many_connections", source=self._name, limit=self._settings.max_connections)
            transport.abort()
            return
        connection = Connection(self._settings, self._room)
        if context is None:
            transport.set_protocol(connection)
            connection.connection_made(transport)
            task = asyncio.create_task(intake.converse(connection))
        else:
            transport.pause_reading()
            task = asyncio.create_task(self._secured(transport, connection, context, intake))
        self._conversations[task] = connection
        task.add_done_callback(self._ended)

    async def _secured(
        self, transport: asyncio.Transport, connection: Connection, context: ssl.SSLContext, intake: Intake
    ) -> None:
        """Agree on TLS, then converse. Both ends may say no: it is logged, and nothing was read."""
        peer = (transport.get_extra_info("peername") or ("",))[0]
        try:
            secured = await asyncio.get_running_loop().start_tls(
                transport, connection, context, server_side=True, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except (OSError, EOFError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            log.warning("mllp.tls_refused", source=self._name, peer=peer, reason=reason)
            transport.abort()
            return
        if secured is None:  # the peer left at once
            return
        connection.connection_made(secured)
        await intake.converse(connection)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._conversations[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("mllp.failed", source=self._name, error=type(error).__name__)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in self._conversations.values():
            connection.look_at(now)

    async def _end(self) -> None:
        """Let what was read be kept and answered, then close everything."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _STOP_SECONDS
        for task, connection in list(self._conversations.items()):
            if connection.made:
                connection.stop()
            else:
                task.cancel()
        try:
            while self._conversations and loop.time() < until:
                await asyncio.wait(self._conversations, timeout=self._look_seconds)
                self._look()
        finally:
            tasks = list(self._conversations)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def _look_seconds(self) -> float:
        """How often connections are looked at: finely enough for the shortest of their times."""
        settings = self._settings
        shortest = min(settings.frame_timeout_seconds, settings.idle_timeout_seconds, settings.write_timeout_seconds)
        return min(max(shortest / 4, _LOOK_SECONDS[0]), _LOOK_SECONDS[1])

    async def _bound(self, protocol: Callable[[], asyncio.Protocol]) -> asyncio.Server:
        """The port, ours, not listening yet. Raises ConfigError when it cannot be had."""
        host, port = self._settings.host, self._settings.port
        try:
            return await asyncio.get_running_loop().create_server(
                protocol, host, port, backlog=_BACKLOG, start_serving=False
            )
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            reason = "déjà occupé, par Passeur lui-même s'il est en marche" if taken else error.strerror or "refusé"
            words = f"le port ne peut pas être ouvert : {reason}"
            raise ConfigError("mllp.port_unusable", words, where=f"{host}:{port}") from None


class _Door(asyncio.Protocol):
    """A connection just made."""

    def __init__(self, met: Callable[[asyncio.Transport], None]) -> None:
        self._met = met

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._met(cast(asyncio.Transport, transport))
