"""The line of documents that come already made: an MLLP listener, the engine, a DMP and mailboxes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from connectors.simulators import DmpSimulator, MailSimulator
from engine import app
from engine.formats.hl7v2.er7 import Message
from engine.records import DocumentRow, MessageRow, MessageState
from tests.routes.installation import Line, free_port, peers, routes_text, running

_MOVING = {MessageState.RECEIVED, MessageState.CONVERTING, MessageState.POSTPONED}
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class DocumentLine(Line):
    """A line whose sender speaks MLLP."""

    port: int

    async def exchange(self, content: bytes) -> Message | None:
        """One message on a connection of its own; its ACK, or None for one that is not answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 26)
        try:
            writer.write(b"\x0b" + content + b"\x1c\r")
            writer.write_eof()
            async with asyncio.timeout(_SECONDS):
                answered = await reader.read()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        return Message.parse(answered.strip(b"\x0b\x1c\r") + b"\r") if answered else None

    async def settled(self) -> tuple[MessageRow, ...]:
        """Every message, oldest first, once none moves."""
        async with asyncio.timeout(120):
            while set(await self.engine.store.message_counts()) & _MOVING:
                await asyncio.sleep(0.05)
        return tuple(reversed(await self.engine.store.messages(limit=1000)))

    async def last_documents(self) -> tuple[DocumentRow, ...]:
        """Documents of the message that came last, once nothing moves."""
        await self.quiet(seconds=60)
        rows = await self.settled()
        return await self.engine.store.documents(rows[-1].id)


@asynccontextmanager
async def document_line(directory: Path, **route: str) -> AsyncIterator[DocumentLine]:
    """`route`: what routes.yaml says of this route, `strictness: strict`…"""
    async with peers(directory) as (dmp, mail):
        port = free_port()
        installation, problems = app.configured(_routes(directory, dmp, mail, port, route))
        assert installation is not None, [str(problem) for problem in problems]
        async with running(installation, directory / "home") as engine:
            await _listening(engine)
            yield DocumentLine(engine, dmp, mail, port)


def _routes(directory: Path, dmp: DmpSimulator, mail: MailSimulator, port: int, route: dict[str, str]) -> Path:
    text = routes_text(directory, dmp.url, mail.port)
    text = text.replace("\ndestinations:", f"\n  ris:\n    type: mllp\n    port: {port}\n\ndestinations:", 1)
    own = "".join(f"    {name}: {value}\n" for name, value in route.items())
    text += f"\n  - name: documents\n    from: [ris]\n    format: hl7v2\n    to: [dmp, medecins, patient]\n{own}"
    file = directory / "routes.yaml"
    file.write_text(text, encoding="utf-8")
    return file


async def _listening(engine: app.Engine) -> None:
    source = engine.sources["ris"]
    async with asyncio.timeout(10):
        await source.listening.wait()  # type: ignore[attr-defined]
