"""What is taken in at once: silent, endless and too many callers harm nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from fastapi import FastAPI, Request
from starlette.types import Message, Receive, Scope

from engine.api import problems
from engine.api.crowd import Crowd

_SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}


def application() -> FastAPI:
    """Answers with the size of the body it was sent."""
    made = FastAPI()

    @made.post("/")
    async def size(request: Request) -> int:
        return len(await request.body())

    problems.add_to(made)
    return made


def sender(pieces: Iterable[bytes], *, ends: bool = True) -> Receive:
    waiting = iter(pieces)

    async def receive() -> Message:
        piece = next(waiting, None)
        if piece is None:
            if not ends:
                await asyncio.Event().wait()
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": piece, "more_body": True}

    return receive


async def status(crowd: Crowd, receive: Receive, scope: Scope = _SCOPE) -> int:
    told: list[Message] = []

    async def send(message: Message) -> None:
        told.append(message)

    await crowd(dict(scope), receive, send)
    return int(told[0]["status"])


async def test_a_body_within_the_limits_is_taken_in_pieces() -> None:
    crowd = Crowd(application(), calls=2, body_bytes=10)
    assert await status(crowd, sender([b"12345", b"67890"])) == 200


async def test_a_body_that_never_ends_is_cut_where_it_is_too_large() -> None:
    crowd = Crowd(application(), calls=2, body_bytes=10)
    assert await status(crowd, sender([b"x"] * 1000)) == 413
    declared = {**_SCOPE, "headers": [(b"content-length", b"11")]}
    assert await status(crowd, sender([], ends=False), declared) == 413


async def test_a_caller_that_stays_silent_gives_its_place_back() -> None:
    crowd = Crowd(application(), calls=1, body_bytes=10, silence_seconds=0.05)
    silent = asyncio.create_task(status(crowd, sender([b"1"], ends=False)))
    await asyncio.sleep(0)
    assert await status(crowd, sender([b"1"])) == 503
    assert await silent == 408
    assert await status(crowd, sender([b"1"])) == 200
