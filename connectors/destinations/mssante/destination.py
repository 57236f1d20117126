"""Sends one mail per order: SMTP, STARTTLS, client certificate (Référentiel MSSanté #2, ECO.1.0.1 and 1.1.x)."""

from __future__ import annotations

import ssl

import aiosmtplib

from connectors.destinations.mssante.errors import refusal, unreachable
from connectors.destinations.mssante.mail import mail, message_id
from connectors.destinations.mssante.recipients import mailbox
from connectors.destinations.mssante.settings import MssanteSettings
from engine.declarations import Site
from engine.errors import DocumentError, LaneError, PermanentError, TransientError, UncertainError
from engine.exchange import Order, Receipt
from engine.model.parties import INS_TEST_OIDS
from engine.ports import Sending


class MssanteDestination:
    """One connection per mail: an order never waits behind another one's trouble."""

    def __init__(self, name: str, settings: MssanteSettings, site: Site) -> None:
        self._name = name
        self._settings = settings
        self._site = site

    async def check(self) -> None:
        smtp = await self._connected()
        await _quit(smtp)

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        self._guard_environment(order)
        to = mailbox(order, self._settings)
        try:
            content = mail(order, to, self._settings, self._site)
        except DocumentError as error:
            raise PermanentError(error.code, error.message, where=error.where) from None
        smtp = await self._connected()
        try:
            await self._envelope(smtp, to, len(content))
            await sending()
            await self._data(smtp, content)
        finally:
            await _quit(smtp)
        return Receipt(message_id(order, self._settings), "accepté par le serveur MSSanté")

    async def find(self, order: Order) -> Receipt | None:
        """SMTP cannot tell whether it took a mail; `on_uncertain` decides."""
        if self._settings.on_uncertain == "resend":
            return None
        words = "le serveur a peut-être pris le message : vérifiez auprès du destinataire avant de renvoyer"
        raise UncertainError("mssante.uncertain", words)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _guard_environment(self, order: Order) -> None:
        ins = order.package.patient.ins
        if ins is not None and ins.qualified and (ins.oid in INS_TEST_OIDS) == self._site.production:
            words = "une identité de test ne part pas en production, ni une identité réelle en test"
            raise PermanentError("mssante.environment", words)

    async def _connected(self) -> aiosmtplib.SMTP:
        settings = self._settings
        smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=settings.connect_timeout_seconds,
            start_tls=True,
            tls_context=self._tls(),
            local_hostname=settings.sender.rpartition("@")[2],
        )
        try:
            await smtp.connect()
            await smtp.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            smtp.close()
            raise unreachable(error) from None
        return smtp

    def _tls(self) -> ssl.SSLContext:
        settings = self._settings
        password = settings.password.get_secret_value() if settings.password else None
        try:
            context = ssl.create_default_context(cafile=settings.ca_bundle)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(settings.certificate, settings.key, password)
        except (OSError, ssl.SSLError) as error:
            words = f"certificat, clé ou autorités illisibles ({type(error).__name__})"
            raise LaneError("mssante.credentials", words, where=self._name) from None
        return context

    async def _envelope(self, smtp: aiosmtplib.SMTP, to: str, size: int) -> None:
        try:
            options = [f"SIZE={size}"] if smtp.supports_extension("size") else []
            await smtp.mail(self._settings.sender, options=options)
            await smtp.rcpt(to)
        except aiosmtplib.SMTPResponseException as error:
            raise refusal(error.code, where="RCPT TO") from None
        except (aiosmtplib.SMTPException, OSError):
            raise TransientError("mssante.cut", "la liaison a été coupée avant l'envoi du message") from None

    async def _data(self, smtp: aiosmtplib.SMTP, content: bytes) -> None:
        try:
            await smtp.data(content, timeout=self._settings.send_timeout_seconds)
        except aiosmtplib.SMTPResponseException as error:
            if error.code <= 0:
                raise _uncertain() from None
            raise refusal(error.code, where="DATA") from None
        except (aiosmtplib.SMTPException, OSError):
            raise _uncertain() from None


def _uncertain() -> UncertainError:
    words = "la liaison a été coupée après l'envoi du message : le serveur l'a peut-être pris"
    return UncertainError("mssante.no_answer", words, where="DATA")


async def _quit(smtp: aiosmtplib.SMTP) -> None:
    """Leave politely; a failure here changes nothing to what was sent."""
    try:
        await smtp.quit(timeout=5)
    except (aiosmtplib.SMTPException, OSError):
        smtp.close()
