"""Metadata of a CDA, from its bytes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DocumentError
from engine.findings import Disposition
from engine.model.values import Code
from engine.xds.metadata import DocumentEntry, content_type_code, document_entry, submission
from engine.xds.values import HAS_MEMBER, REPLACES
from tests.unit.xds.documents import INS, N1, PATIENT_IDS, REPORT_ID, cda

SUBMITTED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def entry(content: bytes) -> DocumentEntry:
    return document_entry(content, symbolic_id="Document01")


def codes_of(error: DocumentError) -> list[str]:
    return [finding.code for finding in error.findings]


def test_a_laboratory_report_gives_all_its_metadata() -> None:
    content = cda()
    found = entry(content)
    assert found.unique_id == REPORT_ID
    assert found.mime_type == "text/xml"
    assert found.title == "Compte rendu d'examens biologiques"
    assert found.creation_time == "20260105093000"
    assert (found.service_start_time, found.service_stop_time) == ("20260104072200", "20260104140500")
    assert found.language_code == "fr-FR"
    assert found.patient_id == f"{INS}^^^&1.2.250.1.213.1.4.10&ISO^NH"
    assert found.source_patient_id == "IPP42^^^&1.2.3.4.5&ISO^PI"
    assert found.class_code.code == "10"
    assert found.type_code.code == "11502-2"
    assert found.format_code.code == "urn:ihe:lab:xd-lab:2008"
    assert found.healthcare_facility_type_code.code == "SA25"
    assert found.practice_setting_code.code == "AMBULATOIRE"
    assert [code.code for code in found.confidentiality_codes] == ["N"]
    assert [code.code for code in found.event_codes] == ["18719-5", "18723-7"]
    assert found.reference_ids == ("DEM\\T\\42^^^&1.2.3.9&ISO^urn:ihe:iti:xds:2013:order",)
    assert found.hash == hashlib.sha1(content).hexdigest()
    assert found.size == len(content)


def test_the_patient_is_told_by_birth_name_used_name_birth_date_sex_and_other_numbers() -> None:
    assert entry(cda()).source_patient_info == (
        "PID-3|IPP43^^^&1.2.3.4.6&ISO^PI",
        "PID-5|PAT-TROIS^DOMINIQUE^^^^^L",
        "PID-5|DURAND^MARIE^^^^^D",
        "PID-7|19790328",
        "PID-8|F",
    )


def test_authors_and_legal_authenticator_are_in_the_french_formats() -> None:
    found = entry(cda())
    xcn = "801234534765^BIOLOGISTE^Anne^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    assert found.legal_authenticator == xcn
    (author,) = found.authors
    assert author.person == xcn
    assert author.institutions == ("Laboratoire \\T\\ Cie^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1120459876",)
    assert author.specialties == ("G15_10/SM03^Médecin - Biologie médicale (SM)^1.2.250.1.213.1.1.4.5",)
    assert author.roles == ("Biologiste",)


def test_a_name_split_by_a_comment_is_whole() -> None:
    names = '<family qualifier="BR">DU<!-- x -->PONT</family><given qualifier="BR">ZOE</given>'
    assert "PID-5|DUPONT^ZOE^^^^^L" in entry(cda(names=names)).source_patient_info


def test_the_stop_of_another_act_is_not_the_stop_of_the_main_one() -> None:
    event = (
        "<documentationOf><serviceEvent><effectiveTime><low value='20260104'/></effectiveTime><performer>"
        "<assignedEntity><representedOrganization><standardIndustryClassCode code='AMBULATOIRE' "
        "codeSystem='1.2.250.1.213.1.1.4.9'/></representedOrganization></assignedEntity></performer></serviceEvent>"
        "</documentationOf><documentationOf><serviceEvent><effectiveTime><low value='20260105'/>"
        "<high value='20260106'/></effectiveTime></serviceEvent></documentationOf>"
    )
    found = entry(cda(event=event))
    assert (found.service_start_time, found.service_stop_time) == ("20260103230000", None)


def test_an_unstructured_document_takes_its_format_from_its_content_not_from_its_template() -> None:
    assert entry(cda(body=N1)).format_code.code == "urn:ihe:iti:xds-sd:pdf:2008"


def test_without_an_ins_there_is_no_patient_id() -> None:
    found = entry(cda(patient_ids='<id extension="IPP42" root="1.2.3.4.5"/>'))
    assert found.patient_id is None
    assert found.source_patient_id == "IPP42^^^&1.2.3.4.5&ISO^PI"


def test_without_a_local_number_the_ins_is_the_source_number() -> None:
    found = entry(cda(patient_ids=f'<id extension="{INS}" root="1.2.250.1.213.1.4.10"/>'))
    assert found.source_patient_id == found.patient_id


def test_two_ins_are_refused() -> None:
    with pytest.raises(DocumentError) as caught:
        entry(cda(patient_ids=PATIENT_IDS + '<id extension="1" root="1.2.250.1.213.1.4.8"/>'))
    assert codes_of(caught.value) == ["xds.several_ins"]


def test_a_nameless_professional_is_named_by_the_organisation() -> None:
    found = entry(cda(person=""))
    assert found.legal_authenticator is not None
    assert found.legal_authenticator.startswith("801234534765^Laboratoire \\T\\ Cie^Laboratoire \\T\\ Cie^")


def test_visibility_is_added_after_the_document_s_own_confidentiality() -> None:
    found = document_entry(cda(), symbolic_id="D", visibility=("MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"))
    assert [code.code for code in found.confidentiality_codes] == ["N", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"]


@pytest.mark.parametrize("visibility", [("MASQUE_PS", "INVISIBLE_PATIENT"), ("INVISIBLE_REP_LEGAUX",)])
def test_a_forbidden_or_unknown_visibility_is_refused(visibility: tuple[str, ...]) -> None:
    with pytest.raises(DocumentError) as caught:
        document_entry(cda(), symbolic_id="D", visibility=visibility)
    assert codes_of(caught.value) == ["xds.visibility"]


def test_what_a_registry_allows_may_be_both_masked_and_invisible() -> None:
    both = ("MASQUE_PS", "INVISIBLE_PATIENT")
    found = document_entry(cda(), symbolic_id="D", visibility=both, masked_and_invisible=True)
    assert [code.code for code in found.confidentiality_codes] == ["N", *both]


def test_every_problem_is_said_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        entry(cda(code="", confidentiality="", event="", templates="", effective_time="demain", patient_ids=""))
    assert set(codes_of(caught.value)) == {
        "xds.type_code",
        "xds.confidentiality",
        "xds.time",
        "xds.practice_setting",
        "xds.format_code",
        "xds.patient_id",
    }
    assert all(finding.disposition is Disposition.REFUSE for finding in caught.value.findings)
    assert codes_of(caught.value).count("xds.time") == 2


def test_no_finding_holds_patient_data() -> None:
    with pytest.raises(DocumentError) as caught:
        entry(cda(code='<code code="0000-0" codeSystem="1.2"/>', effective_time="x", templates=""))
    said = " ".join(finding.message + finding.remedy for finding in caught.value.findings) + str(caught.value)
    assert not any(word in said for word in (INS, "PAT-TROIS", "DURAND", "DOMINIQUE", "IPP42", "1979"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<a>",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><ClinicalDocument xmlns="urn:hl7-org:v3">&x;</ClinicalDocument>',
        cda().replace(b"<ClinicalDocument", b"<Other").replace(b"</ClinicalDocument", b"</Other"),
    ],
)
def test_what_is_no_cda_is_refused(content: bytes) -> None:
    with pytest.raises(DocumentError):
        entry(content)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_else(content: bytes) -> None:
    with pytest.raises(DocumentError):
        entry(content)


@given(st.integers(0, 4000), st.integers(1, 200))
def test_a_damaged_document_gives_metadata_or_a_document_error(start: int, length: int) -> None:
    content = cda()
    try:
        entry(content[:start] + content[start + length :])
    except DocumentError as error:
        assert error.findings


def test_an_encounter_gives_the_content_type() -> None:
    assert content_type_code(cda()).code == "07"


def made(*entries: DocumentEntry, replaced: str | None = None) -> tuple[str, ...]:
    sent = submission(
        entries,
        unique_id="2.25.1",
        source_id="1.2",
        submitted_at=SUBMITTED_AT,
        content_type=Code("07", "1.2.250.1.213.2.2"),
        replaced_entry_uuid=replaced,
    )
    return tuple(one.type for one in sent.associations)


def test_a_submission_holds_its_documents() -> None:
    found = entry(cda())
    assert made(found) == (HAS_MEMBER,)
    assert made(found, document_entry(cda(unique_id="2.25.2"), symbolic_id="Document02")) == (HAS_MEMBER, HAS_MEMBER)


def test_a_replacement_points_at_the_old_entry() -> None:
    assert made(entry(cda()), replaced="urn:uuid:1") == (HAS_MEMBER, REPLACES)


def test_documents_of_two_patients_are_never_submitted_together() -> None:
    other = document_entry(cda(patient_ids='<id extension="9" root="1.2.250.1.213.1.4.10"/>'), symbolic_id="D2")
    with pytest.raises(ValueError, match="one patient"):
        made(entry(cda()), other)


def test_a_submission_needs_an_aware_time() -> None:
    with pytest.raises(ValueError, match="naive"):
        submission(
            (entry(cda()),),
            unique_id="2.25.1",
            source_id="1.2",
            submitted_at=datetime(2026, 1, 5),
            content_type=Code("07", "1"),
        )
