"""The MLLP source: its port, its connections, its beginning and its end."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from datetime import UTC, datetime
from typing import NoReturn

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
_AGAIN_SECONDS = 1.0
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
            (await asyncio.to_thread(_bound, self._settings)).close()

    async def serve(self, accept: Accept) -> None:
        """Until cancelled: messages already read are then still kept and answered, for ten seconds at most.

        Raises ConfigError when the port cannot be had or a certificate cannot be used.
        """
        context = await asyncio.to_thread(server_context, self._settings)
        intake = Intake(self._name, self._settings, accept)
        with await asyncio.to_thread(_bound, self._settings) as port:
            port.listen(_BACKLOG)
            looking = asyncio.create_task(self._look_for_ever())
            self.listening.set()
            log.info("mllp.listening", source=self._name, port=self._settings.port, tls=context is not None)
            try:
                await self._take_connections(port, intake, context)
            finally:
                self.listening.clear()
                port.close()
                intake.stopping.set()
                await self._end()
                looking.cancel()

    async def answer(self, message: InboundMessage, content: bytes) -> None:
        """Nothing: a sender was answered when its message was kept."""

    # -- connections --------------------------------------------------------------------------------------------

    async def _take_connections(self, port: socket.socket, intake: Intake, context: ssl.SSLContext | None) -> NoReturn:
        loop = asyncio.get_running_loop()
        while True:
            try:
                plug, address = await loop.sock_accept(port)
            except OSError as error:  # no more descriptors, or a peer gone at once
                log.error("mllp.connection_not_taken", source=self._name, reason=errno.errorcode.get(error.errno or 0))
                await asyncio.sleep(_AGAIN_SECONDS)
                continue
            if len(self._conversations) >= self._settings.max_connections:
                log.warning("mllp.too_many_connections", source=self._name, limit=self._settings.max_connections)
                plug.close()
                continue
            connection = Connection(self._settings, self._room, str(address[0]))
            task = asyncio.create_task(self._meet(plug, connection, intake, context))
            self._conversations[task] = connection
            task.add_done_callback(self._ended)

    async def _meet(
        self, plug: socket.socket, connection: Connection, intake: Intake, context: ssl.SSLContext | None
    ) -> None:
        """Agree on TLS where it is asked for, then converse. Either end may say no: nothing was read then."""
        timeout = None if context is None else _HANDSHAKE_SECONDS
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection, plug, ssl=context, ssl_handshake_timeout=timeout
            )
        except OSError as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            log.warning("mllp.tls_refused", source=self._name, peer=connection.peer, reason=reason)
            return
        await intake.converse(connection)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._conversations[task]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("mllp.failed", source=self._name, error=type(error).__name__)

    async def _look_for_ever(self) -> NoReturn:
        """End what has lasted too long, looking finely enough for the shortest of the times allowed."""
        settings, loop = self._settings, asyncio.get_running_loop()
        shortest = min(settings.frame_timeout_seconds, settings.idle_timeout_seconds, settings.write_timeout_seconds)
        while True:
            await asyncio.sleep(min(max(shortest / 4, _LOOK_SECONDS[0]), _LOOK_SECONDS[1]))
            now = loop.time()
            for connection in self._conversations.values():
                connection.look_at(now)

    async def _end(self) -> None:
        """Let what was read be kept and answered, then close everything."""
        for task, connection in self._conversations.items():
            if connection.made:
                connection.stop()
            else:
                task.cancel()
        left = list(self._conversations)
        try:
            if left:
                await asyncio.wait(left, timeout=_STOP_SECONDS)
        finally:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


def _bound(settings: MllpSettings) -> socket.socket:
    """The port, ours, not listening yet. Raises ConfigError when it cannot be had."""
    plug = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    try:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        plug.bind((settings.host, settings.port))
    except OSError as error:
        plug.close()
        taken = error.errno == errno.EADDRINUSE
        reason = "déjà occupé, par Passeur lui-même s'il est en marche" if taken else error.strerror or "refusé"
        words = f"le port ne peut pas être ouvert : {reason}"
        raise ConfigError("mllp.port_unusable", words, where=f"{settings.host}:{settings.port}") from None
    plug.setblocking(False)
    return plug
