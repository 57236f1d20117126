"""What is taken in at once: so many calls, and so many bytes of each; more is refused before it is kept in memory."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.api.body import too_large
from engine.api.problems import RefusedCall, problem
from engine.api.words import language

_SILENCE_SECONDS = 30.0
"""Between two pieces of a body: a caller that stays silent must not keep a place that others need."""


class Crowd:
    """Refuses what comes above the limits: calls (503, Retry-After), bytes (413), silence in a body (408)."""

    def __init__(
        self, application: ASGIApp, calls: int, body_bytes: int, silence_seconds: float = _SILENCE_SECONDS
    ) -> None:
        self._application = application
        self._calls = calls
        self._body_bytes = body_bytes
        self._silence_seconds = silence_seconds
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        tongue = language(scope)
        if self._inside >= self._calls:
            words = "trop d'appels en même temps : revenez dans une seconde"
            await problem(503, "api.busy", words, {"Retry-After": "1"}, tongue=tongue)(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self._body_bytes:
            refused = too_large(self._body_bytes)
            await problem(refused.status, refused.code, refused.message, tongue=tongue)(scope, receive, send)
            return
        self._inside += 1
        try:
            await self._application(scope, self._counted(receive), send)
        finally:
            self._inside -= 1

    def _counted(self, receive: Receive) -> Receive:
        size, whole = 0, False

        async def counted() -> Message:
            nonlocal size, whole
            try:
                async with asyncio.timeout(None if whole else self._silence_seconds):
                    message = await receive()
            except TimeoutError:
                words = f"corps interrompu : rien n'est venu pendant {self._silence_seconds:g} secondes"
                raise RefusedCall(408, "api.too_slow", words, headers={"Connection": "close"}) from None
            whole = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > self._body_bytes:
                raise too_large(self._body_bytes)
            return message

        return counted
