"""A laboratory report, after CI-SIS "Compte rendu d'examens de biologie médicale" (CR-BIO 2024.01)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from engine.model.parties import Professional
from engine.model.values import Code, Identifier, Timestamp

PREVIOUS_VERSION = " (version précédente)"
"""Ends the `origin` of what a correction did not send again: it stood there in the message of the version before."""


@dataclass(frozen=True, slots=True)
class Concept:
    """What was measured or done: its words, the official code when the laboratory mapped it, the codes as sent."""

    text: str
    """Label as sent."""
    code: Code | None = None
    """LOINC; None when the laboratory's table does not map the local code."""
    local: tuple[Code, ...] = ()
    """Codes as sent, first the laboratory's own; `system` is the OID of its code system."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """PQ. `value` keeps the decimals as sent (5.30 is not 5.3); `unit` is UCUM."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Interval:
    """IVL_PQ: a result known only by a bound (`<0.6`), or an interval. At least one bound."""

    low: Quantity | None = None
    high: Quantity | None = None
    low_inclusive: bool = True
    high_inclusive: bool = True


@dataclass(frozen=True, slots=True)
class CodedValue:
    """CD: `code` when the laboratory maps the value, else only its words and the code as sent."""

    text: str
    code: Code | None = None
    local: Code | None = None


@dataclass(frozen=True, slots=True)
class TextValue:
    """ST: text as sent, a line break between lines; number and unit that could not be typed included."""

    text: str


Value = Quantity | Interval | CodedValue | TextValue


@dataclass(frozen=True, slots=True)
class Interpretation:
    """Abnormal flag: `code` in HL7 ObservationInterpretation (5.83) when the sent one maps."""

    as_sent: str
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """Normal range. `text` as sent, always; bounds when they could be read, in the result's unit."""

    text: str
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """Words of the laboratory or of the requester, a line break between lines."""

    text: str
    origin: str
    """Where it stands in the source, e.g. `C[1]`."""


@dataclass(frozen=True, slots=True)
class PreviousResult:
    """An earlier result of the same test."""

    value: Value
    value_as_sent: str
    unit_as_sent: str | None
    time: Timestamp | None


@dataclass(frozen=True, slots=True)
class Result:
    """One result (observation, template 1.3.6.1.4.1.19376.1.3.1.6)."""

    concept: Concept
    value: Value | None
    """None only for a cancelled result."""
    value_as_sent: str
    unit_as_sent: str | None
    origin: str
    """Where it stands in the source, e.g. `OBX[3]`."""
    status: str = "completed"
    """completed or aborted."""
    status_as_sent: str | None = None
    """The sender's own word: HPRIM F, C, U, X…"""
    interpretations: tuple[Interpretation, ...] = ()
    reference_range: ReferenceRange | None = None
    time: Timestamp | None = None
    """When the result was obtained, else when the sample was taken."""
    method: Code | None = None
    validators: tuple[Professional, ...] = ()
    previous: tuple[PreviousResult, ...] = ()
    comments: tuple[Comment, ...] = ()
    carried_over: bool = False
    """True when a correction did not send it again and the version before is its source."""


@dataclass(frozen=True, slots=True)
class Battery:
    """A group of results (organizer BATTERY)."""

    concept: Concept | None
    results: tuple[Result, ...]
    origin: str
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Isolate:
    """A germ and what was found of it (organizer CLUSTER): count, identification, antibiogram."""

    organism: CodedValue
    origin: str
    results: tuple[Result, ...] = ()
    """Results about the germ itself, its identification first."""
    antibiogram: tuple[Result, ...] = ()
    """Susceptibilities and MICs, one result per drug and measure."""
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class Specimen:
    """The sample (procedure, template 1.3.6.1.4.1.19376.1.3.1.2)."""

    text: str | None
    """Kind of sample as sent."""
    origin: str
    type: Code | None = None
    """JDV_HL7_SpecimenType when mapped."""
    id: Identifier | None = None
    collected: Timestamp | None = None
    received: Timestamp | None = None
    additive: str | None = None
    collector: Professional | None = None


Item = Battery | Result | Isolate | Comment


@dataclass(frozen=True, slots=True)
class LabAct:
    """One request or group of examinations: a sub-section of its chapter, one CDA entry."""

    title: str
    origin: str
    items: tuple[Item, ...]
    """In the order the laboratory prints them."""
    code: Code | None = None
    status: str = "completed"
    """completed, active (partial) or aborted."""
    specimens: tuple[Specimen, ...] = ()
    validators: tuple[Professional, ...] = ()
    time: Timestamp | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the report (JDV_BIO_Chapitres), e.g. 18719-5 Biochimie."""

    code: Code
    title: str
    """As the laboratory prints it."""
    acts: tuple[LabAct, ...]


@dataclass(frozen=True, slots=True)
class LaboratoryReport:
    """The body of a CR-BIO."""

    chapters: tuple[Chapter, ...]
    """1..*; the document cannot be level 3 without one."""
    status: str = "completed"
    """completed; active for a partial report."""
    comments: tuple[Comment, ...] = ()
    """About the whole report."""
    clinical_information: Comment | None = None
    """Reason and clinical information given by the prescriber (section 42349-1)."""
    full_text: Comment | None = None
    """The whole report as the laboratory wrote it (CR_EDITABLE); not a result."""
    accreditation_note: str | None = None
