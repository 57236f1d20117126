"""OBR with its ORC: one request (HL7 v2.5, 4.5.1 and 4.5.3)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.view.datatypes import Coded, coded, local_first
from engine.formats.hl7v2.results.view.fields import repetitions, text
from engine.formats.hl7v2.results.view.formatted import paragraph
from engine.formats.hl7v2.results.view.tree import RequestGroup

VALIDATED = frozenset({"F", "C"})
"""OBR-25 (table 0123) of a request whose results are all validated."""
UNDER_WAY = frozenset({"O", "I", "S", "A", "P", "N"})
"""Something is still to come; results that are final by themselves may be published."""
NOT_VERIFIED = frozenset({"R", "M"})
"""Results stored and not yet verified, or corrected and not final: OBX-11 alone is not believed."""
CANCELLED = frozenset({"X"})
NOT_KNOWN = frozenset({"Y", "Z"})
"""The laboratory knows no such order, or no such patient."""
CANCELLING = frozenset({"CA", "OC", "CR", "DC", "OD", "DR"})
"""ORC-1 (table 0119): the order is cancelled or discontinued, on request or not, or was so already."""
REPLACING = frozenset({"RP", "RO", "RU", "RQ"})
CANCELLED_ORDER = frozenset({"CA", "DC"})
"""ORC-5 (table 0038)."""
PARTIAL_ORDER = frozenset({"A", "IP"})


@dataclass(frozen=True, slots=True)
class Number:
    """EI: an order number and the name, or OID, of who gave it."""

    id: str
    authority: str

    def __bool__(self) -> bool:
        return bool(self.id)


@dataclass(frozen=True, slots=True)
class ParentResult:
    """OBR-26: the result this request follows, by its test, its sub-id and its words."""

    code: str
    sub_id: str
    words: str

    def __bool__(self) -> bool:
        return bool(self.code or self.sub_id or self.words)


@dataclass(frozen=True, slots=True, eq=False)
class RequestView:
    """The request as sent; texts are empty when absent."""

    segment: Segment
    order: Segment | None
    placer: Number
    """OBR-2, else ORC-2."""
    filler: Number
    """OBR-3, else ORC-3."""
    group: Number
    """ORC-4."""
    analysis: Coded
    """OBR-4, the laboratory's own code."""
    second: Coded
    """OBR-4, the other one."""
    service: Coded
    """OBR-24."""
    status: str
    """OBR-25."""
    control: str
    """ORC-1."""
    order_status: str
    """ORC-5."""
    clinical_information: str
    """OBR-13."""
    reasons: tuple[Coded, ...]
    """OBR-31."""
    parent_result: ParentResult
    parent: tuple[str, str]
    """OBR-29: the parent's placer and filler numbers."""

    @property
    def words(self) -> str:
        """What was asked for."""
        return self.analysis.label or self.second.label or self.analysis.code


def request_view(group: RequestGroup) -> RequestView:
    """Name the fields of an OBR and its ORC."""
    segment, order = group.segment, group.order
    analysis, second = local_first(segment, 4)
    return RequestView(
        segment=segment,
        order=order,
        placer=_number(segment, 2) or _number(order, 2),
        filler=_number(segment, 3) or _number(order, 3),
        group=_number(order or group.shared_order, 4),
        analysis=analysis,
        second=second,
        service=coded(segment, 24),
        status=text(segment, "25.1").upper(),
        control=text(order, "1.1").upper(),
        order_status=text(order, "5.1").upper(),
        clinical_information=paragraph(segment, 13),
        reasons=tuple(one for rank in repetitions(segment, 31) if (one := coded(segment, 31, repetition=rank)).words),
        parent_result=ParentResult(
            text(segment, "26.1.1") or text(segment, "26.1"), text(segment, "26.2"), text(segment, "26.3")
        ),
        parent=(text(segment, "29.1.1"), text(segment, "29.2.1")),
    )


def _number(segment: Segment | None, field: int) -> Number:
    authority = text(segment, f"{field}.3") or text(segment, f"{field}.2")
    return Number(text(segment, f"{field}.1"), authority)
