"""OBX → Result. Flags are never computed; a flag that contradicts its range is said and kept."""

from __future__ import annotations

from decimal import Decimal

from engine.formats.hprim.sante.mapping.comments import comments
from engine.formats.hprim.sante.mapping.concepts import test_concept
from engine.formats.hprim.sante.mapping.ranges import reference_range
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.mapping.validators import NOBODY, result_validator
from engine.formats.hprim.sante.mapping.values import value, value_as_sent
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.result import CANCELLED, ResultView
from engine.formats.terminology.flags import interpretation
from engine.formats.terminology.mapping import mapped_test
from engine.model.directory import MappedTest
from engine.model.laboratory import Interpretation, Interval, Quantity, ReferenceRange, Result, Value
from engine.model.values import Timestamp


def line_of_table(view: ResultView, specimen: str, collected: Timestamp | None, scope: Scope) -> MappedTest | None:
    """The line of the laboratory's table for this result: by code, unit, specimen and date."""
    when = collected if not view.obtained else scope.time(view.segment, 15) or collected
    on = when.date if when is not None else None
    return mapped_test(scope.laboratory, view.test.code, unit=view.unit or None, specimen=specimen or None, on=on)


def result(
    view: ResultView, said: list[Segment], test: MappedTest | None, collected: Timestamp | None, scope: Scope
) -> Result:
    """10.4 concept · 10.6 value · 10.7 unit · 10.8 range · 10.9 flags · 10.12 status · 10.15 time, else 9.8 ·
    10.17 validator · C comments."""
    typed = _value(view, bool(said), test, scope)
    cancelled = typed is None
    flags = _interpretations(view, scope)
    span = reference_range(view, typed, scope)
    _flag_findings(view, flags, typed, span, scope)
    validator = result_validator(view.segment, scope)
    return Result(
        concept=test_concept(view, test, scope),
        value=typed,
        value_as_sent=value_as_sent(view),
        unit_as_sent=view.unit or None,
        origin=view.segment.origin,
        status="aborted" if cancelled else "completed",
        status_as_sent=view.status_sent or None,
        interpretations=flags,
        reference_range=span,
        time=scope.time(view.segment, 15) or collected,
        validators=() if validator is None or validator is NOBODY else (validator,),
        comments=comments(said, scope),
    )


def _value(view: ResultView, explained: bool, test: MappedTest | None, scope: Scope) -> Value | None:
    """None when the result is cancelled (X, D), or was sent empty: then a person looks, unless a comment explains."""
    if view.status in CANCELLED:
        return None
    if not value_as_sent(view):
        code = "hprim.value_missing_explained" if explained else "hprim.value_missing"
        scope.remarks.add(code, view.segment, 6, code=view.code)
        return None
    return value(view, test, scope)


def _interpretations(view: ResultView, scope: Scope) -> tuple[Interpretation, ...]:
    found = []
    for flag in view.flags:
        one = interpretation(flag, scope.laboratory)
        if one.code is None and flag.upper() != "NULL":
            scope.remarks.once("mapping.unmapped_flag", view.segment, 9, flag=flag, code=view.code)
        found.append(one)
    return tuple(found)


def _flag_findings(
    view: ResultView,
    flags: tuple[Interpretation, ...],
    typed: Value | None,
    span: ReferenceRange | None,
    scope: Scope,
) -> None:
    """Only a plain number is compared, and only with the flags whose meaning the recommendation gives."""
    if not isinstance(typed, Quantity) or span is None or span.interval is None:
        return
    side = _side(typed.value, span.interval)
    for flag in flags:
        said = {"L": -1, "LL": -1, "H": 1, "HH": 1, "N": 0}.get(flag.as_sent.upper())
        if said is not None and said != side:
            scope.remarks.add("mapping.flag_against_range", view.segment, 9, flag=flag.as_sent, code=view.code)


def _side(number: Decimal, span: Interval) -> int:
    """-1 below, 0 inside, 1 above. A bound that is not included is outside."""
    if span.low is not None and (number < span.low.value or (number == span.low.value and not span.low_inclusive)):
        return -1
    if span.high is not None and (number > span.high.value or (number == span.high.value and not span.high_inclusive)):
        return 1
    return 0
