"""DiagnosticReport and Observations → the laboratory report."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.formats.fhir.patient import RELIABILITY
from engine.model.codec import to_json
from engine.model.directory import KnownIdentity, MappedTest
from engine.model.document import PdfBody, ReportStatus
from engine.model.laboratory import Battery, CodedValue, Interval, Isolate, Quantity, TextValue
from engine.model.parties import INS_NIR_TEST, Ins
from engine.model.values import Code, Identifier, Timestamp
from tests.unit.fhir.bundles import (
    BIOLOGIST,
    DOCTOR,
    LABORATORY,
    SAMPLES,
    Bundle,
    body,
    changed,
    codes,
    context,
    converted,
    document,
    draft,
    faults,
    report,
    resource,
    results,
    without,
)

REPORT = (SAMPLES / "compte_rendu_biologie.json").read_bytes()
AT = "Bundle.entry[2].resource"
PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
UCUM = "http://unitsofmeasure.org"
V3 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"


def told(kind: str, own_id: str = "", **values: Any) -> Bundle:
    return changed(report(), lambda whole: resource(whole, kind, own_id).update(values))


def as_report(**values: Any) -> Bundle:
    return told("DiagnosticReport", **values)


def test_each_result_keeps_its_decimals_its_comparator_and_its_unit() -> None:
    found = results(REPORT)
    assert found["Glucose"].value == Quantity(Decimal("5.60"), "mmol/L")
    assert str(found["Glucose"].value.value) == "5.60"  # type: ignore[union-attr]
    assert found["Glucose"].value_as_sent == "5.60"
    assert found["CRP"].value == Interval(high=Quantity(Decimal("0.6"), "mg/L"), high_inclusive=False)
    assert found["CRP"].value_as_sent == "<0.6"
    assert found["Plaquettes"].value == Quantity(Decimal(250), "10*9/L")
    assert found["Plaquettes"].unit_as_sent == "G/L"
    assert found["Aspect des urines"].value == CodedValue("Limpide")
    assert found["Anticorps anti-nucléaires"].value == TextValue("1/160")


def test_chapters_acts_and_samples_are_arranged_as_the_report_says() -> None:
    made = body(REPORT)
    assert [chapter.title for chapter in made.chapters] == [
        "Biochimie", "Hématologie", "Examens urinaires", "Auto-immunité", "Microbiologie",
    ]  # fmt: skip
    biochemistry, haematology = made.chapters[:2]
    assert [one.concept.text for one in biochemistry.acts[0].items] == ["Glucose", "CRP"]  # type: ignore[union-attr]
    (battery,) = haematology.acts[0].items
    assert isinstance(battery, Battery)
    assert [one.concept.text for one in battery.results] == ["Hémoglobine", "Plaquettes"]
    (blood,) = biochemistry.acts[0].specimens
    assert (blood.type and blood.type.code, blood.id) == ("SER", Identifier("1.2.250.1.999.1.1", "T-1"))
    (urine,) = made.chapters[2].acts[0].specimens
    assert urine.text == "Urine"
    assert made.comments[0].text == "Glycémie à contrôler à jeun."
    assert made.clinical_information is not None
    assert made.clinical_information.text == "Bilan annuel"


def test_a_germ_holds_its_antibiogram() -> None:
    (isolate,) = body(REPORT).chapters[-1].acts[0].items
    assert isinstance(isolate, Isolate)
    assert isolate.organism.code == Code("112283007", "2.16.840.1.113883.6.96", "Escherichia coli")
    assert [one.concept.text for one in isolate.results] == ["Culture urinaire"]
    drugs = {one.concept.text: one.interpretations[0].as_sent for one in isolate.antibiogram}
    assert drugs == {"Amoxicilline": "R", "Nitrofurantoïne": "S"}


def test_drugs_derived_from_the_germ_are_tied_to_it_and_loose_ones_hold() -> None:
    whole = report()
    culture = resource(whole, "Observation", "culture")
    members = culture.pop("hasMember")
    listed = resource(whole, "DiagnosticReport")["result"]
    listed += members
    germ = next(one["fullUrl"] for one in whole["entry"] if one["resource"] is culture)
    resource(whole, "Observation", "amox")["derivedFrom"] = [{"reference": germ}]
    assert "fhir.isolate_ambiguous" in codes(whole)
    resource(whole, "Observation", "nitro")["derivedFrom"] = [{"reference": germ}]
    assert "fhir.isolate_ambiguous" not in codes(whole)
    (isolate,) = body(whole).chapters[-1].acts[0].items
    assert isinstance(isolate, Isolate)
    assert len(isolate.antibiogram) == 2


def test_the_header_names_laboratory_validator_prescriber_and_orders() -> None:
    made = draft(REPORT)
    one = made.document
    assert made.status is ReportStatus.FINAL
    assert one.custodian == LABORATORY.organization
    assert one.legal_authenticator.professional == BIOLOGIST
    assert one.participants[0].professional == DOCTOR
    assert one.participants[0].time == Timestamp("20260312180000+0100")
    assert one.recipients == (DOCTOR,)
    assert one.orders == (Identifier("1.2.250.1.999.1.2.9", "O-55"),)
    assert one.created_at == Timestamp("20260313150000+0100")
    assert one.act.start == Timestamp("20260313081000+0100")
    assert one.act.id == Identifier("1.2.250.1.999.1.1", "D-2026-1")


def test_the_order_of_the_entries_changes_nothing_but_the_places() -> None:
    whole = report()
    whole["entry"] = [whole["entry"][0], *reversed(whole["entry"][1:])]
    assert set(results(whole)) == set(results(report()))
    assert draft(whole).set_id == draft(report()).set_id


def test_a_result_of_another_patient_is_refused() -> None:
    whole = report()
    other = {**resource(whole, "Patient"), "birthDate": "1960-01-01"}
    whole["entry"].append({"fullUrl": "urn:uuid:other", "resource": other})
    resource(whole, "Observation", "hb")["subject"]["reference"] = "urn:uuid:other"
    assert faults(whole) == {("Bundle.entry[14].resource.subject", "fhir.other_patient")}
    focused = told("Observation", "hb", focus=[{"reference": report()["entry"][1]["fullUrl"]}])
    assert faults(focused) == {("Bundle.entry[14].resource.focus", "fhir.focus")}


def test_a_result_that_the_report_does_not_hold_keeps_the_document_back() -> None:
    whole = report()
    resource(whole, "DiagnosticReport")["result"].pop(1)
    made = draft(whole)
    assert "CRP" not in results(whole)
    assert {(one.where, one.disposition) for one in made.findings if one.code == "fhir.result_not_read"} == {
        ("Bundle.entry[10].resource", "hold")
    }


def test_results_that_hold_themselves_are_refused() -> None:
    whole = report()
    nfs = next(one["fullUrl"] for one in whole["entry"] if one["resource"].get("id") == "nfs")
    resource(whole, "Observation", "hb")["hasMember"] = [{"reference": nfs}]
    assert "fhir.member_twice" in {code for _, code in faults(whole)}


@pytest.mark.parametrize(
    ("sent", "status", "codes_made"),
    [
        ("final", ReportStatus.FINAL, set()),
        ("amended", ReportStatus.CORRECTED, set()),
        ("corrected", ReportStatus.CORRECTED, set()),
        ("appended", ReportStatus.CORRECTED, set()),
        ("partial", ReportStatus.PARTIAL, {"fhir.not_validated"}),
        ("preliminary", ReportStatus.PARTIAL, {"fhir.not_validated"}),
        ("cancelled", ReportStatus.CANCELLED, {"fhir.cancelled"}),
    ],
)
def test_the_status_of_the_report_is_the_laboratorys(sent: str, status: ReportStatus, codes_made: set[str]) -> None:
    made = draft(as_report(status=sent))
    assert made.status is status
    assert {
        one.code for one in made.findings if one.code.startswith("fhir.") and one.disposition == "hold"
    } == codes_made


def test_a_partial_report_leaves_where_the_laboratory_allows_it() -> None:
    given = context(partial_reports="publish")
    assert "fhir.partial_published" in codes(as_report(status="partial"), given)


@pytest.mark.parametrize("sent", ["registered", "unknown", "entered-in-error"])
def test_a_report_that_says_nothing_yet_or_nothing_any_more_is_refused(sent: str) -> None:
    assert {place for place, _ in faults(as_report(status=sent))} == {f"{AT}.status"}


def test_a_result_not_validated_is_not_published_and_holds() -> None:
    whole = told("Observation", "crp", status="preliminary")
    assert "CRP" not in results(whole)
    assert {"fhir.result_not_published", "fhir.not_validated"} <= codes(whole)
    assert draft(whole).status is ReportStatus.PARTIAL


def test_a_withdrawn_result_has_no_value() -> None:
    for status in ("cancelled", "entered-in-error"):
        found = results(told("Observation", "crp", status=status))["CRP"]
        assert (found.value, found.value_as_sent, found.status) == (None, "", "aborted")
    assert draft(told("Observation", "crp", status="entered-in-error")).status is ReportStatus.CORRECTED


@pytest.mark.parametrize(
    ("values", "expected", "code"),
    [
        ({"valueQuantity": {"value": 12, "unit": "u.a."}}, TextValue("12 u.a."), "mapping.unmapped_unit"),
        ({"valueQuantity": {"value": 12}}, TextValue("12"), "mapping.unit_missing"),
        ({"valueQuantity": {"value": 12, "unit": "µmol/L"}}, Quantity(Decimal(12), "umol/L"), ""),
        ({"valueString": "12"}, TextValue("12"), ""),
        ({"valueInteger": 3}, TextValue("3"), "fhir.value_as_text"),
        ({"valueBoolean": True}, TextValue("Oui"), "fhir.value_as_text"),
        ({"valueRange": {"low": {"value": 1, "unit": "g/L"}, "high": {"value": 2, "unit": "g/L"}}},
         Interval(Quantity(Decimal(1), "g/L"), Quantity(Decimal(2), "g/L")), ""),
        ({"valueRange": {"low": {"value": 3, "unit": "g/L"}, "high": {"value": 2, "unit": "g/L"}}},
         TextValue("3 - 2 g/L"), ""),
        ({"valueRange": {"low": {"value": 1, "unit": "g/L"}, "high": {"value": 2, "unit": "mg/L"}}},
         TextValue("1 - 2 g/L"), ""),
        ({"valueCodeableConcept": {"coding": [{"system": "urn:oid:1.2.3", "code": "X", "display": "Trouble"}]}},
         CodedValue("Trouble", None, Code("X", "1.2.3", "Trouble")), "mapping.unmapped_value"),
        ({"valueDateTime": "2026-03"}, TextValue("2026-03"), "fhir.value_as_text"),
    ],
)  # fmt: skip
def test_a_value_is_typed_only_where_nothing_is_in_doubt(values: dict[str, Any], expected: object, code: str) -> None:
    whole = report()
    held = resource(whole, "Observation", "crp")
    del held["valueQuantity"]
    held.update(values)
    assert results(whole)["CRP"].value == expected
    assert not code or code in codes(whole)


def test_a_value_that_cannot_be_carried_holds() -> None:
    whole = report()
    held = resource(whole, "Observation", "crp")
    del held["valueQuantity"]
    held["valueSampledData"] = {"origin": {"value": 0}, "period": 10, "dimensions": 1, "data": "1 2 3"}
    assert {"fhir.value_not_carried"} <= codes(whole)
    del held["valueSampledData"]
    assert {"fhir.value_missing"} <= codes(whole)
    held["dataAbsentReason"] = {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "error"}]
    }
    found = results(whole)["CRP"]
    assert (found.value, found.comments[0].text) == (None, "Résultat non disponible : erreur")
    assert "fhir.value_missing_explained" in codes(whole)
    held["valueString"] = "1"
    assert ("Bundle.entry[10].resource.dataAbsentReason", "fhir.absence_and_value") in faults(whole)


def test_components_make_a_battery() -> None:
    whole = report()
    held = resource(whole, "Observation", "crp")
    held["component"] = [
        {"code": {"text": "Fraction A"}, "valueQuantity": {"value": 1, "unit": "mg/L"}},
        {"code": {"text": "Fraction B"}, "valueString": "absente"},
    ]
    battery = next(one for one in body(whole).chapters[0].acts[0].items if isinstance(one, Battery))
    assert [one.concept.text for one in battery.results] == ["CRP", "Fraction A", "Fraction B"]


def test_the_range_has_bounds_only_when_it_is_one_plain_normal_range_in_the_values_unit() -> None:
    found = results(report())["Glucose"].reference_range
    assert found is not None
    assert found.text == "3.9 - 5.5"
    assert found.interval == Interval(Quantity(Decimal("3.9"), "mmol/L"), Quantity(Decimal("5.5"), "mmol/L"))
    exact = results(REPORT)["Glucose"].reference_range
    assert exact is not None
    assert exact.text == "3.90 - 5.50"
    only_text = results(report())["Hémoglobine"].reference_range
    assert only_text is not None
    assert (only_text.text, only_text.interval) == ("12.0 - 16.0 g/dL", None)
    for spoiled in (
        {"low": {"value": 0.7, "unit": "g/L"}},
        {"low": {"value": 9, "unit": "mmol/L"}, "high": {"value": 1, "unit": "mmol/L"}},
        {"high": {"value": 1, "unit": "mmol/L"}, "type": {"coding": [{"code": "therapeutic"}], "text": "cible"}},
    ):
        one = results(told("Observation", "glucose", referenceRange=[spoiled]))["Glucose"].reference_range
        assert one is not None
        assert one.interval is None
        assert one.text


def test_several_ranges_are_words() -> None:
    sent = [{"text": "adulte : 1 - 2"}, {"high": {"value": 5, "unit": "mmol/L"}, "appliesTo": [{"text": "enfant"}]}]
    found = results(told("Observation", "glucose", referenceRange=sent))["Glucose"].reference_range
    assert found is not None
    assert found.text == "adulte : 1 - 2\n≤ 5 (enfant)"


def test_a_flag_is_never_computed_and_one_that_contradicts_is_said() -> None:
    assert results(report())["CRP"].interpretations == ()
    assert "mapping.flag_against_range" not in codes(REPORT)
    low = told("Observation", "glucose", interpretation=[{"coding": [{"system": V3, "code": "L"}]}])
    assert "mapping.flag_against_range" in codes(low)
    words = told("Observation", "glucose", interpretation=[{"text": "à surveiller"}])
    assert [(one.as_sent, one.code) for one in results(words)["Glucose"].interpretations] == [("à surveiller", None)]
    assert "mapping.unmapped_flag" in codes(words)


def test_the_laboratorys_table_wins_over_the_loinc_sent() -> None:
    given = context(tests=(MappedTest("GLU", "40193-5", "Glucose à jeun"),))
    concept = results(report(), given)["Glucose"].concept
    assert concept.code == Code("40193-5", "2.16.840.1.113883.6.1", "Glucose à jeun", "LOINC")
    assert "14749-6" in {one.code for one in concept.local}
    assert "mapping.loinc_differs" in codes(report(), given)


def test_a_loinc_with_a_wrong_check_digit_is_not_taken() -> None:
    whole = report()
    resource(whole, "Observation", "crp")["code"]["coding"][0]["code"] = "1988-6"
    assert results(whole)["CRP"].concept.code is None
    assert "fhir.loinc_malformed" in codes(whole)


def test_a_unit_that_contradicts_the_table_becomes_words_and_holds() -> None:
    given = context(tests=(MappedTest("CRP", "1988-5", unit_ucum="g/L"),))
    assert results(report(), given)["CRP"].value == TextValue("<0.6 mg/L")
    assert "mapping.unit_contradicts" in codes(report(), given)


def test_results_of_two_samples_in_one_group_hold() -> None:
    whole = report()
    urine = resource(whole, "Observation", "culture")["specimen"]
    resource(whole, "Observation", "hb")["specimen"] = urine
    assert "fhir.specimen_differs" in codes(whole)


def test_an_unfit_sample_is_told_to_the_reader() -> None:
    whole = report()
    resource(whole, "Specimen")["status"] = "unsatisfactory"
    first = body(whole).chapters[0].acts[0].items[0]
    assert getattr(first, "text", "") == "Échantillon signalé non satisfaisant par le laboratoire"
    assert "fhir.specimen_unfit" in codes(whole)


def test_a_validator_nobody_knows_holds_and_never_signs() -> None:
    whole = report()
    resource(whole, "Practitioner")["identifier"][0]["value"] = "99900000052"
    made = draft(whole)
    assert "mapping.validator_unknown" in {one.code for one in made.findings if one.disposition == "hold"}
    assert made.document.legal_authenticator.professional.id is None
    nobody = report()
    del resource(nobody, "DiagnosticReport")["resultsInterpreter"]
    nobody = without(nobody, "Practitioner")
    assert "mapping.validator_missing" in codes(nobody)
    assert "mapping.default_biologist" in codes(nobody, context(default_biologist=BIOLOGIST))


def test_the_laboratory_is_named_by_its_finess_and_must_be_known() -> None:
    whole = report()
    resource(whole, "Organization")["identifier"][0]["value"] = "990000099"
    assert faults(whole) == {(f"{AT}.performer", "fhir.unknown_laboratory")}
    resource(whole, "Organization")["identifier"] = [{"system": "urn:x", "value": "LABFICT"}]
    assert document(whole).custodian == LABORATORY.organization


def test_the_key_of_another_structure_sends_no_report_of_the_laboratory() -> None:
    assert faults(report(), sender="cabinet") == {(f"{AT}.performer", "fhir.other_laboratory")}


def test_only_biology_is_taken() -> None:
    imaging = as_report(
        category=[{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD"}]}],
        code={"text": "Radiographie"},
    )
    assert (f"{AT}.category", "fhir.not_a_laboratory_report") in faults(imaging)


def test_the_pdf_presented_goes_with_the_report_and_alone_makes_a_level_1_document() -> None:
    form = [{"contentType": "application/pdf", "data": PDF}]
    assert document(as_report(presentedForm=form)).attached_pdf == b"%PDF-1.4\n%%EOF\n"
    alone = as_report(presentedForm=form, result=[{"display": "voir le PDF"}])
    resource(alone, "DiagnosticReport").pop("result")
    resource(alone, "DiagnosticReport").pop("conclusion")
    alone["entry"] = [one for one in alone["entry"] if one["resource"]["resourceType"] != "Observation"]
    made = document(alone)
    assert (made.type, made.body) == ("cr_bio_n1", PdfBody(b"%PDF-1.4\n%%EOF\n"))
    image = [{"contentType": "image/png", "data": PDF}]
    assert "fhir.attachment_not_carried" in codes(as_report(presentedForm=image))


def test_words_that_no_element_says_hold() -> None:
    additional = {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Voir aussi</div>'}
    assert "fhir.narrative" in codes(as_report(text=additional))
    whole = report()
    generated = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Voir</div>'}
    resource(whole, "Composition")["section"].append({"title": "Avis", "text": generated})
    assert "fhir.section_text" in codes(whole)


def test_an_identity_qualified_here_is_used_when_every_trait_is_equal() -> None:
    known = KnownIdentity(
        "IPP-9", Ins("285039900000193", INS_NIR_TEST, True), "EXEMPLE", ("JEANNE", "MARIE"), Timestamp("19850314"),
        "F", "99000",
    )  # fmt: skip
    given = context(identities={"IPP-9": known})
    assert document(report(), given).patient.ins == known.ins
    other = replace(known, birth_name="AUTRE")
    assert "identity.traits_differ" in codes(report(), context(identities={"IPP-9": other}))
    assert document(report(), context(identities={"IPP-9": other})).patient.ins is None


def test_the_senders_word_counts_only_where_the_laboratory_is_trusted_for_it() -> None:
    assert document(report()).patient.ins.qualified is False  # type: ignore[union-attr]
    trusted = context(trusted_identity_statuses=("VALI",))
    assert document(report(), trusted).patient.ins.qualified is True  # type: ignore[union-attr]
    whole = report()
    extension = next(one for one in resource(whole, "Patient")["extension"] if one["url"] == RELIABILITY)
    extension["extension"][0]["valueCoding"]["code"] = "DOUB"
    assert "identity.doubtful" in codes(whole, trusted)
    assert document(whole, trusted).patient.ins.qualified is False  # type: ignore[union-attr]


def test_the_report_number_is_needed_and_makes_the_set() -> None:
    whole = report()
    resource(whole, "DiagnosticReport")["identifier"] = []
    del resource(whole, "DiagnosticReport")["identifier"]
    assert faults(whole) == {(f"{AT}.identifier", "fhir.missing")}
    assert draft(as_report(identifier=[{"value": "D-2026-1"}])).set_id == draft(report()).set_id
    assert draft(as_report(identifier=[{"system": "urn:x", "value": "D-2026-1"}])).set_id != draft(report()).set_id


def test_a_report_that_lacks_its_patient_is_refused_not_guessed() -> None:
    whole = report()
    del resource(whole, "DiagnosticReport")["subject"]
    assert (f"{AT}.subject", "fhir.missing") in faults(whole)
    assert converted(whole).drafts == ()


def test_a_unit_written_otherwise_than_its_code_becomes_words_and_holds() -> None:
    whole = told("Observation", "crp", valueQuantity={"value": 2, "unit": "g/L", "system": UCUM, "code": "mg/L"})
    assert results(whole)["CRP"].value == TextValue("2 g/L")
    assert "fhir.unit_contradicts" in codes(whole)
    litre = told("Observation", "crp", valueQuantity={"value": 2, "unit": "mg/l", "system": UCUM, "code": "mg/l"})
    assert results(litre)["CRP"].value == Quantity(Decimal(2), "mg/L")
    arbitrary = told("Observation", "crp", valueQuantity={"value": 2, "unit": "UI/L", "system": UCUM, "code": "[IU]/L"})
    assert results(arbitrary)["CRP"].value == Quantity(Decimal(2), "[IU]/L")


def test_a_number_that_the_laboratory_wants_in_words_stays_words() -> None:
    given = context(tests=(MappedTest("CRP", "1988-5", value_kind="text"),))
    assert results(report(), given)["CRP"].value == TextValue("<0.6 mg/L")


def test_groups_deeper_than_any_report_are_refused() -> None:
    whole = report()
    member = resource(whole, "Observation", "crp")
    for rank in range(12):
        url = f"urn:uuid:deep-{rank}"
        inner = {key: member[key] for key in ("resourceType", "status", "code", "subject")}
        whole["entry"].append({"fullUrl": url, "resource": inner})
        member["hasMember"] = [{"reference": url}]
        member = inner
    assert "fhir.too_deep" in {code for _, code in faults(whole)}


def test_a_label_of_any_resource_counts_for_the_document() -> None:
    restricted = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    whole = told("Observation", "hb", meta={"security": [restricted]})
    assert document(whole).confidentiality.code == "R"
    unknown = told("Patient", meta={"security": [{"system": "urn:x", "code": "HTEST"}]})
    assert faults(unknown) == {("Bundle.entry[1].resource.meta.security[0]", "fhir.label_unknown")}


def test_two_official_names_are_refused() -> None:
    whole = report()
    resource(whole, "Patient")["name"].append({"use": "official", "family": "AUTRE"})
    assert faults(whole) == {("Bundle.entry[1].resource.name", "fhir.several_names")}


def test_the_sample_report_is_understood_as_it_always_was() -> None:
    expected = (SAMPLES / "canonical" / "compte_rendu_biologie.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(to_json(document(REPORT))), indent=1, sort_keys=True) + "\n" == expected


def test_a_panel_between_a_germ_and_its_drugs_loses_nothing() -> None:
    whole = report()
    culture = resource(whole, "Observation", "culture")
    panel = {
        **{key: culture[key] for key in ("resourceType", "status", "subject", "specimen")},
        "code": {"text": "Antibiogramme"},
        "note": [{"text": "Souche productrice de BLSE."}],
        "hasMember": culture["hasMember"],
    }
    whole["entry"].append({"fullUrl": "urn:uuid:panel", "resource": panel})
    culture["hasMember"] = [{"reference": "urn:uuid:panel"}]
    (isolate,) = body(whole).chapters[-1].acts[0].items
    assert isinstance(isolate, Isolate)
    assert len(isolate.antibiogram) == 2
    assert [one.text for one in isolate.comments] == ["Souche productrice de BLSE."]
    panel["valueString"] = "voir le détail"
    (isolate,) = body(whole).chapters[-1].acts[0].items
    assert isinstance(isolate, Isolate)
    assert isolate.results[-1].comments[0].text == "Souche productrice de BLSE."


def test_drugs_of_a_germ_not_yet_validated_are_never_told_without_a_warning() -> None:
    whole = told("Observation", "culture", status="preliminary")
    culture = resource(whole, "Observation", "culture")
    members = culture.pop("hasMember")
    resource(whole, "DiagnosticReport")["result"] += members
    germ = next(one["fullUrl"] for one in whole["entry"] if one["resource"] is culture)
    for name in ("amox", "nitro"):
        resource(whole, "Observation", name)["derivedFrom"] = [{"reference": germ}]
    made = draft(whole)
    assert {"Amoxicilline", "Nitrofurantoïne"} <= set(results(whole))
    assert [one.code for one in made.findings].count("fhir.isolate_ambiguous") == 2


def test_every_result_published_is_in_the_report_once() -> None:
    whole = report()
    sent = {one["resource"]["id"] for one in whole["entry"] if one["resource"]["resourceType"] == "Observation"}
    made = results(whole)
    panel = {"nfs"}
    assert len(made) == len(sent - panel)
