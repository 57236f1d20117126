"""What our own rules catch, without any official pack: each gap that the official layers leave open."""

from __future__ import annotations

import pytest
from lxml import etree

from engine.findings import Disposition, Severity
from engine.resources import folder
from engine.validation.outcome import Report
from engine.validation.validator import Validator
from tests.unit.validation.samples import CR_BIO, NS, RESULT, XSI_TYPE, given, removed, spoiled, texted, without

INS = "//cda:patientRole/cda:id[1]"
BIRTH = "//cda:patient/cda:birthTime"


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator(None)


def codes(report: Report, severity: Severity | None = None) -> set[str]:
    return {f.code for f in report.findings if severity is None or f.severity is severity}


def test_a_sound_report_has_no_finding_at_all(validator: Validator) -> None:
    report = validator.validate(CR_BIO)
    assert report.findings == ()
    assert report.may_leave
    assert report.pack == ""
    assert [run.name for run in report.layers] == ["xml", "passeur"]
    assert (report.document.type_code, report.document.level) == ("11502-2", 3)


ERRORS = {
    "typeid": given("/*/cda:typeId", "extension", "POCD_HD000099"),
    "realm": given("/*/cda:realmCode", "code", "US"),
    "template_ci_sis": removed("/*/cda:templateId[@root='1.2.250.1.213.1.1.1.1']"),
    "template_hl7_france": removed("/*/cda:templateId[@root='2.16.840.1.113883.2.8.2.1']"),
    "template_repeated": given("/*/cda:templateId[3]", "root", "1.2.250.1.213.1.1.1.1"),
    "cr_bio_template": removed("/*/cda:templateId[@root='1.2.250.1.213.1.1.1.55']"),
    "cr_bio_palm": removed("/*/cda:templateId[@root='1.3.6.1.4.1.19376.1.3.3']"),
    "document_id": given("/*/cda:id", "root", "1.2.03"),
    "title": texted("/*/cda:title", " "),
    "cr_bio_title": texted("/*/cda:title", "Résultats"),
    "effective_time": given("/*/cda:effectiveTime", "value", "20250131101500"),
    "confidentiality": given("/*/cda:confidentialityCode", "code", "X"),
    "language": given("/*/cda:languageCode", "code", "fr"),
    "set_id": removed("/*/cda:setId"),
    "version_number": given("/*/cda:versionNumber", "value", "A"),
    "cr_bio_version": given("/*/cda:versionNumber", "value", "0"),
    "record_target": removed("/*/cda:recordTarget"),
    "author": removed("/*/cda:author"),
    "custodian": removed("/*/cda:custodian"),
    "legal_authenticator": removed("/*/cda:legalAuthenticator"),
    "documentation_of": removed("/*/cda:documentationOf"),
    "main_act": removed("/*/cda:documentationOf/cda:serviceEvent/cda:performer"),
    "component_of": removed("/*/cda:componentOf"),
    "body": removed("/*/cda:component"),
    "patient_id": given("//cda:patientRole/cda:id[2]", "extension", ""),
    "patient_family": given("//cda:patient/cda:name/cda:family", "qualifier", "SP"),
    "patient_gender": given("//cda:administrativeGenderCode", "code", "U"),
    "patient_birth": removed(BIRTH),
    "ins_birth_partial": given(BIRTH, "value", "1979"),
    "ins_traits": removed("//cda:county"),
    "ins_form": given(INS, "extension", "2790351215189"),
    "ins_c": given(INS, "root", "1.2.250.1.213.1.4.2"),
    "person_as_structure": given("//cda:assignedAuthor/cda:id", "root", "1.2.250.1.71.4.2.2"),
    "telecom": given("//cda:assignedAuthor/cda:telecom", "value", "0123456789"),
    "cr_bio_chapter": removed("//cda:templateId[@root='1.3.6.1.4.1.19376.1.3.3.2.1']"),
    "cr_bio_copy": removed("//cda:templateId[@root='1.2.250.1.213.1.1.2.243']"),
    "result_value": removed(f"{RESULT}/cda:value"),
    "result_value_empty": without(f"{RESULT}/cda:value", "value"),
    "result_time": removed(f"{RESULT}/cda:effectiveTime"),
    "result_status": removed(f"{RESULT}/cda:statusCode"),
    "result_code": removed(f"{RESULT}/cda:code"),
    "result_code_system": given(f"{RESULT}/cda:code", "codeSystem", "1.2.250.1.213.1.1.5.130"),
    "range_reversed": given(f"{RESULT}/cda:referenceRange//cda:low", "value", "61"),
    "interpretation": given(f"{RESULT}/cda:interpretationCode", "code", "Z"),
    "previous_time": removed(f"{RESULT}/cda:entryRelationship/cda:observation/cda:effectiveTime"),
    "impossible_date": given("/*/cda:author/cda:time", "value", "20250230"),
    "reversed_period": given("//cda:encompassingEncounter/cda:effectiveTime/cda:low", "value", "20250201"),
    "base64": texted("//cda:observationMedia/cda:value", "JVBERi0xLjQ*"),
    "embedded_empty": texted("//cda:observationMedia/cda:value", ""),
    "embedded_kind": texted("//cda:observationMedia/cda:value", "iVBORw0KGgo="),
}


