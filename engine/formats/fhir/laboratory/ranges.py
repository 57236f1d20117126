"""referenceRange → ReferenceRange: its words always, bounds where it is one plain normal range in the value's unit."""

from __future__ import annotations

from decimal import Decimal

from engine.formats.fhir.datatypes import codings, concept_words
from engine.formats.fhir.laboratory.quantities import range_words, ucum_code, unit_sent
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.model.laboratory import Interval, Quantity, ReferenceRange, Value


def reference_range(
    node: Node, value: Value | None, unit: str | None, code: str, scope: LabScope
) -> ReferenceRange | None:
    """`unit`: the value's as sent, which the words of a bound in that same unit do not repeat."""
    sent = node.nodes("referenceRange")
    words = [text for one in sent if (text := _words(one, unit))]
    if not words:
        return None
    if len(sent) > 1:
        scope.remarks.add("fhir.several_ranges", sent[0].where, code=code)
        return ReferenceRange("\n".join(words))
    return ReferenceRange(words[0], _interval(sent[0], value, unit, code, scope))


def side(number: Decimal, span: Interval) -> int:
    """-1 below, 0 inside, 1 above. A bound that is not included is outside."""
    if span.low is not None and (number < span.low.value or (number == span.low.value and not span.low_inclusive)):
        return -1
    if span.high is not None and (number > span.high.value or (number == span.high.value and not span.high_inclusive)):
        return 1
    return 0


def _words(one: Node, unit: str | None) -> str:
    """The text sent; else the bounds, with what they apply to when it is said."""
    if one.text("text"):
        return one.text("text")
    bounds = range_words(one)
    own = unit_sent(one.node("low") or one.node("high"))
    if bounds and own and own != unit:
        bounds = f"{bounds} {own}"
    about = [concept_words(kind) for kind in one.nodes("appliesTo")]
    kind = one.node("type")
    about += [concept_words(kind)] if kind is not None and not _is_normal(one) else []
    age = one.node("age")
    about += [f"âge {range_words(age)} {unit_sent(age.node('low') or age.node('high'))}".strip()] if age else []
    told = ", ".join(word for word in about if word)
    return f"{bounds} ({told})" if bounds and told else bounds or told


def _interval(one: Node, value: Value | None, unit: str | None, code: str, scope: LabScope) -> Interval | None:
    own = _unit_of(value)
    low, high = one.node("low"), one.node("high")
    bounds = [bound for bound in (low, high) if bound is not None and bound.number("value") is not None]
    if own is None or not bounds:
        return None
    compared = any(bound.text("comparator") for bound in bounds)
    if not _is_normal(one) or compared or not all(_in_unit(bound, own, unit, scope) for bound in bounds):
        scope.remarks.add("fhir.range_as_text", one.where, code=code)
        return None
    lowest = low.number("value") if low is not None else None
    highest = high.number("value") if high is not None else None
    if lowest is not None and highest is not None and lowest > highest:
        scope.remarks.add("fhir.range_reversed", one.where, code=code)
        return None
    return Interval(
        None if lowest is None else Quantity(lowest, own), None if highest is None else Quantity(highest, own)
    )


def _in_unit(bound: Node, own: str, unit: str | None, scope: LabScope) -> bool:
    """The value's UCUM code, or its unit as sent, or none at all."""
    code = ucum_code(bound, scope)
    return code == own if code else unit_sent(bound) in ("", unit or "")


def _is_normal(one: Node) -> bool:
    """FHIR R4: without a type it is the normal range."""
    kind = one.node("type")
    return kind is None or any(code.text("code") == "normal" for code in codings(kind))


def _unit_of(value: Value | None) -> str | None:
    if isinstance(value, Quantity):
        return value.unit
    if isinstance(value, Interval):
        return next((bound.unit for bound in (value.low, value.high) if bound is not None), None)
    return None
