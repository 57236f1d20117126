"""What is said on one connection: a message in, kept, answered; then the next."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from connectors.sources.mllp.connection import Connection
from connectors.sources.mllp.frames import Fault, Frame
from connectors.sources.mllp.refusal import Refusal, control_id, refusal
from connectors.sources.mllp.settings import MllpSettings
from engine.errors import PasseurError, TransientError
from engine.exchange import Accepted, InboundMessage
from engine.ports import Accept

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_AGAIN_SECONDS = 0.5
_REFUSALS = {Fault.UNENDED: Refusal.UNENDED, Fault.TOO_LONG: Refusal.TOO_LONG}


@dataclass(slots=True, eq=False)
class Intake:
    """One run of a source: where its messages go."""

    source: str
    settings: MllpSettings
    accept: Accept
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def converse(self, connection: Connection) -> None:
        """Until the peer leaves, the source stops, or something of this connection had to be refused."""
        try:
            while (frame := await connection.next()) is not None:
                if not await self._taken(frame, connection):
                    break
            self._note(connection)
            await connection.leave()
        finally:
            connection.abort()

    def _note(self, connection: Connection) -> None:
        """What was read and belonged to no message: counted, never shown."""
        if connection.junk_bytes:
            log.warning("mllp.junk", source=self.source, peer=connection.peer, bytes=connection.junk_bytes)
        if connection.cut_short:
            log.warning("mllp.message_cut_short", source=self.source, peer=connection.peer)

    async def _taken(self, frame: Frame, connection: Connection) -> bool:
        """Keep a message, then answer it. False when it was refused: what came after it must not overtake it."""
        if frame.fault is not None:
            log.warning("mllp.refused", source=self.source, peer=connection.peer, reason=frame.fault.name.lower())
            await self._refuse(frame.content, _REFUSALS[frame.fault], connection)
            return False
        try:
            accepted = await self._kept(frame.content, connection)
        except Exception as error:  # a fault of ours or of the disk: not kept, so never acknowledged
            code = error.code if isinstance(error, PasseurError) else type(error).__name__
            log.error("mllp.not_kept", source=self.source, peer=connection.peer, code=code)
            if self.settings.when_unavailable == "reject":
                await self._refuse(frame.content, Refusal.UNAVAILABLE, connection)
            return False
        if accepted.answer is not None:
            await connection.answer(accepted.answer)
        return True

    async def _kept(self, content: bytes, connection: Connection) -> Accepted:
        """Raises what `accept` raises, TransientError only once patience is over or the source stops."""
        now = datetime.now(UTC)
        name = control_id(content) or f"{connection.peer} {now.isoformat()}"
        message = InboundMessage(content=content, source=self.source, name=name, received_at=now)
        until: float | None = None
        while True:
            try:
                return await self.accept(message)
            except TransientError as error:
                now_seconds = asyncio.get_running_loop().time()
                until = now_seconds + self.settings.patience_seconds if until is None else until
                pause = max(_AGAIN_SECONDS, error.retry_after_seconds or 0)
                if self.stopping.is_set() or now_seconds + pause > until:
                    raise
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause)

    async def _refuse(self, content: bytes, why: Refusal, connection: Connection) -> None:
        """Say no, where the message can be named; else the closed connection says it."""
        said = refusal(content, why, datetime.now(UTC), uuid.uuid4().hex[:20])
        if said is not None:
            await connection.answer(said)
