"""ZAM^Z01 to Z03: what became of a document at the DMP, in a mailbox, under a reader's eyes
(volet "Transmission de document(s) CDA-R2 en HL7v2" 2.1, structure ZAM_Z01)."""

from __future__ import annotations

from enum import StrEnum

from engine.errors import DocumentError
from engine.exchange import Order, OrderOutcome, OrderState
from engine.formats.hl7v2.charset import shown
from engine.formats.hl7v2.writer import Value, build
from engine.hl7v2_out.header import UNICODE, Ends, header, instant, python_name
from engine.hl7v2_out.reasons import DMP_SYSTEM, Reason, dmp_reason, mail_reason, reading_reason
from engine.model.instructions import ReturnAddress

PROFILE = ("2.1", "CISIS_CDA_HL7_V2")
PATIENT = "patient"
"""How a patient's own mailbox is named in an order."""
PATIENT_DOMAIN = "patient.mssante.fr"
_ANSWERS = "AckMetierZAM"


class Event(StrEnum):
    """MSH-9.2."""

    DMP_RECEPTION = "Z01"
    MAIL_RECEPTION = "Z02"
    MAIL_READING = "Z03"


_SUBJECTS = {
    Event.DMP_RECEPTION: ("ACK_RECEPTION_DMP", "Accusé de réception DMP"),
    Event.MAIL_RECEPTION: ("ACK_RECEPTION_MSS", "Accusé de réception MSSanté"),
    Event.MAIL_READING: ("ACK_LECTURE_MSS", "Accusé de lecture MSSanté"),
}
_MAILBOXES = {
    Event.MAIL_RECEPTION: ("DESTINATAIRE_MSS", "Destinataire MSSanté"),
    Event.MAIL_READING: ("LECTEUR_MSS", "Lecteur du courriel MSSanté"),
}


def report_name(event: Event, report_id: str) -> str:
    """What the recipient of a REPORT order is called: its event, then what makes it unlike any other."""
    return f"{event.value} {report_id}"


def event_of(order: Order) -> Event:
    """The event a REPORT order tells. Raises DocumentError when it is none we know."""
    try:
        return Event(order.recipient.partition(" ")[0])
    except ValueError:
        raise DocumentError("receipt.event", "l'accusé à envoyer n'est pas d'un genre connu") from None


def business_answer(
    order: Order,
    *,
    application: str,
    facility: str,
    charset: str = UNICODE,
    dmp_system: str = DMP_SYSTEM,
) -> bytes:
    """The ZAM of a REPORT order, ended by CR, without MLLP marks: the same bytes each time.

    `application` and `facility` name us where the sender's message did not. Raises DocumentError when the order does
    not say what to tell, or to whom.

    MSH-5, MSH-6 ← MSH-3, MSH-4 of the sender's message · MSH-10 ← our order · EVN-2 ← when it happened ·
    OBX-4 ← MSH-10 of the sender's message · OBX-5 ← Y when the document was taken · ERR-5 ← why it was not.
    """
    outcome, address = order.about, order.package.instructions.receipts
    if outcome is None or address is None:
        raise DocumentError("receipt.nothing_to_tell", "l'accusé ne dit pas de quel envoi, ou à quel émetteur")
    event = event_of(order)
    ends = Ends(
        address.our_application or application,
        address.our_facility or facility,
        address.application,
        address.facility,
    )
    msh = header(
        order.id,
        order.created_at,
        ("ZAM", event.value, "ZAM_Z01"),
        ends,
        processing_id=address.processing_id,
        profile=PROFILE,
        charset=charset,
    )
    name = python_name(charset)
    evn: list[Value] = ["EVN", "", instant(outcome.at)]
    segments = [msh, evn, *_observations(order, event, outcome, address, name)]
    if outcome.state is not OrderState.DELIVERED:
        segments.append(_err(_reason(event, outcome, dmp_system), name))
    return build(segments, charset=name)


def _observations(
    order: Order, event: Event, outcome: OrderOutcome, address: ReturnAddress, name: str
) -> list[list[Value]]:
    code, label = _SUBJECTS[event]
    yes = "Y" if outcome.state is OrderState.DELIVERED else "N"
    answer = (yes, "", "expandedYes-NoIndicator")
    made = [_obx("1", "CWE", (code, shown(label, name), _ANSWERS), shown(address.control_id, name), answer)]
    if event in _MAILBOXES:
        code, label = _MAILBOXES[event]
        mailbox = ("", "", "X.400", shown(mailbox_of(order, outcome), name))
        made.append(_obx("2", "XTN", (code, shown(label, name), _ANSWERS), _identifier(order, outcome), mailbox))
    return made


def _obx(rank: str, kind: str, subject: tuple[str, ...], sub_id: str, value: tuple[str, ...]) -> list[Value]:
    return ["OBX", rank, kind, subject, sub_id, value, *("",) * 5, "F"]


def mailbox_of(order: Order, outcome: OrderOutcome) -> str:
    """The address of the recipient or of the reader; a patient's is made of the matricule."""
    ins = order.package.patient.ins
    if outcome.recipient == PATIENT and ins is not None:
        return f"{ins.matricule}@{PATIENT_DOMAIN}"
    return outcome.recipient


def _identifier(order: Order, outcome: OrderOutcome) -> str:
    """National identifier of the recipient whose mailbox it is; empty when the document does not say."""
    address = f"mailto:{outcome.recipient}".lower()
    for one in order.package.recipients:
        if one.id is not None and any(telecom.value.lower() == address for telecom in one.telecoms):
            return one.id.extension or ""
    return ""


def _reason(event: Event, outcome: OrderOutcome, dmp_system: str) -> Reason:
    if event is Event.DMP_RECEPTION:
        return dmp_reason(outcome, dmp_system)
    return mail_reason(outcome) if event is Event.MAIL_RECEPTION else reading_reason(outcome)


def _err(reason: Reason, name: str) -> list[Value]:
    condition = ("207", "Application error", "messageErrorCondition")
    told = (shown(reason.code, name), shown(reason.label, name), reason.system)
    return ["ERR", "", "", condition, "E", told]
