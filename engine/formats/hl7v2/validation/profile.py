"""Which specification a message follows: MSH-9 and MSH-21, and what it carries where they say nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import filled, said


class Flow(StrEnum):
    TRANSMISSION = "transmission"
    """Volet "Transmission de document(s) CDA-R2 en HL7v2": a document to feed the DMP and to mail."""
    DELIVERY = "delivery"
    """Volet "Transmission au LPS d'un document CDA provenant d'un courriel MSSanté"."""
    RESULTS = "results"
    """Discrete laboratory results (IHE PaLM, LAB-3)."""
    ADMISSION = "admission"
    """Identity, movements and consents (IHE PAM, extension française)."""
    BUSINESS_ANSWER = "business_answer"
    """ZAM: what became of a document at the DMP or in a mailbox."""
    ACKNOWLEDGEMENT = "acknowledgement"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Profile:
    flow: Flow
    type: str
    """MSH-9.1."""
    event: str
    """MSH-9.2."""
    edition: tuple[int, int]
    """Of the volet, (2, 1); (0, 0) where no volet governs the message."""


NO_EDITION = (0, 0)
EDITIONS: Mapping[Flow, tuple[tuple[int, int], ...]] = {
    Flow.TRANSMISSION: ((1, 2), (2, 0), (2, 1)),
    Flow.BUSINESS_ANSWER: ((2, 0), (2, 1)),
    Flow.DELIVERY: ((1, 0), (1, 1)),
}
"""Those we know; the last one is supposed where a message names none, or another."""

EVENTS: Mapping[str, re.Pattern[str]] = {
    "ORU": re.compile("R01"),
    "OUL": re.compile("R22"),
    "MDM": re.compile("T02|T04|T10"),
    "ZAM": re.compile("Z0[123]"),
    "ADT": re.compile(r"A\d\d|Z\d\d"),
    "ACK": re.compile(".*"),
}
"""What we read; ACK may name any event, or none."""

STRUCTURES: Mapping[str, str] = {"ORU": "ORU_R01", "OUL": "OUL_R22", "MDM": "MDM_T02", "ZAM": "ZAM_Z01", "ACK": "ACK"}
READABLE = frozenset({"2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2"})
"""Versions of HL7 whose syntax we read."""
VERSIONS: Mapping[Flow, Mapping[str, str]] = {
    Flow.TRANSMISSION: {"ORU": "2.5", "OUL": "2.5", "MDM": "2.6"},
    Flow.DELIVERY: {"MDM": "2.6"},
    Flow.BUSINESS_ANSWER: {"ZAM": "2.6"},
    Flow.ADMISSION: {"ADT": "2.5"},
}
_EDITION = re.compile(r"(\d+)\.(\d+)")


def profile(message: Message) -> Profile:
    """The specification that governs a message."""
    type_, event = said(message, "MSH-9.1"), said(message, "MSH-9.2")
    flow = _flow(message, type_)
    editions = EDITIONS.get(flow)
    edition = NO_EDITION if editions is None else _edition(message)
    if editions is not None and edition not in editions:
        edition = editions[-1]
    return Profile(flow, type_, event, edition)


def check_header(message: Message, found: Profile, remarks: Remarks) -> None:
    """MSH-9, MSH-12 and MSH-21: whether we know this message at all."""
    if found.type not in EVENTS or (found.flow is Flow.DELIVERY and found.type != "MDM"):
        remarks.add("hl7v2.message_type", path("MSH-9.1"))
    elif not EVENTS[found.type].fullmatch(found.event):
        remarks.add("hl7v2.event", path("MSH-9.2"))
    _check_structure(message, found, remarks)
    version = said(message, "MSH-12.1")
    expected = VERSIONS.get(found.flow, {}).get(found.type)
    if filled(version) and version not in READABLE:
        remarks.add("hl7v2.version", path("MSH-12"))
    elif filled(version) and expected is not None and version != expected:
        remarks.add("hl7v2.version_expected", path("MSH-12"), expected=expected)
    editions = EDITIONS.get(found.flow)
    if editions is not None and _edition(message) not in editions:
        remarks.add("hl7v2.edition", path("MSH-21"), expected="{}.{}".format(*found.edition))


def _check_structure(message: Message, found: Profile, remarks: Remarks) -> None:
    expected = STRUCTURES.get(found.type)
    segment = message.first("MSH")
    field = None if segment is None else segment.field(9)
    parts = field.repetitions[0].components if field is not None else ()
    if expected is None or len(parts) < 3:
        return
    if len(parts) > 3:
        remarks.add("hl7v2.structure_shifted", path("MSH-9"))
    if parts[-1].text.strip() != expected:
        remarks.add("hl7v2.structure", path("MSH-9.3"), expected=expected)


def _flow(message: Message, type_: str) -> Flow:
    named = _named(message)
    by_type = {"ADT": Flow.ADMISSION, "ZAM": Flow.BUSINESS_ANSWER, "ACK": Flow.ACKNOWLEDGEMENT, "OUL": Flow.RESULTS}
    if type_ in by_type and not (type_ == "OUL" and "CISIS_CDA" in named):
        return by_type[type_]
    if "CISIS_CDA_HL7_LPS" in named:
        return Flow.DELIVERY
    if "CISIS_CDA" in named or type_ == "MDM":
        return Flow.TRANSMISSION
    if type_ == "ORU":
        return Flow.TRANSMISSION if any(map(carries_cda, message.all("OBX"))) else Flow.RESULTS
    return Flow.UNKNOWN


def carries_cda(observation: Segment) -> bool:
    """OBX of an encapsulated XML document."""
    return said(observation, "2.1").upper() == "ED" and said(observation, "5.3").upper() == "XML"


def _named(message: Message) -> str:
    return (message.text("MSH-21") or "").upper()


def _edition(message: Message) -> tuple[int, int]:
    """The number before the name of a volet of CDA documents, wherever it stands in the list of MSH-21."""
    segment = message.first("MSH")
    field = None if segment is None else segment.field(21)
    for one in field.repetitions if field is not None else ():
        number, name = one.component(1), one.component(2)
        if number is None or name is None or not name.text.strip().upper().startswith("CISIS_CDA"):
            continue
        found = _EDITION.fullmatch(number.text.strip())
        if found is not None:
            return int(found[1]), int(found[2])
    return NO_EDITION
