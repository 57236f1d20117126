"""PRT: who asks (SB), who receives (RCT), who is answered to (REPLY)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.validation.content import Participant, Request
from engine.formats.hl7v2.validation.patient import patient_ids
from engine.formats.hl7v2.validation.profile import Flow, Profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said

PATIENT_DOMAIN = "@patient.mssante.fr"
_SINCE = (2, 0)
"""Edition of the volet T from which PRT names sender and recipients."""
ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_PATIENTS = re.compile(r"[0-9][0-9AB]{12,}@.*|.*@patient\..*", re.IGNORECASE)
"""A matricule, maybe mistyped, or the domain of patients: such an address holds an identity, and is never kept as that
of a professional (whose longest number has 12 signs)."""
_PROFESSIONAL_LENGTHS: Mapping[str, int] = {"RPPS": 11, "IDNPS": 12, "ADELI": 9}
_STRUCTURE_LENGTHS: Mapping[str, int] = {"FINEJ": 9, "FINEG": 9}


def check_participants(message: Message, part: Request, profile: Profile, remarks: Remarks) -> None:
    """One request's participants, each and as the indicators need them."""
    for one in part.participants:
        _check_one(message, one, remarks)
    senders = part.role("SB")
    if len(senders) > 1:
        remarks.add("hl7v2.several_senders", senders[1].path())
    _check_places(part, remarks)
    if profile.flow is Flow.TRANSMISSION and profile.edition >= _SINCE:
        _check_needed(part, remarks)


def _check_needed(part: Request, remarks: Remarks) -> None:
    """What DESTDMP and DESTMSSANTE* cannot do without."""
    senders, recipients = part.role("SB"), part.role("RCT")
    asked = {flag.name: flag for flag in part.flags if flag.value == "Y"}
    if "DESTDMP" in asked:
        if not senders:
            remarks.add("hl7v2.no_sender", asked["DESTDMP"].segment.path("5.1"))
        for one in senders[:1]:
            if not said(one, "8.10"):
                remarks.add("hl7v2.no_structure", one.path("8.10"))
    if "DESTMSSANTEPS" in asked and all(is_patient(one) for one in recipients):
        remarks.add("hl7v2.no_recipient", asked["DESTMSSANTEPS"].segment.path("5.1"))
    if "DESTMSSANTEPAT" in asked and not any(is_patient(one) for one in recipients):
        remarks.add("hl7v2.no_patient_recipient", asked["DESTMSSANTEPAT"].segment.path("5.1"))


def is_patient(participant: Segment) -> bool:
    """True for a PRT that names a patient's own mailbox, whatever else is wrong with it."""
    return said(participant, "5.13").upper() == "INS" or _PATIENTS.fullmatch(address(participant)) is not None


def address(participant: Segment) -> str:
    """PRT-15.4."""
    return said(participant, "15.4")


def _check_one(message: Message, participant: Participant, remarks: Remarks) -> None:
    role, one = participant.role, participant.segment
    if role == "SB" and not any(said(one, place) for place in ("5.1", "8.10", "10.1", "15.4")):
        remarks.add("hl7v2.participant_unidentified", one.path())
    if role in {"RCT", "REPLY"}:
        _check_address(message, one, remarks)
    _check_length(one, "5.1", said(one, "5.13"), _PROFESSIONAL_LENGTHS, "hl7v2.professional_id", remarks)
    _check_length(one, "8.10", said(one, "8.7"), _STRUCTURE_LENGTHS, "hl7v2.structure_id", remarks)


def _check_address(message: Message, one: Segment, remarks: Remarks) -> None:
    sent = address(one)
    if not sent:
        shifted = next((f"{n}.4" for n in (14, 16) if ADDRESS.fullmatch(said(one, f"{n}.4"))), None)
        code, place = ("hl7v2.address_shifted", shifted) if shifted else ("hl7v2.no_address", "15.4")
        remarks.add(code, one.path(place))
    elif not ADDRESS.fullmatch(sent):
        remarks.add("hl7v2.address_form", one.path("15.4"))
    elif is_patient(one):
        owners = {known.value for known in patient_ids(message) if known.is_ins}
        if sent.lower() not in {f"{owner}{PATIENT_DOMAIN}".lower() for owner in owners}:
            remarks.add("hl7v2.patient_mailbox", one.path("15.4"))
    if sent and said(one, "15.3").upper() != "X.400":
        remarks.add("hl7v2.value", one.path("15.3"), expected="X.400")


def _check_length(one: Segment, place: str, kind: str, lengths: Mapping[str, int], code: str, remarks: Remarks) -> None:
    sent, length = said(one, place), lengths.get(kind.upper())
    if sent and length is not None and len(sent) != length:
        remarks.add(code, one.path(place))


def _check_places(part: Request, remarks: Remarks) -> None:
    """Every PRT stands after a document, before any other observation."""
    documents = {segment.index for segment in part.documents}
    after_document = False
    for segment in part.segments:
        if segment.name == "OBX":
            after_document = segment.index in documents
        elif segment.name == "PRT" and not after_document:
            remarks.add("hl7v2.participant_misplaced", segment.path())