@pytest.mark.parametrize("rule", ERRORS)
def test_a_spoiled_report_may_not_leave_and_is_told_why(validator: Validator, rule: str) -> None:
    report = validator.validate(ERRORS[rule])
    assert f"passeur.{rule}" in codes(report, Severity.ERROR)
    assert not report.may_leave
    found = next(f for f in report.findings if f.code == f"passeur.{rule}")
    assert found.disposition is Disposition.REFUSE
    assert found.message and found.remedy and found.where.startswith("/Q{urn:hl7-org:v3}ClinicalDocument[1]")
    assert found.line


HOLDS = {
    "ins_key": given(INS, "extension", "279035121518988"),
    "ins_sex": given("//cda:administrativeGenderCode", "code", "M"),
    "ins_birth": given(BIRTH, "value", "19790428"),
    "impossible_date": given(f"{RESULT}/cda:effectiveTime", "value", "20211350"),
}


@pytest.mark.parametrize("rule", HOLDS)
def test_what_may_be_another_patient_waits_for_a_person(validator: Validator, rule: str) -> None:
    report = validator.validate(HOLDS[rule])
    assert report.disposition is Disposition.HOLD
    assert f"passeur.{rule}" in codes(report)
    assert not report.may_leave


WARNINGS = {
    "section_title": removed("//cda:section[1]/cda:title"),
    "section_text": removed("//cda:section[1]/cda:text"),
    "section_code": without("//cda:section[1]/cda:code", "codeSystem"),
    "chapter_code_system": given("//cda:section[1]/cda:code", "codeSystem", "1.2.3"),
    "broken_reference": given(f"{RESULT}/cda:code//cda:reference", "value", "#nulle-part"),
    "repeated_id": given("//cda:td[@ID]", "ID", "r1"),
    "loinc_code": given(f"{RESULT}/cda:code", "code", "14749-7"),
    "professional_id": given("//cda:assignedAuthor/cda:id", "extension", "99700245667"),
    "rpps_key": given("//cda:assignedAuthor/cda:id", "extension", "899700245668"),
    "structure_id": given("//cda:representedCustodianOrganization/cda:id", "extension", "750803447"),
    "structure_key": given("//cda:representedCustodianOrganization/cda:id", "extension", "1750803448"),
    "structure_as_person": given("//cda:representedCustodianOrganization/cda:id", "root", "1.2.250.1.71.4.2.1"),
    "act_of_no_duration": given("//cda:serviceEvent/cda:effectiveTime/cda:low", "value", "20250131100000+0100"),
    "born_after": given("/*/cda:effectiveTime", "value", "19781231101500+0100"),
    "ins_oid": given(INS, "root", "1.2.250.1.213.1.4.13"),
    "ins_birth_place": texted("//cda:county", "Reims"),
    "result_unit": without(f"{RESULT}/cda:value", "unit"),
    "range_unit": given(f"{RESULT}/cda:value", "unit", "g/L"),
    "result_time_unknown": spoiled(
        f"{RESULT}/cda:effectiveTime", lambda e: (e.attrib.pop("value"), e.set("nullFlavor", "UNK"))
    ),
    "result_label": without(f"{RESULT}/cda:code", "displayName"),
    "short_zone": given("/*/cda:author/cda:time", "value", "20250131101500+01"),
}


@pytest.mark.parametrize("rule", WARNINGS)
def test_what_can_be_mended_later_is_said_and_lets_the_report_leave(validator: Validator, rule: str) -> None:
    report = validator.validate(WARNINGS[rule])
    assert f"passeur.{rule}" in codes(report, Severity.WARNING)
    assert report.may_leave


