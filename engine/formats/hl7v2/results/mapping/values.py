"""OBX-2 and OBX-5 → the value of a result, by its type."""

from __future__ import annotations

import re

from engine.formats.hl7v2.results.mapping.concepts import code_system
from engine.formats.hl7v2.results.mapping.quantities import (
    compared,
    number_value,
    structured,
    structured_value,
    with_unit,
)
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.units import unit, unit_sent
from engine.formats.hl7v2.results.view.datatypes import Coded, coded, local_first, timestamp
from engine.formats.hl7v2.results.view.fields import repetitions, text
from engine.formats.hl7v2.results.view.result import CODED, SUSCEPTIBILITIES, TEXTS, TIMES, TYPES, ResultView
from engine.formats.terminology.mapping import mapped_value
from engine.model.directory import MappedTest
from engine.model.laboratory import CodedValue, TextValue, Value
from engine.model.values import Code

_CLOCK = re.compile(r"([01][0-9]|2[0-3])([0-5][0-9])(?:([0-5][0-9])(?:\.[0-9]{1,4})?)?\Z")
_SINGLE = frozenset({"NM", "SN", *CODED, *TIMES})


def value(view: ResultView, test: MappedTest | None, scope: Scope) -> Value:
    """NM, SN, and ST that reads as a number: quantity, bound or interval · CE, CWE, CNE: coded · the rest: text.

    The laboratory's `value_kind` wins over the type sent, where the value allows it.
    """
    kind = test.value_kind if test is not None else None
    _type_findings(view, scope)
    if view.type in CODED and kind != "text":
        return _coded(view, scope)
    if kind == "text" or view.type in CODED | TIMES:
        return TextValue(value_as_sent(view, scope))
    if view.type == "SN":
        return _structured(view, test, scope)
    if kind == "code":
        return _coded_words(view, scope)
    if view.type in {"NM", "ST", "IS"} or kind == "quantity":
        return _numeric(view, test, scope)
    return with_unit(view.text, view) if view.type not in TEXTS else TextValue(_with_unit_said(view))


def value_as_sent(view: ResultView, scope: Scope) -> str:
    """OBX-5 as a reader would see it: a code by its label, a date in French, a structured number without its hats."""
    if view.type in CODED:
        return "\n".join(one.words for one in codes(view))
    if view.type == "SN" and len(repetitions(view.segment, 5)) == 1:
        return structured(view).words
    if view.type in TIMES:
        return "\n".join(_time_words(line, view.type, scope) for line in view.text.split("\n"))
    return view.text


def codes(view: ResultView) -> tuple[Coded, ...]:
    """The coded values, one per repetition; the laboratory's own code where a repetition has two."""
    found = []
    for repetition in repetitions(view.segment, 5):
        one, other = local_first(view.segment, 5, repetition=repetition)
        label = one.label or other.label
        if one.code or label:
            found.append(Coded(one.code, label, one.system))
    return tuple(found)


def _type_findings(view: ResultView, scope: Scope) -> None:
    if view.type not in TYPES:
        scope.remarks.add("hl7v2.value_type_unknown", view.segment, "2", code=view.code)
    if view.type in _SINGLE and len(repetitions(view.segment, 5)) > 1:
        scope.remarks.add("hl7v2.repeated_value", view.segment, "5", code=view.code)


def _numeric(view: ResultView, test: MappedTest | None, scope: Scope) -> Value:
    """A number in text is one only when a unit says of what: a lone `12` sent as ST stays text."""
    read = compared(view.text)
    if read is None:
        if view.type == "NM":
            scope.remarks.add("hl7v2.value_type_mismatch", view.segment, "5", code=view.code)
        return with_unit(view.text, view)
    if view.type != "NM" and not unit_sent(view) and not (test is not None and test.unit_ucum):
        return TextValue(view.text)
    return number_value(view, read, unit(view, test, scope), scope)


def _structured(view: ResultView, test: MappedTest | None, scope: Scope) -> Value:
    if len(repetitions(view.segment, 5)) > 1:
        return with_unit(view.text, view)
    sent = structured(view)
    if sent.separator in {":", "/"} or sent.separator == "+":
        return with_unit(sent.words, view)
    return structured_value(view, unit(view, test, scope), sent)


def _coded(view: ResultView, scope: Scope) -> Value:
    found = codes(view)
    if len(found) != 1:
        return TextValue(value_as_sent(view, scope))
    (one,) = found
    if coded(view.segment, 5).code and coded(view.segment, 5, second=True).code:
        scope.remarks.once("hl7v2.second_value_code", view.segment, "5", code=view.code)
    known = mapped_value(scope.laboratory, one.code) if one.code else None
    if one.code and known is None and one.code.upper() not in SUSCEPTIBILITIES:
        scope.remarks.once("mapping.unmapped_value", view.segment, "5", code=view.code)
    local = Code(one.code, code_system(one, scope), one.label or None) if one.code else None
    return CodedValue(one.words, known, local)


def _coded_words(view: ResultView, scope: Scope) -> Value:
    """A text that the laboratory has said to be a code."""
    known = mapped_value(scope.laboratory, view.text)
    if known is None:
        scope.remarks.once("mapping.unmapped_value", view.segment, "5", code=view.code)
    return CodedValue(view.text, known, Code(view.text, scope.laboratory.local_codes_oid))


def _with_unit_said(view: ResultView) -> str:
    sent = unit_sent(view)
    return f"{view.text} {sent}".strip() if "\n" not in view.text else view.text


def _time_words(sent: str, kind: str, scope: Scope) -> str:
    """`31/03/2025 à 08:15:30 (+0200)`, as precise as sent; the digits as sent when they are no date, or finer."""
    if kind == "TM":
        clock = _CLOCK.match(sent)
        return ":".join(part for part in clock.groups() if part) if clock else sent
    if "." in sent or timestamp(sent, scope.zone) is None:
        return sent
    digits, offset = re.split(r"(?=[+-])", sent, maxsplit=1) if re.search("[+-]", sent) else (sent, "")
    day = f"{digits[6:8]}/{digits[4:6]}/{digits[:4]}"
    pairs = [digits[start : start + 2] for start in range(8, len(digits), 2)]
    hour = f" à {':'.join(pairs)}" if pairs else ""
    return f"{day}{hour}" + (f" ({offset})" if offset and pairs else "")


def is_empty(view: ResultView, scope: Scope) -> bool:
    """Nothing was sent as a value."""
    return not (value_as_sent(view, scope) or text(view.segment, "5[1]"))
