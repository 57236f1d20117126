"""Whom a document is mailed to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import unquote

from connectors.destinations.mssante.settings import MAILBOX, MssanteSettings
from engine.errors import ParkedError, PermanentError
from engine.exchange import Order, Package
from engine.model.instructions import Visibility
from engine.model.parties import Patient

PATIENT = "patient"
"""Stands for the patient's own mailbox, which holds the matricule and is never written in a record or a log."""

_MAILBOX = re.compile(MAILBOX)
_MATRICULE = re.compile(r"[0-9A-Z]{15}")


def recipients(package: Package, settings: MssanteSettings) -> tuple[str, ...] | None:
    """Mailboxes that the sender names, else those of the document's recipients, then those that get everything; each
    once, whatever its case. Or the patient. None when the sender asked that it not go there, or hides it from the
    patient.

    A recipient without a mailbox in the space of trust has none. A mailbox the sender names is kept as it is, and
    refused when its mail leaves if it is not one: it must not vanish.
    """
    instructions = package.instructions
    if settings.to == PATIENT:
        hidden = Visibility.INVISIBLE_PATIENT in instructions.visibility
        return None if instructions.patient is False or hidden else (PATIENT,)
    if instructions.professionals is False:
        return None
    named = _named(package, settings) if instructions.mailboxes is None else _written(instructions.mailboxes, settings)
    found: dict[str, str] = {}
    for mailbox in (*named, *settings.always):
        found.setdefault(mailbox.lower(), mailbox)
    return tuple(found.values())


def reply_to(order: Order, settings: MssanteSettings) -> str | None:
    """Where answers go (ECO.2.2.5): where the sender asks when that is a mailbox of the space of trust, else as
    configured. None: to our mailbox."""
    asked = order.package.instructions.reply_to.strip()
    return asked if _is_trusted(asked, settings) else settings.reply_to


def ignores_reply_to(order: Order, settings: MssanteSettings) -> bool:
    """Whether the sender asked for answers outside the space of trust: they would hold health data."""
    asked = order.package.instructions.reply_to.strip()
    return bool(asked) and not _is_trusted(asked, settings)


def may_reply(order: Order, settings: MssanteSettings) -> bool:
    """Whether the patient may, for us and for the sender."""
    return settings.patient_may_reply and order.package.instructions.patient_may_reply


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
    if not _is_trusted(order.recipient, settings):
        raise PermanentError("mssante.not_mssante", "la boîte du destinataire n'est pas une boîte MSSanté")
    return order.recipient


def _patient_mailbox(order: Order, settings: MssanteSettings) -> str:
    ins = order.package.patient.ins
    if ins is None or not ins.qualified:
        words = "pas d'INS qualifiée : pas de boîte du patient"
        raise ParkedError("mssante.no_ins", words, cause="identity")
    if not _MATRICULE.fullmatch(ins.matricule):
        raise PermanentError("mssante.matricule", "le matricule INS n'a pas 15 caractères : pas de boîte du patient")
    _refuse_hidden(order, settings)
    return f"{ins.matricule}@{settings.patient_domain}"


def _refuse_hidden(order: Order, settings: MssanteSettings) -> None:
    """Nobody finds in the patient's mailbox what must be hidden from them (volet Transmission, 2.1)."""
    hidden_from = order.package.instructions.visibility
    if Visibility.INVISIBLE_PATIENT in hidden_from:
        words = "document non visible par le patient : il n'est pas envoyé à sa messagerie"
        raise PermanentError("mssante.invisible_patient", words)
    if Visibility.INVISIBLE_REPRESENTANTS_LEGAUX not in hidden_from or settings.minors_read_alone:
        return
    if not _is_adult(order.package.patient, order.created_at.date()):
        words = "document non visible par les représentants légaux, qui lisent la messagerie d'un patient mineur"
        raise PermanentError("mssante.legal_representatives", words)


def _is_adult(patient: Patient, today: date) -> bool:
    """18 years old for sure: a date known in part counts for the last day of its year."""
    time = patient.birth_time
    if time is None:
        return False
    known = len(time.digits) >= 8
    born = (time.date.year, time.date.month, time.date.day) if known else (time.date.year, 12, 31)
    return (born[0] + 18, *born[1:]) <= (today.year, today.month, today.day)


def _is_trusted(mailbox: str, settings: MssanteSettings) -> bool:
    return len(mailbox) <= 254 and _MAILBOX.fullmatch(mailbox) is not None and settings.trusts(mailbox)


def _written(mailboxes: tuple[str, ...], settings: MssanteSettings) -> Iterator[str]:
    """A patient's mailbox among them is left to the patient's own destination: it holds the matricule, and no order of
    a professional may bear it."""
    for mailbox in map(str.strip, mailboxes):
        if mailbox and not settings.is_patients(mailbox):
            yield mailbox


def _named(package: Package, settings: MssanteSettings) -> Iterator[str]:
    for professional in package.recipients:
        for telecom in professional.telecoms:
            scheme, _, value = telecom.value.partition(":")
            mailbox = unquote(value.partition("?")[0])
            if scheme.lower() == "mailto" and _is_trusted(mailbox, settings):
                yield mailbox
