"""What no official layer sees and we do: each gap of the official rules, one test each, with the pack when it is there.

Gaps measured on TestContenuCDA v3 (February 2025).
"""

from __future__ import annotations

import pytest

from engine.findings import Disposition
from engine.validation import pack as packs
from engine.validation.validator import Validator
from tests.mutation.study import OFFICIAL, OURS
from tests.unit.validation.samples import CR_BIO, RESULT, SAMPLES, given, level_1, removed, texted

INS = "//cda:patientRole/cda:id[1]"
_WEIGHT = "//cda:observation[cda:code/@code='29463-7']/cda:value"


@pytest.fixture(params=["alone", "official"])
def validator(request: pytest.FixtureRequest) -> Validator:
    """Each gap is tried without the pack, then with it when it is there."""
    found: Validator = request.getfixturevalue(request.param)
    return found


def only_we_see(validator: Validator, document: bytes, rule: str) -> Disposition:
    """Assert that our rule says it and that no official layer refuses the document; what becomes of it."""
    report = validator.validate(document)
    official = [f.code for f in report.findings if f.layer not in OURS and f.disposition is not Disposition.PUBLISH]
    assert official == []
    assert f"passeur.{rule}" in {finding.code for finding in report.findings}
    return next(f.disposition for f in report.findings if f.code == f"passeur.{rule}")


REFUSE, HOLD, PUBLISH = Disposition.REFUSE, Disposition.HOLD, Disposition.PUBLISH


def test_a_wrong_typeid_that_switches_the_header_profile_off_is_refused(validator: Validator) -> None:
    spoiled = given("/*/cda:typeId", "extension", "POCD_HD000099")
    assert only_we_see(validator, spoiled, "typeid") is REFUSE


def test_a_laboratory_report_without_its_template_is_refused(validator: Validator) -> None:
    spoiled = removed("/*/cda:templateId[@root='1.2.250.1.213.1.1.1.55']")
    assert only_we_see(validator, spoiled, "cr_bio_template") is REFUSE


@pytest.mark.parametrize(("name", "template"), [("cse_cs8", "1"), ("cse_cs9", "2"), ("cse_cs24", "3")])
def test_a_certificate_without_its_template_is_refused(validator: Validator, name: str, template: str) -> None:
    spoiled = removed(f"/*/cda:templateId[@root='1.2.250.1.213.1.1.1.5.{template}']", SAMPLES[name])
    assert only_we_see(validator, spoiled, "cse_kind") is REFUSE


@pytest.mark.parametrize("name", ["cse_cs8", "cse_cs9", "cse_cs24"])
@pytest.mark.parametrize(
    ("place", "attribute", "value", "rule"),
    [
        ("/*/cda:typeId", "extension", "POCD_HD000099", "typeid"),
        ("/*/cda:effectiveTime", "value", "20250131101500", "effective_time"),
        ("/*/cda:effectiveTime", "value", "20250131", "effective_time"),
        ("//cda:patientRole/cda:id[1]", "root", "1.2.250.1.213.1.4.2", "ins_c"),
        ("//cda:assignedAuthor/cda:id", "root", "1.2.250.1.71.4.2.2", "person_as_structure"),
    ],
)
def test_what_the_header_of_a_certificate_hides_is_refused(
    validator: Validator, name: str, place: str, attribute: str, value: str, rule: str
) -> None:
    assert only_we_see(validator, given(place, attribute, value, SAMPLES[name]), rule) is REFUSE


def test_a_document_date_without_time_zone_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, given("/*/cda:effectiveTime", "value", "20250131101500"), "effective_time") is REFUSE


def test_a_document_date_known_to_the_day_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, given("/*/cda:effectiveTime", "value", "20250131"), "effective_time") is REFUSE


def test_a_year_of_birth_beside_an_ins_is_refused(validator: Validator) -> None:
    spoiled = given("//cda:patient/cda:birthTime", "value", "1979")
    assert only_we_see(validator, spoiled, "ins_birth_partial") is REFUSE


