"""The mail of one order (Référentiel MSSanté #2, ECO.2.1 to 2.4)."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC
from email.utils import format_datetime

from connectors.destinations.mssante import mime
from connectors.destinations.mssante.facts import DocumentFacts
from connectors.destinations.mssante.receipts import wants_reading
from connectors.destinations.mssante.recipients import PATIENT, may_reply, reply_to
from connectors.destinations.mssante.settings import MssanteSettings
from connectors.destinations.mssante.text import text
from connectors.destinations.mssante.xdm import NAME, xdm
from engine.context import stable_uuid
from engine.declarations import Site
from engine.errors import PermanentError
from engine.exchange import Order, OrderKind
from engine.model.parties import Patient
from engine.model.values import Code

REPLACEMENT = "[Annule et remplace] "
DELETION = "[Suppression] "
_LABEL_LENGTH = 40
_FILE_NAME_LENGTH = 220
_NOT_FILE_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


def message_id(order: Order, settings: MssanteSettings) -> str:
    """The same for every try of one order."""
    return f"<{order.id}@{settings.sender.rpartition('@')[2]}>"


def mail(order: Order, to: str, facts: DocumentFacts, settings: MssanteSettings, site: Site) -> bytes:
    """The whole message as sent; the same order gives the same bytes.

    Raises PermanentError when it lacks its readable copy or is larger than the operator takes, DocumentError on missing
    metadata.
    """
    if order.package.pdf is None:
        raise PermanentError("mssante.no_pdf", "le document n'a pas de copie lisible (PDF) à joindre au courriel")
    parts = (
        mime.text(text(order, facts, settings)),
        mime.attachment(NAME, "application/zip", xdm(order, facts, settings, site)),
        mime.attachment(_pdf_name(order.package.file_name), "application/pdf", order.package.pdf),
    )
    boundary = f"=_{stable_uuid('boundary', order.id)}"
    content = mime.message(_headers(order, to, facts, settings, site), parts, boundary=boundary)
    if len(content) > settings.limit_bytes:
        words = f"courriel trop volumineux : {len(content)} octets une fois encodé, {settings.limit_bytes} au plus"
        raise PermanentError("mssante.too_large", words)
    return content


def subject(code: Code, patient: Patient) -> str:
    """`XDM/1.0/DDM+<libellé> <NOM> <prenom>[ <JJ/MM/AAAA>]` (ECO.2.1.3).

    The label is the document code's own, cut at 40 characters. Names are those of birth, else the used ones; the birth
    date is left out when less than a whole day is known.
    """
    family = patient.birth_name or patient.used_name or ""
    given = patient.first_given_name or patient.used_given_name or ""
    time = patient.birth_time
    born = time.date.strftime("%d/%m/%Y") if time is not None and len(time.digits) >= 8 else ""
    label = (code.display or code.code)[:_LABEL_LENGTH].strip()
    words = (label, _plain(family).upper(), _plain(given), born)
    return "XDM/1.0/DDM+" + " ".join(word for word in words if word)


def _headers(order: Order, to: str, facts: DocumentFacts, settings: MssanteSettings, site: Site) -> mime.Headers:
    shown = _mark(order, facts, settings) + subject(facts.code, order.package.patient)
    headers = [
        ("From", mime.address("From", settings.sender_name, settings.sender)),
        ("To", f"<{to}>"),
        ("Subject", mime.unstructured("Subject", shown)),
        ("Date", format_datetime(order.created_at.astimezone(UTC))),
        ("Message-ID", message_id(order, settings)),
    ]
    answers = reply_to(order, settings)
    if answers is not None:
        headers.append(("Reply-To", f"<{answers}>"))
    if wants_reading(order, settings):
        headers.append(("Disposition-Notification-To", f"<{settings.sender}>"))
    headers.append(("X-MSS-CODECDA", mime.unstructured("X-MSS-CODECDA", facts.code.code)))
    headers.append(("X-MSS-INS", "O" if facts.identified else "N"))
    headers.append(("X-MSS-NIL", mime.unstructured("X-MSS-NIL", site.software.product_number)))
    if order.recipient == PATIENT and not may_reply(order, settings):
        headers.append(("X-MSS-MES", "FIN"))
    return tuple(headers)


def _mark(order: Order, facts: DocumentFacts, settings: MssanteSettings) -> str:
    if not settings.replacement_in_subject:
        return ""
    if order.kind is OrderKind.DELETE:
        return DELETION
    return REPLACEMENT if facts.replaces else ""


def _pdf_name(base: str) -> str:
    """The name ECO.2.1.6 gives the readable copy; anything that a mail could not carry as it is becomes `-`."""
    return _NOT_FILE_NAME.sub("-", _plain(base))[:_FILE_NAME_LENGTH] + ".pdf"


def _plain(words: str) -> str:
    """Without accents."""
    decomposed = unicodedata.normalize("NFD", words)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
