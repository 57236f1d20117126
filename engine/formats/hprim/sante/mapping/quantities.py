"""10.6 with 10.7 → a typed number, or the text as sent where nothing sure can be built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.formats.hprim.sante.datatypes import loose_number
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.result import ResultView
from engine.formats.terminology.units import ucum
from engine.model.directory import MappedTest
from engine.model.laboratory import Interval, Quantity, TextValue, Value

_COMPARED = re.compile(r"(<=|>=|=<|=>|<|>|≤|≥)\s*(\S.*)\Z")
_INCLUSIVE = frozenset({"<=", ">=", "=<", "=>", "≤", "≥"})
_NO_UNIT = frozenset({"", "."})


@dataclass(frozen=True, slots=True)
class Compared:
    """A number with the sign before it; None for a plain number."""

    comparator: str | None
    number: Decimal
    oddity: str | None
    """Finding about the way the number was written."""


def compared(text: str) -> Compared | None:
    """`5.30`, `<0.6`, `≥ 10`; None when the text is anything else."""
    match = _COMPARED.match(text)
    number, oddity = loose_number(match.group(2).strip() if match else text)
    return None if number is None else Compared(match.group(1) if match else None, number, oddity)


def unit(view: ResultView, test: MappedTest | None, scope: Scope) -> str | None:
    """The UCUM unit of a result, or None (then said) when it has none or nobody has mapped it."""
    sent = view.unit
    found = ucum(sent, scope.laboratory, test=test)
    usual = ucum(sent, scope.laboratory, test=None) if sent not in _NO_UNIT else None
    if test is not None and test.unit_sent is None and usual is not None and found != usual:
        scope.remarks.add("mapping.unit_contradicts", view.segment, 7, code=view.code, unit=sent)
        return None
    if found is None and sent in _NO_UNIT:
        scope.remarks.once("mapping.unit_missing", view.segment, 7, code=view.code)
    elif found is None:
        scope.remarks.once("mapping.unmapped_unit", view.segment, 7, code=view.code, unit=sent)
    return found


def number_value(view: ResultView, read: Compared, ucum_unit: str | None, scope: Scope) -> Value:
    """Quantity for a plain number, Interval for a bound, text with its unit when the unit is not mapped."""
    if read.oddity:
        scope.remarks.add(read.oddity, view.segment, 6, code=view.code)
    if ucum_unit is None:
        return with_unit(view)
    quantity = Quantity(read.number, ucum_unit)
    if read.comparator is None:
        return quantity
    inclusive = read.comparator in _INCLUSIVE
    if read.comparator.strip("=") in {"<", "≤"}:
        return Interval(high=quantity, high_inclusive=inclusive)
    return Interval(low=quantity, low_inclusive=inclusive)


def with_unit(view: ResultView) -> TextValue:
    """Value and unit as sent: `12.4 u.a.`."""
    sent = "" if view.unit in _NO_UNIT else view.unit
    return TextValue(f"{view.text} {sent}".strip())