def test_a_patient_known_by_an_ins_c_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, given(INS, "root", "1.2.250.1.213.1.4.2"), "ins_c") is REFUSE


def test_an_unknown_ins_oid_is_said(validator: Validator) -> None:
    assert only_we_see(validator, given(INS, "root", "1.2.250.1.213.1.4.13"), "ins_oid") is PUBLISH


def test_a_matricule_with_a_wrong_key_waits_for_a_person(validator: Validator) -> None:
    assert only_we_see(validator, given(INS, "extension", "279035121518988"), "ins_key") is HOLD


def test_a_matricule_of_the_other_sex_waits_for_a_person(validator: Validator) -> None:
    spoiled = given("//cda:administrativeGenderCode", "code", "M")
    assert only_we_see(validator, spoiled, "ins_sex") is HOLD


def test_a_matricule_of_another_birth_date_waits_for_a_person(validator: Validator) -> None:
    spoiled = given("//cda:patient/cda:birthTime", "value", "19790428")
    assert only_we_see(validator, spoiled, "ins_birth") is HOLD


def test_a_rpps_without_its_prefix_is_said(validator: Validator) -> None:
    spoiled = given("//cda:assignedAuthor/cda:id", "extension", "99700245667")
    assert only_we_see(validator, spoiled, "professional_id") is PUBLISH


def test_a_rpps_with_a_wrong_key_is_said(validator: Validator) -> None:
    spoiled = given("//cda:assignedAuthor/cda:id", "extension", "899700245668")
    assert only_we_see(validator, spoiled, "rpps_key") is PUBLISH


def test_a_finess_without_its_prefix_is_said(validator: Validator) -> None:
    spoiled = given("//cda:representedCustodianOrganization/cda:id", "extension", "750803447")
    assert only_we_see(validator, spoiled, "structure_id") is PUBLISH


def test_a_finess_with_a_wrong_key_is_said(validator: Validator) -> None:
    spoiled = given("//cda:representedCustodianOrganization/cda:id", "extension", "1750803448")
    assert only_we_see(validator, spoiled, "structure_key") is PUBLISH


def test_an_author_designated_as_a_structure_is_refused(validator: Validator) -> None:
    spoiled = given("//cda:assignedAuthor/cda:id", "root", "1.2.250.1.71.4.2.2")
    assert only_we_see(validator, spoiled, "person_as_structure") is REFUSE


def test_a_pdf_copy_that_cannot_be_decoded_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, texted("//cda:observationMedia/cda:value", "JVBERi0xLjQ*"), "base64") is REFUSE


def test_a_pdf_copy_that_is_no_pdf_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, texted("//cda:observationMedia/cda:value", "iVBORw0KGgo="), "embedded_kind") is REFUSE


def test_a_level_1_body_that_is_not_what_it_says_is_refused(validator: Validator) -> None:
    spoiled = level_1('<text mediaType="application/pdf" representation="B64">iVBORw0KGgo=</text>')
    assert only_we_see(validator, spoiled, "embedded_kind") is REFUSE


def test_a_loinc_code_that_cannot_exist_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, given(f"{RESULT}/cda:code", "code", "14749-7"), "loinc_code") is REFUSE


def test_a_chapter_outside_the_list_of_chapters_is_said(validator: Validator) -> None:
    assert only_we_see(validator, given("//cda:section[1]/cda:code", "code", "14749-6"), "chapter_known") is PUBLISH


def test_a_chapter_of_another_code_system_is_said(validator: Validator) -> None:
    spoiled = given("//cda:section[1]/cda:code", "codeSystem", "1.2.250.1.213.1.1.4.322")
    assert only_we_see(validator, spoiled, "chapter_code_system") is PUBLISH


def test_a_result_without_value_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, removed(f"{RESULT}/cda:value"), "result_value") is REFUSE


