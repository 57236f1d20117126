"""10.8 → ReferenceRange: the text as sent always, bounds when they can be read without doubt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.formats.hprim.sante.datatypes import loose_number
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.result import ResultView
from engine.model.laboratory import Interval, Quantity, ReferenceRange, Value

_LONGEST = 40
"""Characters of a range that can still be one."""
_N = r"[0-9]*[.,]?[0-9]+"
_HIGH = re.compile(rf"-\s*({_N})\Z")
_LOW = re.compile(rf"([+-]?{_N})\s*-\Z")
_BOTH = re.compile(rf"([+-]?{_N})\s*-\s*([+-]?{_N})\Z")
_BOUND = re.compile(rf"([<>]=?|≤|≥)\s*([+-]?{_N})\Z")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds without a unit; at least one."""

    low: Decimal | None
    high: Decimal | None
    inclusive: bool = True

    @property
    def reversed(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high


def bounds(text: str) -> Bounds | None:
    """`low-high`, `-high`, `low-` (2.4), `<high`, `>low`; None for anything else.

    A sign alone before a single number is a missing low bound, never a negative one: `-5.0` is "up to 5.0".
    """
    sent = text.strip()
    if len(sent) > _LONGEST:
        return None
    if match := _HIGH.match(sent):
        return Bounds(None, _number(match.group(1)))
    if match := _LOW.match(sent):
        return Bounds(_number(match.group(1)), None)
    if match := _BOTH.match(sent):
        return Bounds(_number(match.group(1)), _number(match.group(2)))
    if match := _BOUND.match(sent):
        number, inclusive = _number(match.group(2)), match.group(1) not in {"<", ">"}
        above = match.group(1)[0] in ">≥"
        return Bounds(number if above else None, None if above else number, inclusive)
    return None


def reference_range(view: ResultView, value: Value | None, scope: Scope) -> ReferenceRange | None:
    """The range, in the unit of the value; only its text when there are several or the value is no quantity."""
    if not view.ranges:
        return None
    text = "\n".join(view.ranges)
    if len(view.ranges) > 1:
        scope.remarks.add("hprim.several_ranges", view.segment, 8, code=view.code)
        return ReferenceRange(text)
    found = bounds(text)
    if found is None:
        scope.remarks.add("hprim.range_unreadable", view.segment, 8, code=view.code)
        return ReferenceRange(text)
    if found.reversed:
        scope.remarks.add("hprim.range_reversed", view.segment, 8, code=view.code)
        return ReferenceRange(text)
    unit = unit_of(value)
    return ReferenceRange(text, None if unit is None else _interval(found, unit))


def unit_of(value: Value | None) -> str | None:
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


def _number(text: str) -> Decimal:
    number, _ = loose_number(text)
    assert number is not None
    return number
