"""OBX-6 → UCUM: the laboratory's word first, then a declared UCUM code, then the common spellings.

A declared UCUM code is believed only when it stands in our list, which was checked against the official one.
"""

from __future__ import annotations

from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.result import ResultView, unit_is_split
from engine.formats.terminology.unit_spellings import SPELLINGS
from engine.formats.terminology.units import ucum
from engine.model.directory import MappedTest

_NO_UNIT = frozenset({"", "."})
_UCUM = frozenset({"UCUM", "2.16.840.1.113883.6.8"})


def unit_sent(view: ResultView) -> str:
    """The unit as it is shown: OBX-6.2, the label, where the code is UCUM's; else the code."""
    if view.unit.system.upper() in _UCUM and view.unit.label:
        return view.unit.label
    return view.unit.code or view.unit.label


def unit(view: ResultView, test: MappedTest | None, scope: Scope) -> str | None:
    """The UCUM unit of a result, or None (then said) when it has none or nobody has said what it means."""
    sent = unit_sent(view)
    if unit_is_split(view):
        scope.remarks.once("hl7v2.unit_not_escaped", view.segment, "6")
    usual = _usual(view, scope)
    found = test.unit_ucum if test is not None and test.unit_ucum else usual
    if test is not None and test.unit_sent is None and usual is not None and found != usual:
        scope.remarks.add("mapping.unit_contradicts", view.segment, "6", code=view.code, unit=sent)
        return None
    if found is None and sent in _NO_UNIT:
        scope.remarks.once("mapping.unit_missing", view.segment, "6", code=view.code)
    elif found is None:
        scope.remarks.once("mapping.unmapped_unit", view.segment, "6", code=view.code, unit=sent)
    return found


def _usual(view: ResultView, scope: Scope) -> str | None:
    """Without the test's own line; None when the code and its label mean two units."""
    code, label, laboratory = view.unit.code, view.unit.label, scope.laboratory
    said = laboratory.units.get(code) or laboratory.units.get(label)
    if said:
        return said
    is_ucum = view.unit.system.upper() in _UCUM and code in SPELLINGS
    by_code = code if is_ucum else _spelled(code, scope)
    by_label = _spelled(label, scope)
    if by_code and by_label and by_code != by_label:
        return None
    return by_code or by_label


def _spelled(sent: str, scope: Scope) -> str | None:
    return None if sent in _NO_UNIT else ucum(sent, scope.laboratory)
