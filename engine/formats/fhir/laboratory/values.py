"""value[x] → the value of a result, by its type; what cannot be typed without doubt stays words."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.fhir.datatypes import coding, codings, concept_words
from engine.formats.fhir.laboratory.quantities import (
    quantity_value,
    quantity_words,
    range_value,
    range_words,
    ratio_words,
    unit_sent,
)
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import OFFICIAL
from engine.formats.terminology.mapping import mapped_value
from engine.model.directory import MappedTest
from engine.model.laboratory import CodedValue, TextValue, Value

SUSCEPTIBILITIES = frozenset({"R", "I", "S", "SDD", "NS", "MS", "VS"})
"""Codes of a drug's effect on a germ."""
_BOOLEAN = {True: "Oui", False: "Non"}


@dataclass(frozen=True, slots=True)
class Read:
    """A value and its words as sent; `unit` None where none was sent."""

    value: Value | None
    words: str
    unit: str | None = None


NOTHING = Read(None, "")


def read_value(node: Node, test: MappedTest | None, code: str, scope: LabScope) -> Read:
    """Quantity and Range typed · CodeableConcept coded · Ratio and the rest as words · SampledData not carried."""
    name = node.choice("value")
    kind = name.removeprefix("value")
    held = node.node(name)
    if test is not None and test.value_kind == "text" and kind in ("Quantity", "Range") and held is not None:
        return _as_text(held, kind)
    if kind == "Quantity" and held is not None:
        unit = unit_sent(held) or None
        return Read(quantity_value(held, test, code, scope), quantity_words(held), unit)
    if kind == "Range" and held is not None:
        bound = held.node("low") or held.node("high")
        return Read(range_value(held, test, code, scope), range_words(held), unit_sent(bound) or None)
    if kind == "CodeableConcept" and held is not None:
        made = coded_value(held, code, scope)
        return NOTHING if made is None else Read(made, made.text)
    return _words(node, name, kind, held, code, scope)


def _as_text(held: Node, kind: str) -> Read:
    """What the laboratory wants told in words."""
    words = quantity_words(held) if kind == "Quantity" else range_words(held)
    unit = unit_sent(held if kind == "Quantity" else held.node("low") or held.node("high"))
    return Read(TextValue(f"{words} {unit}".strip()), words, unit or None) if words else NOTHING


def coded_value(concept: Node, code: str, scope: LabScope) -> CodedValue | None:
    """The laboratory's table first, then a code of an international system; the sender's own code beside it. None when
    nothing was sent."""
    sent = tuple(one for one in codings(concept) if one.text("code"))
    words = concept_words(concept)
    if not words:
        return None
    made = tuple(found for one in sent if (found := coding(one, scope.laboratory.local_codes_oid)) is not None)
    mapped = next((found for one in sent if (found := mapped_value(scope.laboratory, one.text("code")))), None)
    official = mapped or next((one for one in made if one.system in OFFICIAL), None)
    local = next((one for one in made if one != official), None)
    if sent and official is None:
        scope.remarks.once("mapping.unmapped_value", concept.where, code=code)
    return CodedValue(words, official, local)


def _words(node: Node, name: str, kind: str, held: Node | None, code: str, scope: LabScope) -> Read:
    """Values that the report has no type for; a text that reads as a number stays a text."""
    if kind == "SampledData":
        scope.remarks.add("fhir.value_not_carried", node.at(name), code=code, kind=kind)
        return NOTHING
    words = _said(node, name, kind, held)
    if not words:
        return NOTHING
    if kind != "String":
        scope.remarks.once("fhir.value_as_text", node.at(name), code=code, kind=kind)
    return Read(TextValue(words), words)


def _said(node: Node, name: str, kind: str, held: Node | None) -> str:
    if kind == "Ratio" and held is not None:
        return ratio_words(held)
    if kind == "Period" and held is not None:
        return " - ".join(one for one in (held.text("start"), held.text("end")) if one)
    if kind == "Boolean":
        flag = node.flag(name)
        return "" if flag is None else _BOOLEAN[flag]
    if kind == "Integer":
        number = node.number(name)
        return "" if number is None else str(number)
    return "\n".join(node.text(name).splitlines())
