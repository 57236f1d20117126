"""Indicators (table MetaDMPMSS), participants and mail bodies of a request → what the sender asks of the sending."""

from __future__ import annotations

from collections.abc import Mapping

from engine.findings import Finding
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.mail_body import mail_body
from engine.formats.hl7v2.transmission.participants import recipients, reply_to, requester
from engine.formats.hl7v2.validation.content import Request
from engine.formats.hl7v2.values import said
from engine.model.document import ClinicalDocument
from engine.model.instructions import Instructions, ReturnAddress, Visibility

_VISIBILITY: Mapping[str, Visibility] = {
    "MASQUE_PS": Visibility.MASQUE_PS,
    "INVISIBLE_PATIENT": Visibility.INVISIBLE_PATIENT,
    "INVISIBLE_REP_LEGAUX": Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,
}
_DESTINATIONS = ("DESTDMP", "DESTMSSANTEPS", "DESTMSSANTEPAT")
_PATIENT_MAIL = "DESTMSSANTEPAT"
_FINAL = "FIN"


def instructions(
    message: Message, part: Request, documents: tuple[ClinicalDocument, ...], *, replacing: bool
) -> tuple[Instructions, tuple[Finding, ...]]:
    """What is asked, and the recipients that were left out.

    A request with any indicator of destination asks for no other one than those at Y; one with none lets the route
    decide. `replacing`: it asks for a replacement, the only one for which a change of visibility means something.
    """
    dmp, professionals, patient = (_asked(part, name) for name in _DESTINATIONS)
    told = recipients(message, part, asked=professionals is True, patient_asked=patient is True)
    named = told.mailboxes is not None
    asks = Instructions(
        dmp=dmp,
        professionals=professionals,
        patient=patient if not (patient and named) else told.patient,
        mailboxes=told.mailboxes,
        reply_to=reply_to(part),
        visibility=tuple(one for name, one in _VISIBILITY.items() if part.flag(name) == "Y"),
        changes_visibility=replacing and part.flag("MODIF_CONF_CODE") == "Y",
        secret_connection=part.flag("CONNEXION_SECRETE") == "Y",
        patient_may_reply=not _is_final(part),
        professionals_body=_body(message, part, "CORPSMAIL_PS"),
        patient_body=_body(message, part, "CORPSMAIL_PATIENT"),
        requester=requester(part, documents),
        receipts=_return_address(message, part),
    )
    return asks, told.findings


def _asked(part: Request, name: str) -> bool | None:
    if not any(flag.name in _DESTINATIONS for flag in part.flags):
        return None
    return part.flag(name) == "Y"


def _is_final(part: Request) -> bool:
    """NTE-4 = FIN after the indicator of the patient's mailbox: the patient may not reply."""
    after = False
    for segment in part.segments:
        if segment.name == "OBX":
            after = said(segment, "3.1").upper() == _PATIENT_MAIL
        elif segment.name == "NTE" and after and said(segment, "4.1").upper() == _FINAL:
            return True
    return False


def _body(message: Message, part: Request, name: str) -> str:
    """Text of the first body of that name; empty when there is none, or none that can be read: ours stands for it."""
    for observation in part.bodies:
        if said(observation, "3.1").upper() == name:
            return mail_body(message, observation) or ""
    return ""


def _return_address(message: Message, part: Request) -> ReturnAddress | None:
    reception, reading = part.flag("ACK_RECEPTION") == "Y", part.flag("ACK_LECTURE_MSS") == "Y"
    if not (reception or reading):
        return None
    header = message.segments[0]
    return ReturnAddress(
        control_id=said(message, "MSH-10"),
        application=_designator(header, 3),
        facility=_designator(header, 4),
        our_application=_designator(header, 5),
        our_facility=_designator(header, 6),
        processing_id=said(message, "MSH-11.1") or "P",
        reception=reception,
        reading=reading,
    )


def _designator(header: Segment, number: int) -> str:
    """HD as sent, in the recommended separators: `RIS-X^1.2.250^ISO`."""
    field = header.field(number)
    if field is None:
        return ""
    return "^".join(component.text.strip() for component in field.repetitions[0].components).rstrip("^")
