"""The tree of an HPRIM Santé message: H { P { OBR { OBX } } } L, each with the comments that follow it.

Built without loss: what has no place is kept in `orphans`, `strays` or `unknown`, and said as a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import SECTIONS, Segment

_CARRIED = frozenset({"AP", "AC", "FAC", "ACT", "REG"})


@dataclass(slots=True)
class ResultGroup:
    """OBX and its comments."""

    segment: Segment
    comments: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class RequestGroup:
    """OBR, its comments and its results."""

    segment: Segment
    comments: list[Segment] = field(default_factory=list)
    results: list[ResultGroup] = field(default_factory=list)


@dataclass(slots=True)
class PatientGroup:
    """P and all that is under it."""

    segment: Segment
    comments: list[Segment] = field(default_factory=list)
    requests: list[RequestGroup] = field(default_factory=list)
    orphans: list[ResultGroup] = field(default_factory=list)
    """Results that stand before any request: a hierarchy error of this patient."""
    others: list[Segment] = field(default_factory=list)
    """AP, AC, FAC, ACT, REG: carried raw."""


@dataclass(slots=True)
class Message:
    """The whole message."""

    header: Segment
    patients: list[PatientGroup] = field(default_factory=list)
    comments: list[Segment] = field(default_factory=list)
    """Comments of the header."""
    errors: list[Segment] = field(default_factory=list)
    """ERR segments."""
    unknown: list[Segment] = field(default_factory=list)
    strays: list[Segment] = field(default_factory=list)
    """Known segments, or lines, that stand where nothing can own them."""
    end: Segment | None = None
    after_end: list[Segment] = field(default_factory=list)


def message(segments: tuple[Segment, ...], remarks: Remarks) -> Message:
    """Arrange segments, the header first. Findings: unknown segments, lines that are none, hierarchy errors."""
    builder = _Builder(Message(segments[0]), remarks)
    for segment in segments[1:]:
        builder.add(segment)
    return builder.message


class _Builder:
    def __init__(self, made: Message, remarks: Remarks) -> None:
        self.message = made
        self.remarks = remarks
        self.commented: list[Segment] = made.comments
        """Comments of the last segment that may have some."""

    def add(self, segment: Segment) -> None:
        if self.message.end is not None:
            self.message.after_end.append(segment)
        elif segment.name == "L":
            self.message.end = segment
        elif segment.name == "P":
            self._patient(segment)
        elif segment.name == "C":
            self.commented.append(segment)
        elif segment.name == "ERR":
            self.message.errors.append(segment)
        elif segment.name in SECTIONS:
            self._under_patient(segment)
        else:
            self._unknown(segment)

    def _patient(self, segment: Segment) -> None:
        group = PatientGroup(segment)
        self.message.patients.append(group)
        self.commented = group.comments

    def _under_patient(self, segment: Segment) -> None:
        if segment.name == "H" or not self.message.patients:
            code = "hprim.several_messages" if segment.name == "H" else "hprim.segment_before_patient"
            self.remarks.add(code, segment, name=segment.name)
            self.message.strays.append(segment)
            self.commented = self._enclosing()
            return
        patient = self.message.patients[-1]
        if segment.name == "OBR":
            request = RequestGroup(segment)
            patient.requests.append(request)
            self.commented = request.comments
        elif segment.name == "OBX":
            result = ResultGroup(segment)
            (patient.requests[-1].results if patient.requests else patient.orphans).append(result)
            self.commented = result.comments
        elif segment.name in _CARRIED:
            patient.others.append(segment)
            self.commented = self._enclosing()

    def _unknown(self, segment: Segment) -> None:
        self.message.unknown.append(segment)
        self.commented = self._enclosing()
        if segment.name:
            self.remarks.add("hprim.unknown_segment", segment, name=segment.name)
        else:
            self.remarks.add("hprim.stray_line", segment)

    def _enclosing(self) -> list[Segment]:
        """Where a comment goes when the segment it comments has no place for one: its request, patient or message."""
        if not self.message.patients:
            return self.message.comments
        patient = self.message.patients[-1]
        return patient.requests[-1].comments if patient.requests else patient.comments
