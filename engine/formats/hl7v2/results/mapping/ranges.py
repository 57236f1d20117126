"""OBX-7 → ReferenceRange: the text as sent always, bounds when they can be read without doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.datatypes import loose_number
from engine.formats.hl7v2.results.view.result import ResultView
from engine.model.laboratory import Interval, Quantity, ReferenceRange, Value

_LONGEST = 40
"""Characters of a range that can still be one."""
_N = r"[0-9]*[.,]?[0-9]+"
_BOTH = re.compile(rf"([+-]?{_N})\s*-\s*([+-]?{_N})\Z")
_BOUND = re.compile(rf"(<=|>=|<|>|≤|≥)\s*([+-]?{_N})\Z")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds without a unit; at least one."""

    low: Decimal | None
    high: Decimal | None
    inclusive: bool = True

    @property
    def reversed(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high


def bounds(sent: str) -> Bounds | None:
    """`lower-upper`, `<upper`, `>lower` (HL7 v2.5, OBX-7); None for the rest, `-5` included: it says two things."""
    words = sent.strip()
    if len(words) > _LONGEST:
        return None
    if match := _BOTH.match(words):
        return Bounds(_number(match.group(1)), _number(match.group(2)))
    if match := _BOUND.match(words):
        found, inclusive = _number(match.group(2)), match.group(1) not in {"<", ">"}
        above = match.group(1)[0] in ">≥"
        return Bounds(found if above else None, None if above else found, inclusive)
    return None


def reference_range(view: ResultView, value: Value | None, scope: Scope) -> ReferenceRange | None:
    """The range, in the unit of the value; only its text when it is no interval or the value is no quantity."""
    if not view.range:
        return None
    found = bounds(view.range)
    if found is None:
        scope.remarks.add("hl7v2.range_unreadable", view.segment, "7", code=view.code)
        return ReferenceRange(view.range)
    if found.reversed:
        scope.remarks.add("hl7v2.range_reversed", view.segment, "7", code=view.code)
        return ReferenceRange(view.range)
    unit = _unit_of(value)
    return ReferenceRange(view.range, None if unit is None else _interval(found, unit))


def _unit_of(value: Value | None) -> str | None:
    """The UCUM unit of a typed number."""
    if isinstance(value, Quantity):
        return value.unit
    if isinstance(value, Interval):
        return next((bound.unit for bound in (value.low, value.high) if bound is not None), None)
    return None


def _interval(found: Bounds, unit: str) -> Interval:
    low = None if found.low is None else Quantity(found.low, unit)
    high = None if found.high is None else Quantity(found.high, unit)
    return Interval(low, high, found.inclusive or low is None, found.inclusive or high is None)


def _number(sent: str) -> Decimal:
    found, _ = loose_number(sent)
    assert found is not None
    return found
