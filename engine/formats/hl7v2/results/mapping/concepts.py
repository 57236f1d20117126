"""OBX-3 and OBR-4 → Concept: words as sent, LOINC by the laboratory's table only, codes as sent."""

from __future__ import annotations

from engine.context import stable_oid
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.datatypes import Coded
from engine.formats.hl7v2.results.view.result import ResultView
from engine.formats.terminology.chapters import LOINC
from engine.model.directory import MappedTest
from engine.model.laboratory import Concept
from engine.model.values import Code

_SYSTEMS = {"SCT": "2.16.840.1.113883.6.96", "SNM3": "2.16.840.1.113883.6.96", "NCBI": "2.16.840.1.113883.3.9471"}
"""Names of HL7 table 0396 whose OID is known; kept as sent, never taken for the laboratory's word."""


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
    """A code as sent, in the code system it names; None without a code."""
    if not one.code:
        return None
    return Code(one.code, code_system(one, scope), one.label or None)


def code_system(one: Coded, scope: Scope) -> str:
    """The laboratory's own codes for `L`, `99…` or no system; LOINC, SNOMED CT and NCBI by name; else an OID made from
    the name the laboratory gives that system."""
    if one.is_loinc:
        return LOINC
    if one.is_local:
        return scope.laboratory.local_codes_oid
    name = one.system.upper()
    return _SYSTEMS.get(name) or stable_oid("table", scope.laboratory.oid, name)


def _test_findings(view: ResultView, test: MappedTest | None, scope: Scope) -> None:
    remarks, segment = scope.remarks, view.segment
    if not (view.test.code or view.label):
        remarks.add("hl7v2.test_missing", segment, "3")
    elif not view.test.code:
        remarks.add("hl7v2.test_code_missing", segment, "3")
    elif not view.label:
        remarks.add("hl7v2.test_name_missing", segment, "3", code=view.code)
    if view.test.code and loinc(test) is None:
        remarks.once("mapping.unmapped_code", segment, "3", code=view.test.code)
    sent = {one.code for one in (view.test, view.second) if one.is_loinc and one.code}
    if sent and test is not None and test.loinc and test.loinc not in sent:
        remarks.add("mapping.loinc_differs", segment, "3", code=view.code)