def test_a_result_without_date_is_refused(validator: Validator) -> None:
    assert only_we_see(validator, removed(f"{RESULT}/cda:effectiveTime"), "result_time") is REFUSE


def test_a_result_without_unit_waits_for_a_person(validator: Validator) -> None:
    root = f"{RESULT}/cda:referenceRange"
    bare = removed(root)
    from_bare = given(f"{RESULT}/cda:value", "unit", "mmol/L", bare).replace(b' unit="mmol/L"/>', b"/>", 1)
    assert only_we_see(validator, from_bare, "result_unit") is HOLD


def test_a_previous_result_without_date_is_refused(validator: Validator) -> None:
    spoiled = removed(f"{RESULT}/cda:entryRelationship[2]/cda:observation/cda:effectiveTime", _with_two_previous())
    assert only_we_see(validator, spoiled, "previous_time") is REFUSE


def _with_two_previous() -> bytes:
    """The official rule is content with one dated previous result among several."""
    start = CR_BIO.index(b'<entryRelationship typeCode="REFR">')
    end = CR_BIO.index(b"</entryRelationship>", start) + len(b"</entryRelationship>")
    return CR_BIO[:end] + CR_BIO[start:end] + CR_BIO[end:]


def test_an_impossible_date_in_an_entry_waits_for_a_person(validator: Validator) -> None:
    spoiled = given(f"{RESULT}/cda:effectiveTime", "value", "20211350")
    assert only_we_see(validator, spoiled, "impossible_date") is HOLD


def test_an_impossible_vaccination_date_waits_for_a_person(validator: Validator) -> None:
    spoiled = given("//cda:substanceAdministration/cda:effectiveTime", "value", "20211350", SAMPLES["cse_cs9"])
    assert only_we_see(validator, spoiled, "impossible_date") is HOLD


def test_a_reference_to_no_text_is_said(validator: Validator) -> None:
    spoiled = given(f"{RESULT}/cda:code//cda:reference", "value", "#nulle-part")
    assert only_we_see(validator, spoiled, "broken_reference") is PUBLISH


def test_grams_taken_for_kilograms_wait_for_a_person(validator: Validator) -> None:
    assert only_we_see(validator, given(_WEIGHT, "unit", "kg", SAMPLES["cse_cs9"]), "weight_doubtful") is HOLD


def test_kilograms_taken_for_grams_wait_for_a_person(validator: Validator) -> None:
    assert only_we_see(validator, given(_WEIGHT, "unit", "g", SAMPLES["cse_cs24"]), "weight_doubtful") is HOLD


def test_a_section_without_title_is_said(validator: Validator) -> None:
    spoiled = removed("//cda:section/cda:title", SAMPLES["cse_cs9"])
    assert only_we_see(validator, spoiled, "section_title") is PUBLISH


def test_an_act_that_begins_when_it_ends_is_said(validator: Validator) -> None:
    spoiled = given("//cda:serviceEvent/cda:effectiveTime/cda:low", "value", "20250131100000+0100")
    assert only_we_see(validator, spoiled, "act_of_no_duration") is PUBLISH


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="official ANS pack absent (../shared/ans/TestContenuCDA-3-0)")
def test_a_value_set_that_the_pack_lacks_holds_the_document_and_ours_still_judges_it(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pack = packs.install(OFFICIAL, tmp_path_factory.mktemp("home"))
    (lacking,) = (pack.path / "jeuxDeValeurs").glob("JDV_HL7_ObservationInterpretation_CISIS.xml")
    lacking.chmod(0o600)
    lacking.unlink()
    validator = Validator(pack)
    sound = validator.validate(CR_BIO)
    assert {(f.code, f.disposition) for f in sound.findings} == {("validation.missing_vocabulary", HOLD)}
    report = validator.validate(given(f"{RESULT}/cda:interpretationCode", "code", "Z"))
    assert "passeur.interpretation" in {finding.code for finding in report.findings}
