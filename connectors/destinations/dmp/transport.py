"""HTTP/1.1 over mutual TLS: one call, and what its failures mean (nothing taken, no answer, certificate refused)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2

from engine.errors import LaneError, PasseurError, TransientError, UncertainError
from engine.ports import Sending

_ANSWER_LIMIT_BYTES = 50 * 1024 * 1024
_REFUSING_ALERTS = (
    "CERTIFICATE",
    "UNKNOWN_CA",
    "ACCESS_DENIED",
    "HANDSHAKE_FAILURE",
    "PROTOCOL_VERSION",
    "INSUFFICIENT_SECURITY",
)
"""TLS alerts by which a server refuses us; any other one says nothing of what it took (RFC 8446, 6.2)."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    content_type: str
    body: bytes
    retry_after_seconds: float | None


class Transport:
    """Kept-alive connections to one DMP, with one certificate."""

    def __init__(self, context: ssl.SSLContext, *, connect_timeout_seconds: float) -> None:
        self._connect_timeout_seconds = connect_timeout_seconds
        self._client = httpx2.AsyncClient(
            verify=context,
            http2=False,
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
            timeout=httpx2.Timeout(None, connect=connect_timeout_seconds),
        )

    async def post(
        self,
        url: str,
        chunks: tuple[bytes, ...],
        content_type: str,
        *,
        timeout_seconds: float,
        sending: Sending | None = None,
    ) -> HttpAnswer:
        """One POST. `sending` is awaited once connected, right before the body; from then on, no answer is uncertain.

        Without `sending` the call changes nothing at the peer: no answer is transient.
        """
        body = _Body(chunks, sending)
        headers = {"Content-Type": content_type, "Content-Length": str(sum(len(one) for one in chunks))}
        return await self._call("POST", url, body, headers, timeout_seconds)

    async def reach(self, url: str, *, timeout_seconds: float) -> None:
        """Prove that the peer answers over TLS and takes our certificate; what it answers does not matter."""
        await self._call("HEAD", url, _Body((), None), {}, timeout_seconds)

    async def close(self) -> None:
        await self._client.aclose()

    async def _call(
        self, method: str, url: str, body: _Body, headers: dict[str, str], timeout_seconds: float
    ) -> HttpAnswer:
        content = body.stream() if body.chunks else None
        try:
            async with asyncio.timeout(self._connect_timeout_seconds + timeout_seconds):
                async with self._client.stream(method, url, content=content, headers=headers) as response:
                    return HttpAnswer(
                        response.status_code,
                        response.headers.get("Content-Type", ""),
                        await _read(response),
                        _retry_after(response.headers.get("Retry-After")),
                    )
        except (httpx2.HTTPError, TimeoutError, OSError) as error:
            if body.refused_by_us:
                raise
            raise _meaning(error, handed_over=body.handed_over) from error


class _Body:
    """The request body, in chunks; knows whether its first byte was about to leave."""

    def __init__(self, chunks: tuple[bytes, ...], sending: Sending | None) -> None:
        self.chunks = chunks
        self.handed_over = False
        self.refused_by_us = False
        """`sending` itself failed: nothing left, and the peer has no part in it."""
        self._sending = sending

    async def stream(self) -> AsyncIterator[bytes]:
        if self._sending is not None:
            self.refused_by_us = True
            await self._sending()
            self.refused_by_us = False
            self.handed_over = True
        for chunk in self.chunks:
            yield chunk


async def _read(response: httpx2.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > _ANSWER_LIMIT_BYTES:
            raise httpx2.ReadError("answer too long")
    return bytes(content)


def _retry_after(value: str | None) -> float | None:
    """In seconds; a date is not read, the engine's own delay holds then."""
    if value is None or not (value.isascii() and value.strip().isdigit()):
        return None
    return float(min(int(value), 86_400))


def _meaning(error: BaseException, *, handed_over: bool) -> PasseurError:
    refused = _tls(error)
    if refused is not None:
        return refused
    if handed_over:
        return UncertainError(
            "dmp.no_answer",
            "Le DMP n'a pas répondu après l'envoi : il sera interrogé avant tout nouvel envoi.",
        )
    return TransientError(
        "dmp.unreachable",
        "Le DMP n'est pas joignable (réseau, adresse, ou connexion fermée sans explication) : l'envoi sera repris.",
    )


def _tls(error: BaseException) -> LaneError | None:
    """A refused certificate, ours or theirs: no document would pass."""
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return LaneError(
                "dmp.server_certificate",
                "Le certificat présenté par le DMP n'est pas reconnu : vérifier l'adresse et `ca_bundle`.",
            )
        reason = str(getattr(one, "reason", "") or one) if isinstance(one, ssl.SSLError) else ""
        if "ALERT" in reason.upper() and any(word in reason.upper() for word in _REFUSING_ALERTS):
            return LaneError(
                "dmp.certificate_refused",
                "Le DMP refuse la connexion avec le certificat d'authentification de la structure : "
                "vérifier sa validité (expiration, révocation), puis rouvrir la voie.",
            )
    return None


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found
