"""OBX → Result. Flags are never computed; a flag that contradicts its range is said and kept."""

from __future__ import annotations

from decimal import Decimal

from engine.formats.hl7v2.results.mapping.comments import comments
from engine.formats.hl7v2.results.mapping.concepts import code_system, test_concept
from engine.formats.hl7v2.results.mapping.entries import Entry
from engine.formats.hl7v2.results.mapping.ranges import reference_range
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.mapping.units import unit_sent
from engine.formats.hl7v2.results.mapping.validators import NOBODY, result_validators
from engine.formats.hl7v2.results.mapping.values import is_empty, value, value_as_sent
from engine.formats.hl7v2.results.view.datatypes import coded, timestamp
from engine.formats.hl7v2.results.view.result import CANCELLED, ResultView
from engine.formats.terminology.flags import interpretation
from engine.formats.terminology.mapping import mapped_test
from engine.model.directory import MappedTest
from engine.model.laboratory import Comment, Interpretation, Interval, Quantity, ReferenceRange, Result, Value
from engine.model.values import Code, Timestamp

_SIDES = {"L": -1, "LL": -1, "H": 1, "HH": 1, "N": 0}
_NO_RANGE = "NULL"
"""Flag of table 0078 that says that no range applies."""


def line_of_table(view: ResultView, specimen: str, collected: Timestamp | None, scope: Scope) -> MappedTest | None:
    """The line of the laboratory's table for this result: by code, unit, specimen and date."""
    when = timestamp(view.obtained, scope.zone) or collected
    on = when.date if when is not None else None
    unit = view.unit.code or view.unit.label
    return mapped_test(scope.laboratory, view.test.code, unit=unit or None, specimen=specimen or None, on=on)


def result(entry: Entry, test: MappedTest | None, collected: Timestamp | None, answered: bool, scope: Scope) -> Result:
    """OBX-3 concept · 5 value · 6 unit · 7 range · 8 flags · 11 status · 14 time, else OBR-7 · 16 validators ·
    17 method · NTE comments. `answered`: the request has its biologist."""
    view = entry.view
    typed = _value(entry, test, scope)
    flags = _interpretations(view, scope)
    span = reference_range(view, typed, scope)
    _flag_findings(view, flags, typed, span, scope)
    method = _method(view, scope)
    return Result(
        concept=test_concept(view, test, scope),
        value=typed,
        value_as_sent=value_as_sent(view, scope),
        unit_as_sent=unit_sent(view) or None,
        origin=str(view.segment.path()),
        status="aborted" if typed is None else "completed",
        status_as_sent=view.status or None,
        interpretations=flags,
        reference_range=span,
        time=scope.time(view.segment, "14") or collected,
        method=method,
        validators=tuple(one for one in result_validators(view.segment, answered, scope) if one is not NOBODY),
        comments=(*_method_words(view, method), *comments(entry.notes, scope)),
    )


def _value(entry: Entry, test: MappedTest | None, scope: Scope) -> Value | None:
    """None when the result is cancelled (X, D, W), or was sent empty: a person looks, unless a comment explains."""
    view = entry.view
    if view.status in CANCELLED:
        if view.status == "W":
            scope.remarks.add("hl7v2.posted_as_wrong", view.segment, "11", code=view.code)
        return None
    if is_empty(view, scope):
        code = "hl7v2.value_missing_explained" if entry.notes else "hl7v2.value_missing"
        code = "hl7v2.confirmed_without_value" if view.status == "U" else code
        scope.remarks.add(code, view.segment, "5", code=view.code)
        return None
    return value(view, test, scope)


def _interpretations(view: ResultView, scope: Scope) -> tuple[Interpretation, ...]:
    found = []
    for flag in view.flags:
        one = interpretation(flag, scope.laboratory)
        if one.code is None and flag.upper() != _NO_RANGE:
            scope.remarks.once("mapping.unmapped_flag", view.segment, "8", flag=flag, code=view.code)
        found.append(one)
    return tuple(found)


def _flag_findings(
    view: ResultView, flags: tuple[Interpretation, ...], typed: Value | None, span: ReferenceRange | None, scope: Scope
) -> None:
    """Only a plain number is compared, and only with the flags whose meaning table 0078 gives."""
    if not isinstance(typed, Quantity) or span is None or span.interval is None:
        return
    side = _side(typed.value, span.interval)
    for flag in flags:
        said = _SIDES.get(flag.as_sent.upper())
        if said is not None and said != side:
            scope.remarks.add("mapping.flag_against_range", view.segment, "8", flag=flag.as_sent, code=view.code)


def _side(number: Decimal, span: Interval) -> int:
    """-1 below, 0 inside, 1 above. A bound that is not included is outside."""
    if span.low is not None and (number < span.low.value or (number == span.low.value and not span.low_inclusive)):
        return -1
    if span.high is not None and (number > span.high.value or (number == span.high.value and not span.high_inclusive)):
        return 1
    return 0


def _method(view: ResultView, scope: Scope) -> Code | None:
    """OBX-17 with a code, in the system it names."""
    sent = coded(view.segment, 17)
    return Code(sent.code, code_system(sent, scope), sent.label or None) if sent.code else None


def _method_words(view: ResultView, method: Code | None) -> tuple[Comment, ...]:
    """OBX-17 without a code: its words, as a comment."""
    words = coded(view.segment, 17).label
    return (Comment(f"Méthode : {words}", str(view.segment.path("17"))),) if words and method is None else ()
