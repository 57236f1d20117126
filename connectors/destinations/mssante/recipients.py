"""Whom a document is mailed to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from connectors.destinations.mssante.settings import MAILBOX, MssanteSettings
from engine.errors import ParkedError, PermanentError
from engine.exchange import Order, Package

PATIENT = "patient"
"""Stands for the patient's own mailbox, which holds the matricule and is never written in a record or a log."""

_MAILBOX = re.compile(MAILBOX)
_MATRICULE = re.compile(r"[0-9A-Z]{15}")


def recipients(package: Package, settings: MssanteSettings) -> tuple[str, ...]:
    """Mailboxes of the document's recipients, then those that get everything; each once, whatever its case. Or the
    patient. A recipient without a mailbox in the space of trust has none."""
    if settings.to == PATIENT:
        return (PATIENT,)
    found: dict[str, str] = {}
    for mailbox in (*_named(package, settings), *settings.always):
        found.setdefault(mailbox.lower(), mailbox)
    return tuple(found.values())


def mailbox(order: Order, settings: MssanteSettings) -> str:
    """The one address an order goes to.

    Raises ParkedError for a patient without a qualified INS (ECO.2.2.6), PermanentError for a mailbox outside the space
    of trust or an order that this destination, as configured now, is not meant for.
    """
    if (order.recipient == PATIENT) != (settings.to == PATIENT):
        words = "cette destination n'est plus configurée pour ce genre de destinataire (option « to »)"
        raise PermanentError("mssante.recipient_kind", words)
    if order.recipient == PATIENT:
        return _patient_mailbox(order, settings)
    if not (_MAILBOX.fullmatch(order.recipient) and settings.trusts(order.recipient)):
        raise PermanentError("mssante.not_mssante", "la boîte du destinataire n'est pas une boîte MSSanté")
    return order.recipient


def _patient_mailbox(order: Order, settings: MssanteSettings) -> str:
    ins = order.package.patient.ins
    if ins is None or not ins.qualified:
        words = "pas d'INS qualifiée : pas de boîte du patient"
        raise ParkedError("mssante.no_ins", words, cause="identity")
    if not _MATRICULE.fullmatch(ins.matricule):
        raise PermanentError("mssante.matricule", "le matricule INS n'a pas 15 caractères : pas de boîte du patient")
    return f"{ins.matricule}@{settings.patient_domain}"


def _named(package: Package, settings: MssanteSettings) -> Iterator[str]:
    for professional in package.recipients:
        for telecom in professional.telecoms:
            scheme, _, value = telecom.value.partition(":")
            mailbox = unquote(value.partition("?")[0])
            if scheme.lower() == "mailto" and _MAILBOX.fullmatch(mailbox) and settings.trusts(mailbox):
                yield mailbox
