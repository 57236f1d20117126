"""Says everything that is wrong with a message, where, and how grave that is for the route it came by."""

from __future__ import annotations

from engine.errors import DocumentError
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Hl7Finding, Mode, hl7_finding
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation.actions import check_actions
from engine.formats.hl7v2.validation.admissions import check_admission
from engine.formats.hl7v2.validation.answers import check_answer
from engine.formats.hl7v2.validation.content import Request, requests
from engine.formats.hl7v2.validation.document import check_context, check_documents
from engine.formats.hl7v2.validation.fields import check_fields
from engine.formats.hl7v2.validation.flags import check_flags
from engine.formats.hl7v2.validation.matrix import Matrix
from engine.formats.hl7v2.validation.participants import check_participants
from engine.formats.hl7v2.validation.patient import check_patient
from engine.formats.hl7v2.validation.profile import Flow, Profile, check_header, profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.validation.results import check_results
from engine.formats.hl7v2.validation.texts import check_texts

__all__ = ["Flow", "Matrix", "Mode", "Profile", "findings", "profile", "unreadable"]

_WITH_DOCUMENT = frozenset({Flow.TRANSMISSION, Flow.DELIVERY})
_WITHOUT_PATIENT = frozenset({Flow.BUSINESS_ANSWER, Flow.ACKNOWLEDGEMENT, Flow.UNKNOWN})


def findings(
    message: Message, mode: Mode, *, matrix: Matrix = Matrix.WARN, known: Profile | None = None
) -> tuple[Hl7Finding, ...]:
    """Everything found, in the order of the checks. Pure; never raises.

    `matrix` says what becomes of combinations of indicators the table of the volet T has not.
    """
    remarks = Remarks(mode)
    found = known or profile(message)
    parts = requests(message, found)
    check_texts(message, remarks)
    check_header(message, found, remarks)
    check_fields(message, found, parts, remarks)
    if found.flow not in _WITHOUT_PATIENT:
        check_patient(message, remarks)
    if found.flow in _WITH_DOCUMENT:
        _check_requests(message, found, parts, matrix, remarks)
    elif found.flow is Flow.RESULTS:
        check_results(message, remarks)
    elif found.flow is Flow.ADMISSION:
        check_admission(message, remarks)
    elif found.flow is Flow.BUSINESS_ANSWER:
        check_answer(message, found, remarks)
    return remarks.findings


def unreadable(error: DocumentError, mode: Mode) -> Hl7Finding:
    """The finding that stands for bytes `Message.parse` could not read."""
    return hl7_finding(error.code, path(error.where) if error.where else None, mode)


def _check_requests(
    message: Message, found: Profile, parts: tuple[Request, ...], matrix: Matrix, remarks: Remarks
) -> None:
    check_actions(message, found, parts, remarks)
    for part in parts:
        check_flags(part, found, matrix, remarks)
        check_participants(message, part, found, remarks)
        check_documents(message, part, found, remarks)
        check_context(part, remarks)
