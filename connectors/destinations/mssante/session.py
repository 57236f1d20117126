"""One SMTP conversation for one mail: STARTTLS always, and the end of the message as the only point of no return.

A server takes a message when it has read its end, the line that holds a single period (RFC 5321, 4.1.1.4), and must
drop what was cut before it. So everything up to that line may fail without a doubt; from there on only an answer tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable
from typing import cast

import aiosmtplib

from connectors.destinations.mssante.errors import CUT, Step, link_failure, no_answer, refusal
from connectors.destinations.mssante.receipts import original_recipient
from connectors.destinations.mssante.settings import MssanteSettings
from engine.errors import LaneError, PermanentError, TransientError
from engine.ports import Sending

_END = b".\r\n"
_BLOCK_BYTES = 65_536
_START_INPUT = 354
_LEADING_PERIOD = re.compile(rb"(?m)^\.")
_FAILURES = (aiosmtplib.SMTPException, OSError)


@contextlib.asynccontextmanager
async def session(settings: MssanteSettings, context: ssl.SSLContext) -> AsyncIterator[Session]:
    """Connected, enciphered, known to the server. Left politely, or cut at once when anything failed.

    Raises TransientError when the server cannot be reached, LaneError when it and we cannot agree.
    """
    smtp = await _opened(settings, context)
    try:
        yield Session(smtp, settings)
    except BaseException:
        _cut(smtp)
        raise
    _leave(smtp)


class Session:
    """A server ready for one mail."""

    def __init__(self, smtp: aiosmtplib.SMTP, settings: MssanteSettings) -> None:
        self._smtp = smtp
        self._settings = settings
        self._writer: asyncio.StreamWriter | None = None

    async def probe(self) -> None:
        """Whether it takes mail from our mailbox; nothing is sent."""
        await _said(Step.MAIL, self._smtp.mail(self._settings.sender))
        await _said(Step.MAIL, self._smtp.rset())

    @property
    def reports_delivery(self) -> bool:
        """Whether the server can be asked for delivery reports (EHLO: DSN)."""
        return self._smtp.supports_extension("dsn")

    async def envelope(self, to: str, size: int, *, report_as: str | None) -> None:
        """From whom, to whom; where the server knows how, a delivery report is asked for under the ENVID `report_as`.

        Raises what `refusal` and `link_failure` make of the answers.
        """
        announced = self._smtp.esmtp_extensions.get("size", "")
        limit = int(announced) if announced.isdecimal() else 0
        if limit and size > limit:
            words = f"courriel trop volumineux : {size} octets une fois encodé, {limit} au plus pour le serveur MSSanté"
            raise PermanentError("mssante.too_large", words, where=Step.MAIL.value)
        options, notify = [f"SIZE={size}"] if "size" in self._smtp.esmtp_extensions else [], []
        if report_as is not None and self.reports_delivery:
            options += ["RET=HDRS", f"ENVID={report_as}"]
            notify = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT={original_recipient(to)}"]
        await _said(Step.MAIL, self._smtp.mail(self._settings.sender, options=options))
        await _said(Step.RCPT, self._smtp.rcpt(to, options=notify))

    async def send(self, content: bytes, sending: Sending) -> None:
        """The message, then `sending()`, then its end.

        Raises TransientError when the link fails before the end is sent, UncertainError when no answer comes after it.
        """
        await _said(Step.DATA, self._smtp.execute_command(b"DATA"), expected=_START_INPUT)
        protocol, transport = self._smtp.protocol, self._smtp.transport
        if protocol is None or transport is None:
            raise link_failure(ConnectionError(), Step.DATA)
        loop = asyncio.get_running_loop()
        writer = asyncio.StreamWriter(cast(asyncio.WriteTransport, transport), protocol, None, loop)
        self._writer = writer  # kept as long as the session: a StreamWriter that is forgotten closes its transport
        answer = asyncio.ensure_future(protocol.read_response(timeout=None))
        try:
            await self._write(writer, content, answer)
            await sending()
            _refuse_early(answer)
            try:
                protocol.write(_END)
            except _FAILURES as error:
                raise link_failure(error, Step.DATA) from None
            await self._answered(answer)
        finally:
            if not answer.cancel() and not answer.cancelled():
                answer.exception()

    async def _write(
        self, writer: asyncio.StreamWriter, content: bytes, answer: asyncio.Future[aiosmtplib.SMTPResponse]
    ) -> None:
        """Everything but the end, no faster than the server reads."""
        transparent = memoryview(_LEADING_PERIOD.sub(b"..", content))
        for start in range(0, len(transparent), _BLOCK_BYTES):
            writer.write(transparent[start : start + _BLOCK_BYTES])
            try:
                async with asyncio.timeout(self._settings.send_timeout_seconds):
                    await writer.drain()
            except _FAILURES as error:
                _refuse_early(answer)
                raise link_failure(error, Step.DATA) from None
            await asyncio.sleep(0)
            _refuse_early(answer)

    async def _answered(self, answer: asyncio.Future[aiosmtplib.SMTPResponse]) -> None:
        await asyncio.wait({answer}, timeout=self._settings.answer_timeout_seconds)
        if not answer.done():
            raise no_answer()
        try:
            code = answer.result().code
        except _FAILURES:
            raise no_answer() from None
        if not 200 <= code < 300:
            raise refusal(code, Step.CONTENT)


def _refuse_early(answer: asyncio.Future[aiosmtplib.SMTPResponse]) -> None:
    """A server that speaks, or goes, before the end of the message takes nothing."""
    if not answer.done():
        return
    try:
        code = answer.result().code
    except aiosmtplib.SMTPResponseException as error:
        raise refusal(error.code, Step.DATA) from None
    except _FAILURES as error:
        raise link_failure(error, Step.DATA) from None
    raise refusal(code, Step.DATA)


class _CutByTlsError(Exception):
    """The server went away during the handshake, or at our first word after it."""


async def _opened(settings: MssanteSettings, context: ssl.SSLContext) -> aiosmtplib.SMTP:
    """A server may refuse our certificate or our suites without a word, with TLS 1.3 even after we hold the handshake
    for done: it just goes away. Once may be chance, twice is not."""
    try:
        return await _connected(settings, context)
    except _CutByTlsError:
        pass
    try:
        return await _connected(settings, context)
    except _CutByTlsError:
        words = "le serveur MSSanté coupe la liaison dès son chiffrement : il refuse sans doute notre certificat"
        raise LaneError("mssante.client_certificate", words, where=Step.TLS.value) from None


async def _connected(settings: MssanteSettings, context: ssl.SSLContext) -> aiosmtplib.SMTP:
    smtp = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        timeout=settings.command_timeout_seconds,
        start_tls=False,
        local_hostname=settings.sender.rpartition("@")[2],
    )
    try:
        await _introduced(smtp, settings, context)
    except BaseException:
        _cut(smtp)
        raise
    return smtp


async def _introduced(smtp: aiosmtplib.SMTP, settings: MssanteSettings, context: ssl.SSLContext) -> None:
    patience = settings.connect_timeout_seconds
    await _said(Step.CONNECT, smtp.connect(timeout=patience))
    await _said(Step.HELLO, smtp.ehlo())
    if not smtp.supports_extension("starttls"):
        words = "le serveur MSSanté ne propose pas STARTTLS : rien ne lui est envoyé en clair"
        raise LaneError("mssante.no_starttls", words, where=Step.TLS.value)
    try:
        await _said(Step.TLS, smtp.starttls(tls_context=context, timeout=patience))
        await _said(Step.HELLO, smtp.ehlo())
    except TransientError as error:
        if error.code == CUT:
            raise _CutByTlsError from None
        raise
    if settings.sasl == "external":
        await _said(Step.AUTH, smtp.execute_command(b"AUTH", b"EXTERNAL", b"="))


async def _said(step: Step, command: Awaitable[aiosmtplib.SMTPResponse], *, expected: int | None = None) -> None:
    """Say something and hear yes: the reply expected, or any positive one (RFC 5321, 4.3.2)."""
    try:
        code = (await command).code
    except aiosmtplib.SMTPResponseException as error:
        code = error.code
    except _FAILURES as error:
        raise link_failure(error, step) from None
    positive = 200 <= code < 300 if expected is None else code == expected
    if not positive:
        raise refusal(code, step)


def _leave(smtp: aiosmtplib.SMTP) -> None:
    """QUIT, without waiting for a goodbye: what was taken must be recorded at once."""
    with contextlib.suppress(*_FAILURES):
        if smtp.protocol is not None:
            smtp.protocol.write(b"QUIT\r\n")
    smtp.close()


def _cut(smtp: aiosmtplib.SMTP) -> None:
    """Drop the connection with whatever of a message is still to be written."""
    transport = smtp.transport
    smtp.close()
    if transport is not None:
        cast(asyncio.WriteTransport, transport).abort()
