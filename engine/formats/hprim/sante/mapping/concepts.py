"""10.4 and 9.5 → Concept: words as sent, LOINC by the laboratory's table only, codes as sent."""

from __future__ import annotations

from engine.context import stable_oid
from engine.formats.hprim.sante.datatypes import Coded
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.result import ResultView
from engine.formats.terminology.chapters import LOINC
from engine.model.directory import MappedTest
from engine.model.laboratory import Concept
from engine.model.values import Code

_LOINC_TABLES = frozenset({"LN", "LOINC"})
_LOCAL_TABLES = frozenset({"", "L"})


def test_concept(view: ResultView, test: MappedTest | None, scope: Scope) -> Concept:
    """The test of a result. A LOINC sent in the message is kept among the codes as sent, never trusted alone."""
    _test_findings(view, test, scope)
    local = tuple(code for one in (view.test, view.second) if (code := local_code(one, scope)) is not None)
    return Concept(view.label or view.test.code, loinc(test), local)


def loinc(test: MappedTest | None) -> Code | None:
    """The LOINC code of a line of the laboratory's table."""
    if test is None or test.loinc is None:
        return None
    return Code(test.loinc, LOINC, test.loinc_display, "LOINC")


def local_code(one: Coded, scope: Scope) -> Code | None:
    """A code as sent, in the code system of its table; None without a code."""
    if not one.code:
        return None
    return Code(one.code, code_system(one.table, scope), one.label or None)


def code_system(table: str, scope: Scope) -> str:
    """The laboratory's own codes for table `L` or none, LOINC for `LN`, else an OID made from the table's name."""
    name = table.upper()
    if name in _LOINC_TABLES:
        return LOINC
    if name in _LOCAL_TABLES:
        return scope.laboratory.local_codes_oid
    return stable_oid("table", scope.laboratory.oid, name)


def _test_findings(view: ResultView, test: MappedTest | None, scope: Scope) -> None:
    remarks = scope.remarks
    if not (view.test.code or view.label):
        remarks.add("hprim.test_missing", view.segment, 4)
    elif not view.test.code:
        remarks.add("hprim.test_code_missing", view.segment, 4)
    elif not view.label:
        remarks.add("hprim.test_name_missing", view.segment, 4, code=view.code)
    if view.test.code and loinc(test) is None:
        remarks.once("mapping.unmapped_code", view.segment, 4, code=view.test.code)
    for one in (view.test, view.second):
        sent = one.code if one.table.upper() in _LOINC_TABLES else ""
        if sent and test is not None and test.loinc and sent != test.loinc:
            remarks.add("mapping.loinc_differs", view.segment, 4, code=view.code)
