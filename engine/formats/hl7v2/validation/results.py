"""Discrete results: each one belongs to a request. Their clinical reading is the mapping's."""

from __future__ import annotations

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said

_OPENS = frozenset({"OBR", "SPM"})
_CLOSES = frozenset({"PID", "ORC"})


def check_results(message: Message, remarks: Remarks) -> None:
    """OBX without OBR or SPM before it, and values without their type (OBX-2 goes with OBX-5, HL7 v2.5, 7.4.2.2)."""
    belongs = False
    for segment in message.segments:
        belongs = segment.name in _OPENS or (belongs and segment.name not in _CLOSES)
        if segment.name != "OBX":
            continue
        if not belongs:
            remarks.add("hl7v2.orphan_result", segment.path())
        if _has_value(segment) and not said(segment, "2.1"):
            remarks.add("hl7v2.required", segment.path("2"))


def _has_value(segment: Segment) -> bool:
    field = segment.field(5)
    return field is not None and field.size > 0
