"""Sends one mail per order: SMTP, STARTTLS, client certificate (Référentiel MSSanté #2, ECO.1.0.1 and 1.1.x)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from connectors.destinations.mssante.credentials import Credentials
from connectors.destinations.mssante.facts import document_facts, refuse_other_patient, refused
from connectors.destinations.mssante.mail import mail, message_id
from connectors.destinations.mssante.receipts import wants_delivery
from connectors.destinations.mssante.recipients import ignores_reply_to, mailbox
from connectors.destinations.mssante.session import session
from connectors.destinations.mssante.settings import MssanteSettings
from engine.declarations import Site
from engine.errors import DocumentError, LaneError, UncertainError
from engine.exchange import Order, Receipt
from engine.ports import Sending


class MssanteDestination:
    """One connection per mail: an order never waits behind another one's trouble."""

    def __init__(self, name: str, settings: MssanteSettings, site: Site) -> None:
        self._name = name
        self._settings = settings
        self._site = site
        self._credentials = Credentials(settings)

    async def check(self) -> None:
        """Connect, present our certificate, see that our mailbox may send."""
        self._refuse_no_number()
        context = await asyncio.to_thread(self._credentials.context, datetime.now(UTC))
        async with session(self._settings, context) as server:
            await server.probe()

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        self._refuse_no_number()
        to = mailbox(order, self._settings)
        content = await asyncio.to_thread(self._mail, order, to)
        context = await asyncio.to_thread(self._credentials.context, datetime.now(UTC))
        report_as = order.id if wants_delivery(order, self._settings) else None
        async with session(self._settings, context) as server:
            await server.envelope(to, len(content), report_as=report_as)
            await server.send(content, sending)
            reported = server.reports_delivery
        return Receipt(message_id(order, self._settings), self._detail(order, reported=reported))

    async def find(self, order: Order) -> Receipt | None:
        """SMTP cannot tell whether it took a mail; `on_uncertain` decides."""
        if self._settings.on_uncertain == "resend":
            return None
        words = "le serveur a peut-être pris le message : vérifiez auprès du destinataire avant de renvoyer"
        raise UncertainError("mssante.uncertain", words)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _detail(self, order: Order, *, reported: bool) -> str:
        """What became of the mail, and what was asked that could not be done."""
        told = ["accepté par le serveur MSSanté"]
        awaited = order.package.instructions.receipts
        if awaited is not None and awaited.reception and not reported:
            told.append("le serveur ne donne pas d'accusé de remise")
        if ignores_reply_to(order, self._settings):
            told.append("adresse de réponse de l'émetteur ignorée : elle n'est pas une boîte MSSanté")
        return " ; ".join(told)

    def _mail(self, order: Order, to: str) -> bytes:
        try:
            facts = document_facts(order.package.cda)
            refuse_other_patient(facts, order, production=self._site.production)
            return mail(order, to, facts, self._settings, self._site)
        except DocumentError as error:
            raise refused(error) from None

    def _refuse_no_number(self) -> None:
        if not self._site.software.product_number.strip():
            words = "le numéro de produit (NIL) manque : software: product_number, exigé sur chaque courriel"
            raise LaneError("mssante.no_product_number", words, where=self._name)
