"""OBX-5 with OBX-6 → a typed number, or the text as sent where nothing sure can be built."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.units import unit_sent
from engine.formats.hl7v2.results.view.datatypes import loose_number, number
from engine.formats.hl7v2.results.view.fields import text
from engine.formats.hl7v2.results.view.result import ResultView
from engine.model.laboratory import Interval, Quantity, TextValue, Value

_COMPARED = re.compile(r"(<=|>=|=<|=>|<|>|≤|≥)\s*(\S.*)\Z")
_INCLUSIVE = frozenset({"<=", ">=", "=<", "=>", "≤", "≥"})
_SIGNS = frozenset({"<", ">", *_INCLUSIVE})


@dataclass(frozen=True, slots=True)
class Compared:
    """A number with the sign before it; None for a plain number."""

    comparator: str | None
    number: Decimal
    oddity: str | None
    """Finding about the way the number was written."""


@dataclass(frozen=True, slots=True)
class Structured:
    """SN: comparator · first number · separator or suffix · second number, as sent."""

    comparator: str
    first: str
    separator: str
    second: str

    @property
    def words(self) -> str:
        """`>100`, `1:128`, `100-200`, `2+`."""
        return f"{self.comparator}{self.first}{self.separator}{self.second}"


def compared(sent: str) -> Compared | None:
    """`5.30`, `<0.6`, `≥ 10`; None when the text is anything else."""
    match = _COMPARED.match(sent)
    found, oddity = loose_number(match.group(2).strip() if match else sent)
    return None if found is None else Compared(match.group(1) if match else None, found, oddity)


def structured(view: ResultView) -> Structured:
    """The four components of an SN, first repetition."""
    return Structured(*(text(view.segment, f"5[1].{component}") for component in (1, 2, 3, 4)))


def number_value(view: ResultView, read: Compared, ucum_unit: str | None, scope: Scope) -> Value:
    """Quantity for a plain number, Interval for a bound, text with its unit when the unit is not mapped."""
    if read.oddity:
        scope.remarks.add(read.oddity, view.segment, "5", code=view.code)
    if ucum_unit is None:
        return with_unit(view.text, view)
    quantity = Quantity(read.number, ucum_unit)
    return quantity if read.comparator is None else _bound(read.comparator, quantity)


def structured_value(view: ResultView, ucum_unit: str | None, sent: Structured) -> Value:
    """`^100` a quantity · `>^100` a bound · `^100^-^200` an interval; a titre, a grade and anything else as text."""
    first, second = number(sent.first), number(sent.second)
    if ucum_unit is None or first is None:
        return with_unit(sent.words, view)
    low = Quantity(first, ucum_unit)
    if not (sent.separator or sent.second):
        if not sent.comparator or sent.comparator == "=":
            return low
        return _bound(sent.comparator, low) if sent.comparator in _SIGNS else with_unit(sent.words, view)
    if sent.separator == "-" and second is not None and first <= second and sent.comparator in {"", "="}:
        return Interval(low, Quantity(second, ucum_unit))
    return with_unit(sent.words, view)


def with_unit(words: str, view: ResultView) -> TextValue:
    """Value and unit as sent: `12.4 u.a.`."""
    sent = unit_sent(view)
    return TextValue(f"{words} {'' if sent == '.' else sent}".strip())


def _bound(comparator: str, quantity: Quantity) -> Interval:
    inclusive = comparator in _INCLUSIVE
    if comparator.strip("=") in {"<", "≤"}:
        return Interval(high=quantity, high_inclusive=inclusive)
    return Interval(low=quantity, low_inclusive=inclusive)
