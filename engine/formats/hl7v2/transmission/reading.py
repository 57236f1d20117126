"""The documents of a message, decoded and read once, and what keeps them from being taken over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.cda.reading import Read, read
from engine.cda.xml import Element
from engine.errors import DocumentError
from engine.findings import Finding
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.findings import Mode, hl7_finding
from engine.formats.hl7v2.path import Path
from engine.formats.hl7v2.transmission.identity import is_validated, missing_traits, several_ins
from engine.formats.hl7v2.validation.content import Request, requests
from engine.formats.hl7v2.validation.profile import Profile
from engine.model.document import ReceivedCda
from engine.validation.document import UnreadableDocument, parsed

TYPE = "received"
"""Document type of what comes already made as CDA."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One document of a message."""

    request: Request
    observation: Segment
    read: Read | None
    """None when it could not be read: the findings, or those of the validation, say why."""
    findings: tuple[Finding, ...]
    level: int = 3
    """1: its body is a file (nonXMLBody)."""


def readings(message: Message, profile: Profile) -> tuple[Reading, ...]:
    """Every document, in its order; what cannot be decoded, or is no CDA, is told by the validation."""
    return tuple(
        _reading(message, part, observation) for part in requests(message, profile) for observation in part.documents
    )


def _reading(message: Message, part: Request, observation: Segment) -> Reading:
    try:
        cda = content(observation).data
        root = parsed(cda).cda
    except (DocumentError, UnreadableDocument):
        return Reading(part, observation, None, ())
    level = 1 if root.find("{*}component/{*}nonXMLBody") is not None else 3
    try:
        found = read(root, TYPE, ReceivedCda(cda))
    except DocumentError as error:
        where = observation.path("5.5")
        lacks = tuple(fatal("hl7v2.document_incomplete", where, what=_lower(one.message)) for one in error.findings)
        return Reading(part, observation, None, lacks, level)
    return Reading(part, observation, found, tuple(_identity_findings(message, observation, root, found)), level)


def _identity_findings(message: Message, observation: Segment, root: Element, found: Read) -> Iterator[Finding]:
    """A document bears an INS only when it is qualified (RNIV): validated by the sender, with its strict traits."""
    if several_ins(root):
        yield fatal("hl7v2.document_several_ins", observation.path("5.5"))
    patient = found.document.patient
    if patient.ins is None:
        return
    if not is_validated(message):
        yield fatal("hl7v2.document_ins_not_validated", Path("PID").at("32"))
    if lacking := missing_traits(patient):
        yield fatal("hl7v2.document_ins_traits", observation.path("5.5"), traits=", ".join(lacking))


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def fatal(code: str, where: Path, **words: str) -> Finding:
    """What refuses the message in every mode."""
    return hl7_finding(code, where, Mode.TOLERANT, grade=None, **words).finding()
