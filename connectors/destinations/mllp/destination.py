"""Sends one message per order and waits for its ACK; connections are used again, one message at a time on each."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime

import structlog

from connectors.destinations.mllp.credentials import Credentials
from connectors.destinations.mllp.errors import after_the_end, before_the_end, closed_at_once, refusal, unreadable
from connectors.destinations.mllp.link import Link, Unreadable
from connectors.destinations.mllp.settings import MllpSettings
from engine.declarations import Site
from engine.errors import DocumentError, PermanentError, TransientError, UncertainError
from engine.exchange import Order, OrderKind, Receipt
from engine.hl7v2_out.answer import Answer, answer
from engine.hl7v2_out.business_answer import business_answer
from engine.hl7v2_out.delivery import delivery, refused
from engine.hl7v2_out.header import Ends, control_id
from engine.ports import Sending

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_REFUSAL_SECONDS = 0.5
"""How long a peer is given to refuse a connection it has just taken."""


class MllpDestination:
    """A software of care, behind its port."""

    def __init__(self, name: str, settings: MllpSettings, site: Site) -> None:
        self._name = name
        self._settings = settings
        self._site = site
        self._credentials = Credentials(settings)
        self._resting: list[Link] = []
        self._mismatch_told = False

    async def check(self) -> None:
        """Connect, and see that the peer keeps the connection."""
        link = await self._connected()
        await self._kept(link)
        await link.close()

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        content = await asyncio.to_thread(self._message, order)
        link = await self._link()
        try:
            await self._begin(link, content)
            await sending()
            said = await self._answered(link, control_id(order.id))
            self._note_mismatch(order, said)
        except BaseException:  # cancelled as well: a message begun is never ended by another one
            link.abort()
            raise
        link.rest()
        self._resting.append(link)
        if not said.accepted:
            raise refusal(said)
        number = f" (n° {said.number})" if said.number else ""
        return Receipt(control_id(order.id), f"acquitté par le logiciel destinataire{number}")

    async def find(self, order: Order) -> Receipt | None:
        """MLLP cannot ask; the same message again is safe with a peer that knows its MSH-10: the setting says it."""
        resend = self._settings.resend_when_uncertain
        if order.kind is OrderKind.REPORT if resend is None else resend:
            return None
        words = "le logiciel destinataire a peut-être pris le document : vérifiez avant de renvoyer"
        raise UncertainError("mllp.uncertain", words)

    async def close(self) -> None:
        resting, self._resting = self._resting, []
        for link in resting:
            await link.close()

    # -- what is said -------------------------------------------------------------------------------------------

    def _message(self, order: Order) -> bytes:
        settings = self._settings
        try:
            if order.kind is OrderKind.REPORT:
                return business_answer(
                    order,
                    application=settings.application,
                    facility=settings.facility,
                    charset=settings.charset,
                    dmp_system=settings.dmp_error_system,
                )
            return delivery(
                order,
                ends=Ends(
                    settings.application,
                    settings.facility,
                    settings.receiving_application,
                    settings.receiving_facility,
                ),
                processing_id="P" if self._site.production else "T",
                mailbox=settings.mailbox or "",
                charset=settings.charset,
            )
        except DocumentError as error:
            raise PermanentError(error.code, refused(error), where=error.where) from None

    async def _begin(self, link: Link, content: bytes) -> None:
        try:
            await link.begin(content, self._settings.send_timeout_seconds)
        except OSError as error:
            raise before_the_end(error) from None

    async def _answered(self, link: Link, number: str) -> Answer:
        """The answer to this very message; those to others are left aside.

        Whatever fails from here on leaves the order uncertain, for the end mark may have arrived.
        """
        loop = asyncio.get_running_loop()
        try:
            await link.end(self._settings.send_timeout_seconds)
            until = loop.time() + self._settings.answer_timeout_seconds
            while True:
                said = answer(await link.answer(until - loop.time()))
                if said.control_id == number:
                    return said
                log.warning("mllp.other_answer", destination=self._name)
        except OSError as error:
            raise after_the_end(error) from None
        except (DocumentError, Unreadable):
            raise unreadable() from None

    def _note_mismatch(self, order: Order, said: Answer) -> None:
        """An answer by another name than the one written to: said once, for nothing is decided by it."""
        address = order.package.instructions.receipts if order.kind is OrderKind.REPORT else None
        expected = address.application if address is not None else self._settings.receiving_application
        if said.application_name != expected.partition("^")[0].strip() and not self._mismatch_told:
            self._mismatch_told = True
            log.info("mllp.answers_by_another_name", destination=self._name)

    # -- connections --------------------------------------------------------------------------------------------

    async def _link(self) -> Link:
        """One that rests, or a new one."""
        while self._resting:
            link = self._resting.pop()
            if await link.usable(self._settings.idle_timeout_seconds):
                return link
            link.abort()
        return await self._connected()

    async def _connected(self) -> Link:
        """A peer that checks our certificate refuses it once the connection is made (TLS 1.3): nothing is sent before
        it had the time to."""
        settings = self._settings
        context = await asyncio.to_thread(self._credentials.context, datetime.now(UTC))
        link = await self._made(context)
        if settings.certificate is not None:
            await self._kept(link)
        return link

    async def _kept(self, link: Link) -> None:
        try:
            await link.silent(_REFUSAL_SECONDS)
        except OSError as error:
            link.abort()
            raise closed_at_once(error, certificate=self._settings.certificate is not None) from None
        except BaseException:
            link.abort()
            raise

    async def _made(self, context: ssl.SSLContext | None) -> Link:
        settings = self._settings
        try:
            return await Link.make(settings.host, settings.port, context, settings.connect_timeout_seconds)
        except ssl.SSLError as error:
            raise before_the_end(error) from None
        except TimeoutError:
            raise TransientError("mllp.silence", "le logiciel destinataire ne répond pas") from None
        except OSError:
            raise TransientError("mllp.unreachable", "le logiciel destinataire est injoignable") from None
