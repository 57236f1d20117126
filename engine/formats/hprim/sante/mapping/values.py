"""10.3 and 10.6 → the value of a result, by its type."""

from __future__ import annotations

from engine.formats.hprim.sante.mapping.concepts import code_system
from engine.formats.hprim.sante.mapping.quantities import compared, number_value, unit, with_unit
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.result import GRAPHS, SUSCEPTIBILITIES, TYPES, ResultView
from engine.formats.terminology.mapping import mapped_value
from engine.model.directory import MappedTest
from engine.model.laboratory import CodedValue, TextValue, Value
from engine.model.values import Code

_CODED = frozenset({"CE", "CK", "CNA"})
_COMPOSED = frozenset({"AD", "PN", "TN"})


def value(view: ResultView, test: MappedTest | None, scope: Scope) -> Value:
    """NM, and ST that reads as a number: quantity or bound · CE: coded · the rest: text, repeater as line break.

    The laboratory's `value_kind` wins over the type sent, where the value allows it.
    """
    kind = test.value_kind if test is not None else None
    _type_findings(view, scope)
    if view.type in GRAPHS:
        scope.remarks.add("hprim.graph_as_text", view.segment, 6, code=view.code)
        frame = view.segment.whole(18)
        return TextValue("\n".join(one for one in (view.text, frame) if one))
    if kind == "code" or (kind is None and view.type in _CODED):
        return _coded(view, scope)
    if kind == "quantity" or (kind is None and view.type in {"NM", "ST"}):
        return _numeric(view, test, scope)
    return with_unit(view) if view.type not in _COMPOSED else TextValue(value_as_sent(view))


def value_as_sent(view: ResultView) -> str:
    """10.6 as a reader would see it: a coded value by its label, a composed one with blanks."""
    if view.type in _CODED:
        return "\n".join(label or code for code, label, _ in _triplets(view))
    if view.type in _COMPOSED and view.value is not None:
        sign = view.value.delimiters.subfield
        return "\n".join(" ".join(one for one in line.split(sign) if one) for line in view.value.lines)
    return view.text


def _type_findings(view: ResultView, scope: Scope) -> None:
    if view.type not in TYPES:
        scope.remarks.add("hprim.value_type_missing", view.segment, 3, code=view.code)
    if view.type in {"NM", *_CODED} and view.segment.repetitions(6) > 1:
        scope.remarks.add("hprim.repeated_value", view.segment, 6, code=view.code)


def _numeric(view: ResultView, test: MappedTest | None, scope: Scope) -> Value:
    """A number in text is one only when a unit says of what: a lone `12` sent as ST stays text."""
    read = compared(view.text)
    if read is None:
        if view.type == "NM":
            scope.remarks.add("hprim.value_type_mismatch", view.segment, 6, code=view.code)
        return with_unit(view)
    if view.type == "ST" and not view.unit and not (test is not None and test.unit_ucum):
        return TextValue(view.text)
    return number_value(view, read, unit(view, test, scope), scope)


def _coded(view: ResultView, scope: Scope) -> Value:
    triplets = _triplets(view)
    if len(triplets) != 1:
        return TextValue(value_as_sent(view))
    code, label, table = triplets[0]
    known = mapped_value(scope.laboratory, code) if code else None
    if code and known is None and code.upper() not in SUSCEPTIBILITIES:
        scope.remarks.once("mapping.unmapped_value", view.segment, 6, code=view.code)
    local = Code(code, code_system(table, scope), label or None) if code else None
    return CodedValue(label or code, known, local)


def _triplets(view: ResultView) -> tuple[tuple[str, str, str], ...]:
    """Code, label and table of each repetition; a lone text is the label."""
    found = []
    for repetition in range(1, view.segment.repetitions(6) + 1):
        code, label, table = (view.segment.get(6, n, repetition=repetition) for n in (1, 2, 3))
        if code or label:
            found.append((code, label, table))
    return tuple(found)
