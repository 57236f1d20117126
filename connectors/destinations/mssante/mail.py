"""The mail of one order (Référentiel MSSanté #2; volet ECO 2.1 to 2.4)."""

from __future__ import annotations

import email.policy
import html
import unicodedata
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from lxml import etree

from connectors.destinations.mssante.recipients import PATIENT
from connectors.destinations.mssante.settings import MssanteSettings
from connectors.destinations.mssante.xdm import NAME, xdm
from engine.declarations import Site
from engine.errors import PermanentError
from engine.exchange import Order
from engine.model.parties import Patient

_LABEL_LENGTH = 40
_POLICY = email.policy.SMTP.clone(max_line_length=998)


def message_id(order: Order, settings: MssanteSettings) -> str:
    """The same for every try of one order."""
    return f"<{order.id}@{settings.sender.rpartition('@')[2]}>"


def mail(order: Order, to: str, settings: MssanteSettings, site: Site) -> bytes:
    """The whole message as sent; the same order gives the same bytes.

    Raises PermanentError when it is larger than the operator takes, DocumentError on missing metadata.
    """
    message = EmailMessage(_POLICY)
    code = _code(order.package.cda)
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject(code.get("displayName") or order.package.title, order.package.patient)
    message["Date"] = format_datetime(order.created_at)
    message["Message-ID"] = message_id(order, settings)
    if settings.reply_to is not None:
        message["Reply-To"] = settings.reply_to
    if settings.read_receipt:
        message["Disposition-Notification-To"] = settings.sender
    message["X-MSS-CODECDA"] = code.get("code", "")
    message["X-MSS-INS"] = "O" if _has_ins(order.package.patient) else "N"
    message["X-MSS-NIL"] = site.software.product_number
    if order.recipient == PATIENT and not settings.patient_may_reply:
        message["X-MSS-MES"] = "FIN"
    _fill(message, order, settings, site)
    content = message.as_bytes()
    if len(content) > settings.max_message_bytes:
        words = (
            f"message trop volumineux pour l'opérateur : {len(content)} octets, {settings.max_message_bytes} au plus"
        )
        raise PermanentError("mssante.too_large", words)
    return content


def subject(label: str, patient: Patient) -> str:
    """`XDM/1.0/DDM+<libellé> <NOM> <prenom> <JJ/MM/AAAA>` (ECO.2.1.3)."""
    family = patient.birth_name or patient.used_name or ""
    given = patient.used_given_name or patient.first_given_name or ""
    born = patient.birth_time.date.strftime("%d/%m/%Y") if patient.birth_time else ""
    words = (label[:_LABEL_LENGTH].strip(), _plain(family).upper(), _plain(given), born)
    return "XDM/1.0/DDM+" + " ".join(word for word in words if word)


def _fill(message: EmailMessage, order: Order, settings: MssanteSettings, site: Site) -> None:
    text = settings.body.replace("{title}", order.package.title)
    message.set_content(text, cte="base64")
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line)
    message.add_alternative(f'<html lang="fr"><body>{paragraphs}</body></html>', subtype="html", cte="base64")
    archive = xdm(order, site, settings.sender_name)
    message.add_attachment(archive, maintype="application", subtype="zip", filename=NAME)
    if order.package.pdf is not None:
        name = f"{order.package.file_name}.pdf"
        message.add_attachment(order.package.pdf, maintype="application", subtype="pdf", filename=name)
    for number, part in enumerate(one for one in message.walk() if one.is_multipart()):
        part.set_boundary(f"=_{order.id.replace('-', '')}_{number}")


def _code(cda: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    code = etree.fromstring(cda, parser).find("{urn:hl7-org:v3}code")
    if code is None:
        raise PermanentError("mssante.no_code", "le document n'a pas de code de type")
    return code


def _has_ins(patient: Patient) -> bool:
    """Matricule, OID and the four strict traits (ECO.2.4.2)."""
    traits = (patient.birth_name, patient.first_given_name, patient.birth_time, patient.gender)
    return patient.ins is not None and patient.ins.qualified and all(traits)


def _plain(text: str) -> str:
    """Without accents."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))
