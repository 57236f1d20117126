"""The consumer peer: an MLLP port, its script, what it took and what it refused."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

from connectors.simulators.consumer.messages import END, START, Taken, acknowledgement, problem
from connectors.simulators.durable import Ledger, make_directory
from connectors.simulators.listener import HOST, Listener
from connectors.simulators.pki import Pki
from connectors.simulators.script import Behaviour, Kind, Script
from connectors.simulators.tls import server_context

_LONGEST = 64 << 20
_NOT_TAKEN = frozenset({Kind.REFUSE, Kind.BUSY, Kind.CUT_AFTER_BODY_NOT_TAKEN})


class ConsumerSimulator:
    """A software of care. `directory` holds what it took and is read again at the next start.

    It takes a message once, by its MSH-10, and answers AA each time. With `pki` it wants TLS and a client certificate.
    Behaviours, one per message: REFUSE (AE with `code`, default 207), BUSY (AR), DELAY and LATE (`seconds`),
    CUT_BEFORE_BODY (cut at the first octets), CUT_AFTER_BODY (taken, no answer), CUT_AFTER_BODY_NOT_TAKEN,
    PARTIAL_ANSWER (taken, half an answer, cut), ANSWER_TWICE (an answer to another message first, then the right one,
    twice), FAULT (taken, an answer to another message only), HTML_502 (taken, answered by something that is no answer).
    """

    def __init__(self, directory: Path, pki: Pki | None = None, *, port: int = 0, script: Script | None = None) -> None:
        make_directory(directory)
        self.script = script or Script()
        self.host = HOST
        self.refusals: list[str] = []
        """Code and place of everything refused by judgement."""
        self.received: list[str] = []
        """MSH-10 of every whole message, taken, taken before or refused."""
        self._pki = pki
        self._expired = False
        self._ledger = Ledger(directory / "messages.jsonl")
        self._taken = [Taken.of(base64.b64decode(line["content"])) for line in self._ledger.lines()]
        self._listener = Listener(self._serve, port=port, context=self._context)
        self.connections = 0
        """How many were made so far."""

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def taken(self) -> tuple[Taken, ...]:
        """Messages taken, oldest first; each MSH-10 once."""
        return tuple(self._taken)

    async def start(self) -> None:
        await self._listener.open()

    async def stop(self) -> None:
        """Cut everything; what was taken stays on disk."""
        await self._listener.close()

    async def down(self) -> None:
        """Refuse connections until `up`."""
        await self.stop()

    async def up(self) -> None:
        """Listen again, on the same port."""
        await self.start()

    async def expire_certificate(self, expired: bool = True) -> None:
        """Present an expired server certificate from now on, or the good one again."""
        self._expired = expired
        if self._listener.is_open:
            await self.down()
            await self.up()

    def _context(self) -> ssl.SSLContext | None:
        if self._pki is None:
            return None
        return server_context(self._pki.expired_server if self._expired else self._pki.server, self._pki.ca)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while await self._one(reader, writer):
            pass

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One message; False when the connection is over."""
        first = await reader.read(1)
        if not first:
            return False
        behaviour = self.script.take("message", main=True)
        if behaviour.kind is Kind.CUT_BEFORE_BODY:
            writer.transport.abort()
            return False
        content = await _frame(reader, first)
        if content is None:
            return False
        answers = await self._judged(content, behaviour)
        for answer in answers:
            writer.write(answer)
        await writer.drain()
        if behaviour.kind in (Kind.CUT_AFTER_BODY, Kind.CUT_AFTER_BODY_NOT_TAKEN, Kind.PARTIAL_ANSWER):
            writer.close()
            return False
        return True

    async def _judged(self, content: bytes, behaviour: Behaviour) -> list[bytes]:
        """Take it or not, and what to send back."""
        if behaviour.kind is Kind.DELAY:
            await asyncio.sleep(behaviour.seconds)
        message = Taken.of(content)
        self.received.append(message.control_id)
        wrong = problem(message)
        if wrong:
            self.refusals.append(wrong)
            return [_framed(acknowledgement(message, "AE", wrong))]
        if behaviour.kind not in _NOT_TAKEN:
            self._take(message)
        if behaviour.kind is Kind.LATE:
            await asyncio.sleep(behaviour.seconds)
        return _answers(message, behaviour)

    def _take(self, message: Taken) -> None:
        if message.control_id not in {one.control_id for one in self._taken}:
            self._ledger.add([{"content": base64.b64encode(message.content).decode("ascii")}])
            self._taken.append(message)


def _answers(message: Taken, behaviour: Behaviour) -> list[bytes]:
    good = _framed(acknowledgement(message, "AA"))
    other = _framed(acknowledgement(message, "AA", about="another"))
    match behaviour.kind:
        case Kind.REFUSE:
            return [_framed(acknowledgement(message, "AE", behaviour.code or "207"))]
        case Kind.BUSY:
            return [_framed(acknowledgement(message, "AR", "207"))]
        case Kind.CUT_AFTER_BODY | Kind.CUT_AFTER_BODY_NOT_TAKEN:
            return []
        case Kind.PARTIAL_ANSWER:
            return [good[: len(good) // 2]]
        case Kind.ANSWER_TWICE:
            return [other, good, good]
        case Kind.FAULT:
            return [other]
        case Kind.HTML_502:
            return [START + b"<html>502 Bad Gateway</html>" + END]
        case _:
            return [good]


def _framed(content: bytes) -> bytes:
    return START + content + END


async def _frame(reader: asyncio.StreamReader, first: bytes) -> bytes | None:
    """The content of a whole frame; None for one that is cut, or is none."""
    held = bytearray(first)
    while not held.endswith(END):
        read = await reader.read(1 << 16)
        if not read or len(held) > _LONGEST:
            return None
        held += read
    if not held.startswith(START):
        return None
    return bytes(held[1 : -len(END)])
