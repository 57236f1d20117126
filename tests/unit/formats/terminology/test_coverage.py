"""The coverage report: what is mapped, and what to map first."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

from engine.formats.terminology.coverage import coverage
from engine.model.document import Author, Body, ClinicalDocument, Encounter, ServiceEvent, Signature, TextBody
from engine.model.laboratory import (
    Battery,
    Chapter,
    CodedValue,
    Concept,
    Isolate,
    LabAct,
    LaboratoryReport,
    Quantity,
    Result,
    TextValue,
    Value,
)
from engine.model.parties import Patient
from engine.model.values import Code, Timestamp
from tests.unit.formats.laboratory_fixture import BIOLOGIST, FACILITY_TYPE, ORGANIZATION

LOCAL = "1.2.250.1.999.1.1.1"
NOW = Timestamp("20250310120000+0100")
LOINC = Code("2345-7", "2.16.840.1.113883.6.1", "Glucose")


def result(code: str, label: str, value: Value, sent: str, unit: str | None, *, mapped: bool = False) -> Result:
    local = (Code(code, LOCAL, label),) if code else ()
    return Result(Concept(label, LOINC if mapped else None, local), value, sent, unit, "OBX[1]")


def document(body: Body) -> ClinicalDocument:
    return ClinicalDocument(
        type="cr_bio",
        title="Compte rendu",
        created_at=NOW,
        patient=Patient((), None, None, "FICTIF", (), None, "Test", None, None),
        authors=(Author(NOW, BIOLOGIST),),
        custodian=ORGANIZATION,
        legal_authenticator=Signature(NOW, BIOLOGIST),
        act=ServiceEvent(None, BIOLOGIST, NOW),
        encounter=Encounter(FACILITY_TYPE),
        body=body,
    )


def report(*results: Result, isolate: Isolate | None = None) -> ClinicalDocument:
    items = (Battery(None, results[:1], "b"), *results[1:], *((isolate,) if isolate else ()))
    chapter = Chapter(Code("18719-5", "2.16.840.1.113883.6.1"), "Biochimie", (LabAct("acte", "OBR[1]", items),))
    return document(LaboratoryReport((chapter,)))


GLUCOSE = result("GLU", "Glucose", Quantity(Decimal("0.95"), "g/L"), "0.95", "g/L", mapped=True)
UREA = result("UREE", "Urée", TextValue("12.4 u.a."), "12.4", "u.a.")
ASPECT = result("ASP", "Aspect", TextValue("limpide"), "limpide", None)
DRUG = result("AMX", "Amoxicilline", TextValue("R"), "R", None)


def test_unmapped_codes_come_by_the_number_of_results_they_touch() -> None:
    found = coverage([report(GLUCOSE, ASPECT, UREA), report(UREA)])
    assert (found.documents, found.results, found.mapped) == (2, 4, 1)
    assert [(line.code, line.label, line.results) for line in found.codes] == [
        ("UREE", "Urée", 2),
        ("ASP", "Aspect", 1),
    ]


def test_unmapped_units_are_those_of_numbers_left_as_text() -> None:
    found = coverage([report(GLUCOSE, ASPECT, UREA)])
    assert (found.with_unit, found.units_mapped) == (2, 1)
    assert [(line.unit, line.codes, line.results) for line in found.units] == [("u.a.", ("UREE",), 1)]


def test_drugs_of_an_isolate_count_as_results() -> None:
    isolate = Isolate(CodedValue("E. coli"), "OBX[2]", antibiogram=(DRUG, DRUG))
    found = coverage([report(GLUCOSE, isolate=isolate)])
    assert (found.results, found.codes[0].code, found.codes[0].results) == (3, "AMX", 2)


def test_results_without_a_code_are_told_apart_by_their_label() -> None:
    found = coverage([report(result("", "A", TextValue("x"), "x", None), result("", "B", TextValue("y"), "y", None))])
    assert [(line.code, line.label) for line in found.codes] == [("", "A"), ("", "B")]


def test_level_one_documents_count_without_results() -> None:
    found = coverage([document(TextBody(("texte",)))])
    assert (found.documents, found.results) == (1, 0)
    assert "sans objet" in found.text()


def test_the_text_is_french_and_never_rounds_up_to_all() -> None:
    text = coverage([report(*([GLUCOSE] * 1999), UREA)]).text()
    assert "Résultats reliés à LOINC : 1999 sur 2000 (99,9 %)" in text
    assert "UREE  Urée" in text


def test_the_csv_reads_back_and_holds_no_formula() -> None:
    evil = result("=1+1", "@label", TextValue("x"), "x", None)
    rows = list(csv.reader(coverage([report(UREA, evil)]).csv().splitlines(), delimiter=";"))
    assert rows[0] == ["nature", "valeur", "libellé", "système", "résultats"]
    assert ["code", "'=1+1", "'@label", LOCAL, "1"] in rows
    assert ["unité", "u.a.", "UREE", "", "1"] in rows


def test_the_json_reads_back() -> None:
    content = json.loads(coverage([report(UREA)]).json())
    assert content["codes_a_relier"] == [{"systeme": LOCAL, "code": "UREE", "libelle": "Urée", "resultats": 1}]
