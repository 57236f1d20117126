"""OBR, request (9.x)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hprim.sante.datatypes import Coded, coded
from engine.formats.hprim.sante.segments import Segment

VALIDATED = frozenset({"F", "C", "M"})
"""9.26 of a request whose results are biologically validated, M in part."""
PENDING = frozenset({"O", "I", "R", "P"})
CANCELLED = frozenset({"D", "X"})


@dataclass(frozen=True, slots=True)
class RequestView:
    """The request as sent; texts are empty when absent."""

    segment: Segment
    requester_number: str
    """9.3.2."""
    sample: str
    """9.4.1."""
    number: str
    """9.4.2, the key of the report."""
    analyses: tuple[Coded, ...]
    """9.5."""
    taken_in_charge: str
    """9.7."""
    collected: str
    """9.8, first repetition."""
    prescribed: str
    """9.8, second repetition."""
    received: str
    """9.15."""
    clinical_information: str
    """9.14."""
    reasons: tuple[Coded, ...]
    """9.32."""
    reported: str
    """9.23."""
    service: Coded
    """9.25."""
    status: str
    """9.26."""


def request_view(segment: Segment) -> RequestView:
    """Name the fields of an OBR."""
    return RequestView(
        segment=segment,
        requester_number=segment.get(3, 2),
        sample=segment.get(4, 1),
        number=segment.get(4, 2),
        analyses=_coded_all(segment, 5),
        taken_in_charge=segment.get(7),
        collected=segment.get(8, repetition=1),
        prescribed=segment.get(8, repetition=2),
        received=segment.get(15),
        clinical_information="\n".join(_lines(segment, 14)),
        reasons=_coded_all(segment, 32),
        reported=segment.get(23),
        service=coded(segment, 25),
        status=segment.get(26).upper(),
    )


def _coded_all(segment: Segment, field: int) -> tuple[Coded, ...]:
    found = (coded(segment, field, repetition=n) for n in range(1, segment.repetitions(field) + 1))
    return tuple(one for one in found if one.code or one.label)


def _lines(segment: Segment, field: int) -> tuple[str, ...]:
    sent = segment.field(field)
    return () if sent is None or not sent.text.strip() else sent.lines
