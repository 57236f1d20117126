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

logging.getLogger("mail.log").setLevel(logging.ERROR)
"""aiosmtpd logs addresses, which hold the INS of patients, at INFO."""


class DsnEnvelope(Envelope):
    """An envelope with what a DSN request said."""

    notify: str = ""
    envelope_id: str = ""


class Smtp(SMTP):
    """One connection. DSN parameters are taken off the commands and kept on the envelope."""

    def _create_envelope(self) -> DsnEnvelope:
        return DsnEnvelope()

    async def end(self) -> None:
        """Cut the connection, and wait until nothing of it is left."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()
        if self._handler_coroutine is not None:
            await asyncio.gather(self._handler_coroutine, return_exceptions=True)

    async def smtp_MAIL(self, arg: str | None) -> None:
        rest, found = _split(arg, (_RET, _ENVID))
        await super().smtp_MAIL(rest)
        assert isinstance(self.envelope, DsnEnvelope)
        self.envelope.envelope_id = found.get("ENVID", "")

    async def smtp_RCPT(self, arg: str | None) -> None:
        rest, found = _split(arg, (_NOTIFY, _ORCPT))
        assert isinstance(self.envelope, DsnEnvelope)
        self.envelope.notify = found.get("NOTIFY", self.envelope.notify)
        await super().smtp_RCPT(rest)


def _split(arg: str | None, known: tuple[re.Pattern[str], ...]) -> tuple[str | None, dict[str, str]]:
    """The command without its DSN parameters, and those by name."""
    if arg is None:
        return None, {}
    kept, found = [], {}
    for word in arg.split(" "):
        if any(pattern.fullmatch(word) for pattern in known):
            name, _, value = word.partition("=")
            found[name.upper()] = value
        else:
            kept.append(word)
    return " ".join(kept), found
