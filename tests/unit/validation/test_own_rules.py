"""What our own rules catch, without any official pack: each gap that the official layers leave open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from lxml import etree

from engine.findings import Disposition, Severity
from engine.resources import folder
from engine.validation.outcome import Report
from engine.validation.schematron.includes import SCH
from engine.validation.validator import Validator
from engine.validation.valuesets import load
from tests.unit.validation.faults import BIRTH, ERRORS, HOLDS, INS, SOUND, WARNINGS
from tests.unit.validation.samples import CR_BIO, NS, RESULT, XSI_TYPE, given, level_1, spoiled


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
    assert [run.name for run in report.layers] == ["xml", "structure", "passeur"]
    assert (report.document.type_code, report.document.level) == ("11502-2", 3)


@pytest.mark.parametrize("name", SOUND)
def test_no_sound_document_is_held_back(validator: Validator, name: str) -> None:
    """A birth date is known to the month in one, a title is missing in another: both are only said."""
    report = validator.validate(SOUND[name])
    assert report.may_leave
    assert codes(report) <= {"passeur.patient_birth_partial", "passeur.section_title"}


@pytest.mark.parametrize("rule", ERRORS)
def test_a_spoiled_report_may_not_leave_and_is_told_why(validator: Validator, rule: str) -> None:
    report = validator.validate(ERRORS[rule])
    assert f"passeur.{rule}" in codes(report, Severity.ERROR)
    assert not report.may_leave
    found = next(f for f in report.findings if f.code == f"passeur.{rule}")
    assert found.disposition is Disposition.REFUSE
    assert found.message and found.remedy and found.where.startswith("/Q{urn:hl7-org:v3}ClinicalDocument[1]")
    assert found.line


@pytest.mark.parametrize("rule", HOLDS)
def test_what_may_be_another_patient_waits_for_a_person(validator: Validator, rule: str) -> None:
    report = validator.validate(HOLDS[rule])
    assert report.disposition is Disposition.HOLD
    assert f"passeur.{rule}" in codes(report)
    assert not report.may_leave


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


def test_a_level_1_document_is_judged_on_its_header_and_its_file(validator: Validator) -> None:
    report = validator.validate(level_1('<text mediaType="application/pdf">JVBERi0xLjQ=</text>'))
    assert report.document.level == 1
    assert codes(report) == {"passeur.n1_binary", "passeur.body_representation"}


def test_no_message_quotes_the_patient(validator: Validator) -> None:
    """A birth date, a matricule and a result that break rules are never repeated."""
    spoilt = {**ERRORS, **HOLDS, **WARNINGS}
    said = [f.message + f.remedy for name in spoilt for f in validator.validate(spoilt[name]).findings]
    for secret in ("27903512151898", "19790", "EXEMPLE", "ROSE", "IPP-TEST", "BIOLOGISTE", "0123456789", "5.30"):
        assert not any(secret in words for words in said)


def test_the_type_of_a_value_may_carry_a_prefix(validator: Validator) -> None:
    prefixed = given(f"{RESULT}/cda:value", XSI_TYPE, "c:PQ")
    declared = prefixed.replace(b"<ClinicalDocument ", b'<ClinicalDocument xmlns:c="urn:hl7-org:v3" ', 1)
    assert validator.validate(declared).may_leave
    assert not validator.validate(prefixed).may_leave


def test_the_readme_names_every_rule_with_its_effect_and_clause() -> None:
    readme = (folder("schematron") / "README.md").read_text(encoding="utf-8")
    for file, rule in own_rules():
        assert f"| `{rule.get('id')}` | {rule.get('role')} | {rule.get('see')} |" in readme, file
        assert rule.get("diagnostics"), rule.get("id")
    for rule_id in {**ERRORS, **HOLDS, **WARNINGS}:
        assert f"`{rule_id}`" in readme


def test_the_readme_says_of_each_file_what_it_holds() -> None:
    readme = (folder("schematron") / "README.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line.split(" | ") for line in readme.splitlines() if line.startswith("| `")}
    held = Counter(name for name, _ in own_rules())
    assert {name: row[3] for name, row in rows.items() if name.endswith(".sch")} == {n: str(c) for n, c in held.items()}
    sets = {path.name: str(len(load(path).concepts)) for path in (folder("schematron") / "value_sets").glob("*.xml")}
    assert {name: row[1] for name, row in rows.items() if name.endswith(".xml")} == sets
    for schema in (folder("schemas") / "cda").glob("*.xsd"):
        assert f"`{schema.stem.removeprefix('extensions_')}" in readme, schema.name


def own_rules() -> Iterator[tuple[str, etree._Element]]:
    """Every assertion of our schematrons, with the name of its file."""
    for path in sorted(folder("schematron").glob("*.sch")):
        for rule in etree.parse(path).getroot().iter(f"{SCH}assert", f"{SCH}report"):
            yield path.name, rule


def test_each_rule_has_one_name() -> None:
    names = [rule.get("id") for _, rule in own_rules()]
    assert len(names) == len(set(names))


def test_a_value_set_says_where_it_comes_from() -> None:
    for path in sorted((folder("schematron") / "value_sets").glob("*.xml")):
        known = load(path)
        assert known.concepts and known.oid.count(".") > 3, path.name
        assert "Source:" in path.read_text(encoding="utf-8"), path.name
        assert all(concept.code and concept.system and concept.display for concept in known.concepts)
