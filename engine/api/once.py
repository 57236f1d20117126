"""`Idempotency-Key`: the same call again is answered the same, and does nothing again."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header, Request, Response
from pydantic import BaseModel

from engine.api.callers import Caller
from engine.api.problems import RefusedCall
from engine.api.services import Services
from engine.operations import RefusedOperation, UnknownSubject

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""`true` on an answer given before."""
CallKey = Annotated[
    str | None,
    Header(
        alias=HEADER,
        description="Au choix de l'appelant (UUID…), 1 à 255 signes, gardée 7 jours par clé d'API : le même appel "
        "reçoit la même réponse ; un autre corps sous la même clé est refusé (409). Un appel refusé la libère.",
    ),
]
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
Answer = tuple[int, BaseModel]


class Once:
    """One call at a time for each caller and key: a second one waits for the answer of the first."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, caller: str, key: str) -> AsyncIterator[None]:
        place = (caller, key)
        lock, waiting = self._turns.get(place, (asyncio.Lock(), 0))
        self._turns[place] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._turns[place]
            if waiting == 1:
                del self._turns[place]
            else:
                self._turns[place] = (lock, waiting - 1)


async def once(
    request: Request,
    caller: Caller,
    given: Services,
    call_key: str | None,
    parts: Iterable[bytes],
    work: Callable[[], Awaitable[Answer]],
) -> Response:
    """The answer of `work`, or the one it gave before under this key. `parts`: all that was asked."""
    if call_key is None:
        status, body = await work()
        return _response(status, body.model_dump_json())
    if not _KEY.fullmatch(call_key):
        words = f"l'en-tête {HEADER} tient en 1 à 255 signes ASCII, sans espace"
        raise RefusedCall(422, "api.idempotency_key", words)
    turns = request.app.state.once
    assert isinstance(turns, Once)
    async with turns.turn(caller.name, call_key):
        digest = _digest(request, parts)
        known = await given.store.begin_call(caller.name, call_key, digest, now=datetime.now(UTC))
        if known is not None and not hmac.compare_digest(known.digest, digest):
            words = f"cette {HEADER} a déjà servi pour un autre appel : prenez-en une autre"
            raise RefusedCall(409, "api.idempotency_conflict", words)
        if known is not None and known.status is not None:
            return _response(known.status, known.answer, {REPLAYED: "true"})
        try:
            status, body = await work()
        except (RefusedCall, RefusedOperation, UnknownSubject):
            await given.store.forget_call(caller.name, call_key)
            raise
        answer = body.model_dump_json()
        await given.store.end_call(caller.name, call_key, status, answer)
        return _response(status, answer)


def _response(status: int, body: str, headers: dict[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type="application/json")


def _digest(request: Request, parts: Iterable[bytes]) -> bytes:
    """SHA-256 of the method, the address and every part, each with its length so that none can pass for another."""
    total = hashlib.sha256()
    for part in (f"{request.method} {request.url.path}?{request.url.query}".encode(), *parts):
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.digest()
