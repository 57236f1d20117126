"""The two ends of the MLLP tests: a sender on a real socket, and a keeper over a real store."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from connectors.sources.mllp import MllpSettings, MllpSource
from connectors.sources.mllp.refusal import control_id
from engine.exchange import Accepted, InboundMessage
from engine.ports import Accept
from engine.store.sqlite import SqliteStore

SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def oru(name: str, size: int = 0) -> bytes:
    """A message called `name`, made long by its text."""
    head = f"MSH|^~\\&|SIL|LABO|PASSEUR|ES|20260101080000||ORU^R01^ORU_R01|{name}|T|2.5|||||FRA|UNICODE UTF-8\r"
    body = f"PID|1||12345^^^LABO^PI||ESSAI^ANNE\rOBX|1|TX|T^Texte||{'x' * size}||||||F\r"
    return (head + body).encode()


def framed(content: bytes) -> bytes:
    return b"\x0b" + content + b"\x1c\r"


def told(ack: bytes) -> tuple[str, str]:
    """(MSA-1, MSA-2)."""
    msa = next(segment for segment in ack.split(b"\r") if segment.startswith(b"MSA"))
    fields = msa.decode().split("|")
    return fields[1], fields[2]


@dataclass
class Keeper:
    """Keeps in a store and answers an ACK, as the engine does."""

    store: SqliteStore

    async def accept(self, message: InboundMessage) -> Accepted:
        accepted = await self.store.receive(message)
        name = control_id(message.content)
        return replace(accepted, answer=f"MSH|^~\\&|PASSEUR||||||ACK|1|T|2.5\rMSA|AA|{name}\r".encode())

    async def kept(self) -> list[str]:
        """Names of the messages kept, oldest first."""
        return [row.name for row in reversed(await self.store.messages(limit=100_000))]


@asynccontextmanager
async def keeping(folder: Path) -> AsyncIterator[Keeper]:
    store = SqliteStore(folder / "passeur.db")
    await store.open()
    try:
        yield Keeper(store)
    finally:
        await store.close()


@asynccontextmanager
async def serving(accept: Accept, **settings: Any) -> AsyncIterator[MllpSource]:
    """A source that listens; `source.port` is where."""
    source = MllpSource("labo", MllpSettings(port=free_port(), **settings))
    task = asyncio.create_task(source.serve(accept))
    listening = asyncio.create_task(source.listening.wait())
    await asyncio.wait({task, listening}, return_when=asyncio.FIRST_COMPLETED)
    listening.cancel()
    try:
        yield source
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Sender:
    """One connection of a laboratory system."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send(self, content: bytes) -> None:
        await self.write(framed(content))

    async def answer(self) -> bytes:
        """The next answer, without its frame. Raises IncompleteReadError when the source closed instead."""
        async with asyncio.timeout(SECONDS):
            framed_answer = await self.reader.readuntil(b"\x1c\r")
        assert framed_answer[:1] == b"\x0b"
        return framed_answer[1:-2]

    async def exchange(self, content: bytes) -> tuple[str, str]:
        await self.send(content)
        return told(await self.answer())

    async def rest(self) -> bytes:
        """Everything until the source closes, which it does properly: a connection reset raises."""
        async with asyncio.timeout(SECONDS):
            return await self.reader.read()


@asynccontextmanager
async def sender(source: MllpSource, context: ssl.SSLContext | None = None) -> AsyncIterator[Sender]:
    name = "localhost" if context else None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", source.port, ssl=context, server_hostname=name, limit=1 << 24
    )
    try:
        yield Sender(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
