"""Each destination that speaks to a peer, held to what any destination must do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from connectors.destinations.mllp import DESTINATION as MLLP
from connectors.destinations.mllp import MllpSettings
from connectors.destinations.mssante import DESTINATION as MSSANTE
from connectors.simulators import MailSimulator, Pki
from connectors.simulators.consumer import ConsumerSimulator
from engine.errors import TransientError
from engine.exchange import Order
from engine.hl7v2_out.business_answer import Event
from engine.hl7v2_out.header import control_id
from engine.ports import Destination
from tests.contract.destination_suite import DestinationBehaviours, shown
from tests.unit.hl7v2_out import told
from tests.unit.mssante import orders


def _id(number: int) -> str:
    return f"8c1f5d0e-4a5b-5c6d-8e7f-{number:012}"


class _OverMllp(DestinationBehaviours):
    unknown_certificate = TransientError

    def make_peer(self, folder: Path, pki: Pki) -> ConsumerSimulator:
        return ConsumerSimulator(folder, pki)

    def open(self, peer: ConsumerSimulator, pki: Pki, **changes: object) -> Destination:
        values = {
            "host": "127.0.0.1",
            "port": peer.port,
            "tls": True,
            "ca_bundle": pki.ca,
            **shown(pki.client),
            "mailbox": "labo@labo.mssante.example",
            **changes,
        }
        return MLLP.open("dpi", MllpSettings.model_validate(values), orders.SITE)

    def count(self, peer: ConsumerSimulator, order: Order) -> int:
        return sum(one.control_id == control_id(order.id) for one in peer.taken)


class TestDocumentsOverMllp(_OverMllp):
    def order(self, number: int) -> Order:
        return orders.order(orders.LEVEL_3, order_id=_id(number))


class TestAcknowledgementsOverMllp(_OverMllp):
    def order(self, number: int) -> Order:
        return told.report(Event.DMP_RECEPTION, told.outcome(), order_id=_id(number))


class TestMails(DestinationBehaviours):
    permanent = replace(DestinationBehaviours.permanent, code="554")
    cut_before = replace(DestinationBehaviours.cut_before, at="rcpt")

    def make_peer(self, folder: Path, pki: Pki) -> MailSimulator:
        return MailSimulator(folder, pki)

    def open(self, peer: MailSimulator, pki: Pki, **changes: object) -> Destination:
        given = {"host": peer.host, "port": peer.port, "ca_bundle": pki.ca, **shown(pki.client), **changes}
        return MSSANTE.open("mssante", orders.settings(**given), orders.SITE)

    def order(self, number: int) -> Order:
        return orders.order(orders.LEVEL_3, order_id=_id(number))

    def count(self, peer: MailSimulator, order: Order) -> int:
        return peer.count(f"<{order.id}@labo.mssante.example>")

    def once(self, peer: MailSimulator, order: Order) -> bool:
        """A mail cannot be taken back: the same Message-ID and the same bytes are what makes it one for its reader."""
        return len({mail.sha1 for mail in peer.mails}) == 1 == len({mail.message_id for mail in peer.mails})