def test_a_birth_date_known_to_the_year_is_a_warning_without_ins(validator: Validator) -> None:
    root = etree.fromstring(given(BIRTH, "value", "1979"))
    ins = root.find(".//cda:patientRole/cda:id", NS)
    assert ins is not None
    ins.set("root", "2.25.3344")
    report = validator.validate(etree.tostring(root))
    assert codes(report) == {"passeur.patient_birth_partial"}


def test_a_cancelled_result_needs_no_value(validator: Validator) -> None:
    def cancel(result: etree._Element) -> None:
        for name in ("value", "effectiveTime"):
            found = result.find(f"cda:{name}", NS)
            assert found is not None
            result.remove(found)
        status = result.find("cda:statusCode", NS)
        assert status is not None
        status.set("code", "aborted")

    assert validator.validate(spoiled(RESULT, cancel)).may_leave


def test_a_test_identity_never_holds_a_document(validator: Validator) -> None:
    root = etree.fromstring(given(INS, "extension", "279035121518988"))
    ins = root.find(".//cda:patientRole/cda:id", NS)
    assert ins is not None
    ins.set("root", "1.2.250.1.213.1.4.10")
    report = validator.validate(etree.tostring(root))
    assert codes(report, Severity.WARNING) == {"passeur.ins_key"}
    assert report.may_leave


def test_two_ins_in_one_document_are_refused(validator: Validator) -> None:
    doubled = given("//cda:patientRole/cda:id[2]", "root", "1.2.250.1.213.1.4.9")
    assert "passeur.ins_repeated" in codes(validator.validate(doubled), Severity.ERROR)


def test_a_document_that_replaces_itself_is_refused(validator: Validator) -> None:
    def relate(component_of: etree._Element) -> None:
        related = etree.Element(f"{{{NS['cda']}}}relatedDocument", typeCode="RPLC")
        parent = etree.SubElement(related, f"{{{NS['cda']}}}parentDocument")
        etree.SubElement(parent, f"{{{NS['cda']}}}id", root="2.25.123456789")
        component_of.addprevious(related)

    report = validator.validate(spoiled("/*/cda:componentOf", relate))
    assert "passeur.replaces_itself" in codes(report, Severity.ERROR)


def test_a_level_1_document_is_judged_on_its_header_and_its_file(validator: Validator) -> None:
    def flatten(component: etree._Element) -> None:
        component.clear()
        body = etree.SubElement(component, f"{{{NS['cda']}}}nonXMLBody")
        text = etree.SubElement(body, f"{{{NS['cda']}}}text", mediaType="application/pdf")
        text.text = "JVBERi0xLjQ="

    report = validator.validate(spoiled("/*/cda:component", flatten))
    assert report.document.level == 1
    assert codes(report) == {"passeur.level_1", "passeur.body_representation"}


def test_no_message_quotes_the_patient(validator: Validator) -> None:
    """A birth date, a matricule and a result that break rules are never repeated."""
    spoilt = {**ERRORS, **HOLDS, **WARNINGS}
    said = [f.message + f.remedy for name in spoilt for f in validator.validate(spoilt[name]).findings]
    for secret in ("27903512151898", "19790", "EXEMPLE", "ROSE", "IPP-TEST", "BIOLOGISTE", "0123456789", "5.30"):
        assert not any(secret in words for words in said)


def test_the_type_of_a_value_may_carry_a_prefix(validator: Validator) -> None:
    prefixed = given(f"{RESULT}/cda:value", XSI_TYPE, "c:PQ")
    assert validator.validate(prefixed).may_leave


def test_the_readme_names_every_rule_with_its_clause() -> None:
    readme = (folder("schematron") / "README.md").read_text(encoding="utf-8")
    for name in ("header.sch", "cr_bio.sch"):
        root = etree.parse(folder("schematron") / name).getroot()
        for rule in root.iter(
            "{http://purl.oclc.org/dsdl/schematron}assert", "{http://purl.oclc.org/dsdl/schematron}report"
        ):
            assert f"| `{rule.get('id')}` | {rule.get('role')} | {rule.get('see')} |" in readme
            assert rule.get("diagnostics")
    for rule_id in {**ERRORS, **HOLDS, **WARNINGS}:
        assert f"`{rule_id}`" in readme
