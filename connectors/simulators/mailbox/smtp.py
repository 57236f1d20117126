"""The SMTP conversation (aiosmtpd), with the DSN extension (RFC 3461) that aiosmtpd does not know."""

from __future__ import annotations

import asyncio
import logging
import re

from aiosmtpd.smtp import SMTP, Envelope

_NOTIFY = re.compile(r"NOTIFY=(NEVER|(SUCCESS|FAILURE|DELAY)(,(SUCCESS|FAILURE|DELAY))*)", re.IGNORECASE)
_ORCPT = re.compile(r"ORCPT=[!-~]+;[!-~]+", re.IGNORECASE)
_RET = re.compile(r"RET=(FULL|HDRS)", re.IGNORECASE)
_ENVID = re.compile(r"ENVID=[!-~]{1,100}", re.IGNORECASE)
_HEXCHAR = re.compile(r"\+([0-9A-F]{2})")
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")

logging.getLogger("mail.log").setLevel(logging.ERROR)
"""aiosmtpd logs addresses, which hold the INS of patients, at INFO."""


class DsnEnvelope(Envelope):
    """An envelope with what a DSN request said."""

    notify: str = ""
    envelope_id: str = ""
    returns: str = ""
    original: str = ""
    """ORCPT of the recipient being named."""
    original_recipients: tuple[str, ...] = ()


class Smtp(SMTP):
    """One connection. DSN parameters are taken off the commands and kept on the envelope; a server without DSN leaves
    them, and its answer is 555."""

    dsn = True

    def _create_envelope(self) -> DsnEnvelope:
        return DsnEnvelope()

    async def end(self) -> None:
        """Cut the connection, and wait until nothing of it is left."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        if self._handler_coroutine is not None:
            await asyncio.gather(self._handler_coroutine, return_exceptions=True)

    async def smtp_MAIL(self, arg: str | None) -> None:
        rest, found = _split(arg, (_RET, _ENVID) if self.dsn else ())
        if found is None or not _is_xtext(found.get("ENVID", "")):
            await self.push("501 5.5.4 parametre DSN repete ou mal forme")
            return
        await super().smtp_MAIL(rest)
        assert isinstance(self.envelope, DsnEnvelope)
        self.envelope.envelope_id = decoded(found.get("ENVID", ""))
        self.envelope.returns = found.get("RET", "").upper()

    async def smtp_RCPT(self, arg: str | None) -> None:
        rest, found = _split(arg, (_NOTIFY, _ORCPT) if self.dsn else ())
        kind, _, original = (found or {}).get("ORCPT", "").partition(";")
        if found is None or not _is_xtext(original) or kind.lower() not in ("", "rfc822"):
            await self.push("501 5.5.4 parametre DSN repete ou mal forme")
            return
        assert isinstance(self.envelope, DsnEnvelope)
        self.envelope.notify = found.get("NOTIFY", self.envelope.notify)
        self.envelope.original = decoded(original)
        await super().smtp_RCPT(rest)


def decoded(xtext: str) -> str:
    """What xtext stands for (RFC 3461, 4)."""
    return _HEXCHAR.sub(lambda match: chr(int(match.group(1), 16)), xtext)


def _is_xtext(value: str) -> bool:
    return _XTEXT.fullmatch(value) is not None


def _split(arg: str | None, known: tuple[re.Pattern[str], ...]) -> tuple[str | None, dict[str, str] | None]:
    """The command without its DSN parameters, and those by name; None for these when one stands twice."""
    if arg is None:
        return None, {}
    kept: list[str] = []
    found: dict[str, str] = {}
    for word in arg.split(" "):
        if any(pattern.fullmatch(word) for pattern in known):
            name, _, value = word.partition("=")
            if name.upper() in found:
                return arg, None
            found[name.upper()] = value
        else:
            kept.append(word)
    return " ".join(kept), found
