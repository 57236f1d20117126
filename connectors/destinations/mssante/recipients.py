"""Whom a document is mailed to."""

from __future__ import annotations

from connectors.destinations.mssante.settings import MssanteSettings
from engine.errors import ParkedError, PermanentError
from engine.exchange import Order, Package

PATIENT = "patient"
"""Stands for the patient's own mailbox, which holds the matricule and is never written in a record or a log."""


def recipients(package: Package, settings: MssanteSettings) -> tuple[str, ...]:
    """Mailboxes of the document's recipients, then those that get everything; each once. Or the patient."""
    if settings.to == PATIENT:
        return (PATIENT,)
    known = [
        telecom.value.removeprefix("mailto:")
        for professional in package.recipients
        for telecom in professional.telecoms
        if telecom.value.startswith("mailto:")
    ]
    allowed = [mailbox for mailbox in known if _allowed(mailbox, settings)]
    return tuple(dict.fromkeys((*allowed, *settings.always)))


def mailbox(order: Order, settings: MssanteSettings) -> str:
    """The address an order goes to. Raises ParkedError for a patient without a qualified INS, PermanentError for a
    mailbox outside the space of trust."""
    if order.recipient == PATIENT:
        ins = order.package.patient.ins
        if ins is None or not ins.qualified:
            words = "pas d'INS qualifiée : pas de boîte du patient"
            raise ParkedError("mssante.no_ins", words, cause="identity")
        return f"{ins.matricule}@{settings.patient_domain}"
    if not _allowed(order.recipient, settings):
        raise PermanentError("mssante.not_mssante", "la boîte du destinataire n'est pas une boîte MSSanté")
    return order.recipient


def _allowed(mailbox: str, settings: MssanteSettings) -> bool:
    domain = mailbox.rpartition("@")[2].lower()
    return any(domain == one or domain.endswith("." + one) for one in (*settings.domains, settings.patient_domain))
