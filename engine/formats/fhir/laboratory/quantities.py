"""Quantity, Range and Ratio → a typed number, or its words where nothing sure can be built."""

from __future__ import annotations

from decimal import Decimal

from engine.cda.datatypes import number as digits
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import UCUM
from engine.formats.terminology.units import ucum
from engine.model.directory import MappedTest
from engine.model.laboratory import Interval, Quantity, TextValue, Value


def unit_sent(quantity: Node | None) -> str:
    """The unit as people read it, else its code."""
    return "" if quantity is None else quantity.text("unit") or quantity.text("code")


def ucum_unit(quantity: Node, test: MappedTest | None, code: str, scope: LabScope) -> str | None:
    """The UCUM code sent, else the laboratory's or the common table's for the unit sent; None, then said, when there
    is none, or when the code sent contradicts the table's."""
    sent, own = unit_sent(quantity), ucum_code(quantity, scope)
    read = ucum(sent, scope.laboratory) if sent else None
    if own and read and own != read:
        scope.remarks.add("fhir.unit_contradicts", quantity.where, code=code)
        return None
    told = test.unit_ucum if test is not None else None
    usual = own or read
    if told and usual and told != usual and (test is None or test.unit_sent is None):
        scope.remarks.add("mapping.unit_contradicts", quantity.where, code=code, unit=sent)
        return None
    if own:
        return own
    found = ucum(sent, scope.laboratory, test=test)
    if found is None and not sent:
        scope.remarks.once("mapping.unit_missing", quantity.where, code=code)
    elif found is None:
        scope.remarks.once("mapping.unmapped_unit", quantity.where, code=code, unit=sent)
    return found


def ucum_code(quantity: Node, scope: LabScope) -> str:
    """The code sent as UCUM's, in the spelling of the tables where they know it (`mmol/l` is `mmol/L`); empty when none
    was sent."""
    if quantity.text("system") != UCUM:
        return ""
    own = quantity.text("code").strip()
    return (ucum(own, scope.laboratory) if own else None) or own


def quantity_words(quantity: Node) -> str:
    """`<5.60`: the comparator and the digits as sent."""
    number = quantity.number("value")
    return "" if number is None else f"{quantity.text('comparator')}{digits(number)}"


def quantity_value(quantity: Node, test: MappedTest | None, code: str, scope: LabScope) -> Value | None:
    """Quantity for a plain number, Interval for a bound, words with their unit when the unit is not known; None
    without a number."""
    number = quantity.number("value")
    if number is None:
        return None
    unit = ucum_unit(quantity, test, code, scope)
    if unit is None:
        return TextValue(f"{quantity_words(quantity)} {unit_sent(quantity)}".strip())
    return _bound(quantity.text("comparator"), Quantity(number, unit))


def range_words(whole: Node) -> str:
    low, high = whole.node("low"), whole.node("high")
    if low is None or high is None:
        one, sign = (low, "≥ ") if low is not None else (high, "≤ ")
        return "" if one is None else sign + quantity_words(one)
    return f"{quantity_words(low)} - {quantity_words(high)}"


def range_value(whole: Node, test: MappedTest | None, code: str, scope: LabScope) -> Value | None:
    """An interval whose bounds have one unit and stand in order; else its words."""
    bounds = [
        one for one in (whole.node("low"), whole.node("high")) if one is not None and one.number("value") is not None
    ]
    if not bounds:
        return None
    units = [ucum_unit(one, test, code, scope) for one in bounds]
    numbers = {name: _number(whole.node(name)) for name in ("low", "high")}
    low, high = numbers["low"], numbers["high"]
    in_order = low is None or high is None or low <= high
    plain = in_order and not any(one.text("comparator") for one in bounds)
    if units[0] is None or len(set(units)) > 1 or not plain:
        return TextValue(f"{range_words(whole)} {unit_sent(bounds[0])}".strip())
    return Interval(
        None if low is None else Quantity(low, units[0]), None if high is None else Quantity(high, units[0])
    )


def ratio_words(whole: Node) -> str:
    """`1/160`, `5 mg/2 mL`."""
    parts = []
    for name in ("numerator", "denominator"):
        one = whole.node(name)
        parts.append("" if one is None else f"{quantity_words(one)} {unit_sent(one)}".strip())
    return "/".join(parts) if all(parts) else ""


def _number(quantity: Node | None) -> Decimal | None:
    return None if quantity is None else quantity.number("value")


def _bound(comparator: str, quantity: Quantity) -> Value:
    inclusive = comparator in ("<=", ">=")
    if comparator in ("<", "<="):
        return Interval(high=quantity, high_inclusive=inclusive)
    if comparator in (">", ">="):
        return Interval(low=quantity, low_inclusive=inclusive)
    return quantity
