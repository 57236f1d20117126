"""PRT → who asks for the sending, who receives it, who is answered to."""

from __future__ import annotations

from dataclasses import dataclass

from engine.findings import Disposition, Finding, Severity
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.results.mapping.professionals import named
from engine.formats.hl7v2.validation.content import Request
from engine.formats.hl7v2.validation.participants import ADDRESS, address, is_patient
from engine.formats.hl7v2.validation.patient import patient_ids
from engine.formats.hl7v2.values import said
from engine.model.document import ClinicalDocument
from engine.model.parties import STRUCTURE_OID, Organization, Professional
from engine.model.values import Code, Identifier, Telecom

_FINESS = frozenset({"FINEG", "FINEJ"})
_FINESS_LENGTH = 9
_PREFIXED = {"1": 10, "2": 10, "3": 15}
"""First sign of a national structure number (1 FINESS, 2 SIREN, 3 SIRET) → its whole length."""
_REMEDY = "Corrigez l'adresse dans le logiciel émetteur, puis renvoyez le document à ce destinataire."


@dataclass(frozen=True, slots=True)
class Recipients:
    """Whom a request names, and those left out."""

    mailboxes: tuple[str, ...] | None
    """None when the request names no recipient at all."""
    patient: bool
    """The patient's own mailbox is named, and is that of the INS."""
    findings: tuple[Finding, ...]


def recipients(message: Message, part: Request, *, asked: bool, patient_asked: bool) -> Recipients:
    """RCT: the mailboxes of others than the patient, each once whatever its case, and whether the patient's is named.

    A mailbox is kept as it was written: one that is no address is refused where it is sent, and does not vanish. A
    recipient without any, or a mailbox of another patient, is left out and said. `asked` and `patient_asked`:
    whether a mail to professionals, to the patient, is wanted at all: nobody is told of an address nothing goes to.
    """
    named_here = part.role("RCT")
    mailboxes: dict[str, str] = {}
    patient, findings = False, []
    owners = {one.value.lower() for one in patient_ids(message) if one.is_ins}
    for one in named_here:
        mailbox = address(one)
        if is_patient(one):
            owned = mailbox.lower().partition("@")[0] in owners
            patient = patient or owned
            if patient_asked and not owned:
                findings.append(_left_out(one, "hl7v2.patient_not_mailed", "L'adresse n'est pas celle de l'INS"))
        elif mailbox:
            mailboxes.setdefault(mailbox.lower(), mailbox)
        elif asked:
            findings.append(_left_out(one, "hl7v2.recipient_not_mailed", "L'adresse est absente"))
    return Recipients(tuple(mailboxes.values()) if named_here else None, patient, tuple(findings))


def reply_to(part: Request) -> str:
    """REPLY; empty when none is named, or none that is an address."""
    return next((mailbox for one in part.role("REPLY") if ADDRESS.fullmatch(mailbox := address(one))), "")


def requester(part: Request, documents: tuple[ClinicalDocument, ...]) -> Professional | None:
    """SB: PRT-5 person (or the software and model of a device) · PRT-8 structure · PRT-15.4 mailbox.

    The message has no place for a profession: it is the one a document of the request gives to the same person.
    """
    found = next(iter(part.role("SB")), None)
    if found is None:
        return None
    person = named(found, "5[1]")
    identifier = person.national_id if person is not None else None
    mailbox = address(found)
    asks = Professional(
        id=identifier,
        name=person.name if person is not None else None,
        specialty=_specialty(identifier, documents),
        telecoms=(Telecom(f"mailto:{mailbox}"),) if ADDRESS.fullmatch(mailbox) else (),
        organization=_structure(found),
    )
    return None if asks == Professional(None, None) else asks


def _specialty(wanted: Identifier | None, documents: tuple[ClinicalDocument, ...]) -> Code | None:
    known = [
        professional
        for document in documents
        for professional in (
            *(one.professional for one in document.authors),
            document.legal_authenticator.professional,
            *(one.performer for one in (document.act, *document.acts)),
        )
    ]
    return next((one.specialty for one in known if wanted is not None and one.id == wanted and one.specialty), None)


def _structure(participant: Segment) -> Organization | None:
    """XON: 8.1 name · 8.7 kind of number · 8.10 number."""
    name, kind, number = (said(participant, place) for place in ("8.1", "8.7", "8.10"))
    if not (name or number):
        return None
    return Organization(_national(number, kind.upper()), name)


def _national(number: str, kind: str) -> Identifier | None:
    """`1` + FINESS for a FINESS; a number that has its prefix already is taken as it is, whatever kind is said."""
    if not (number.isascii() and number.isdigit()):
        return None
    if kind in _FINESS and len(number) == _FINESS_LENGTH:
        return Identifier(STRUCTURE_OID, "1" + number)
    if _PREFIXED.get(number[:1]) == len(number):
        return Identifier(STRUCTURE_OID, number)
    return None


def _left_out(one: Segment, code: str, why: str) -> Finding:
    place = one.path("15.4")
    words = f"{why} ({place}) : aucun courriel n'est envoyé à ce destinataire."
    return Finding(code, Severity.ERROR, str(place), words, _REMEDY, "format", Disposition.PUBLISH)
