"""What the volet needs and nobody sent is said, all at once, and never made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.cda.xml import parse
from engine.context import Software
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE as LEVEL_1
from engine.errors import DocumentError
from engine.findings import Disposition
from engine.model.document import ClinicalDocument, PdfBody, TextBody
from engine.model.laboratory import Chapter, Comment, LaboratoryReport
from engine.model.parties import Ins
from engine.model.values import Code, Timestamp
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.situations import BIOCHEMISTRY, GLUCOSE, act, report, simple_biochemistry

_NS = {"h": "urn:hl7-org:v3"}
WHOLE = simple_biochemistry()


def lacks(document: ClinicalDocument) -> dict[str, Disposition]:
    with pytest.raises(DocumentError) as caught:
        DOCUMENT_TYPE.render(document, parties.VERSION, Software())
    return {finding.code: finding.disposition for finding in caught.value.findings}


def test_every_lack_is_said_at_once() -> None:
    nobody = replace(parties.PATIENT, ids=(), birth_name=None, used_name=None, birth_time=None, gender=None)
    bare = replace(parties.BIOLOGIST, id=None, organization=None)
    document = replace(
        WHOLE,
        patient=nobody,
        authors=(),
        act=replace(WHOLE.act, performer=bare),
        encounter=replace(WHOLE.encounter, responsible=None),
        body=LaboratoryReport(()),
    )
    assert set(lacks(document)) == {
        "cda.missing_patient_id",
        "cda.missing_patient_name",
        "cda.missing_birth_time",
        "cda.missing_gender",
        "cda.missing_author",
        "cda.missing_performer_id",
        "cda.missing_performer_organization",
        "cda.missing_performer_addr",
        "cda.missing_performer_telecom",
        "cda.missing_responsible",
        "cda.missing_chapter",
    }


def test_what_a_person_can_mend_is_held_and_what_only_another_message_can_is_refused() -> None:
    stranger = replace(parties.LABORATORY, id=None)
    assert lacks(replace(WHOLE, custodian=stranger)) == {"cda.missing_custodian_id": Disposition.HOLD}
    unsexed = replace(parties.PATIENT, gender=None)
    assert lacks(replace(WHOLE, patient=unsexed)) == {"cda.missing_gender": Disposition.HOLD}
    assert lacks(parties.document(LaboratoryReport(()))) == {"cda.missing_chapter": Disposition.REFUSE}


def test_a_qualified_ins_comes_with_all_its_traits() -> None:
    patient = replace(
        parties.QUALIFIED_PATIENT, birth_place=None, birth_given_names=(), first_given_name=None, used_given_name="DO"
    )
    assert set(lacks(replace(WHOLE, patient=patient))) == {
        "cda.missing_birth_place_cog",
        "cda.missing_birth_given_names",
        "cda.missing_first_given_name",
    }


def test_an_unknown_ins_oid_is_refused() -> None:
    patient = replace(parties.QUALIFIED_PATIENT, ins=Ins("279067635199112", "1.2.250.1.213.1.4.2", qualified=True))
    assert set(lacks(replace(WHOLE, patient=patient))) == {"cda.unknown_ins_oid"}


def test_an_ins_that_is_not_qualified_never_leaves() -> None:
    patient = replace(parties.QUALIFIED_PATIENT, ins=Ins("279067635199112", "1.2.250.1.213.1.4.10", qualified=False))
    cda = DOCUMENT_TYPE.render(replace(WHOLE, patient=patient), parties.VERSION, Software()).cda
    assert b"279067635199112" not in cda
    assert b"1.2.250.1.213.1.4.10" not in cda


def test_a_request_without_anything_in_it_is_refused_by_its_place() -> None:
    with pytest.raises(DocumentError) as caught:
        document = parties.document(report(act(origin="OBR[4]")))
        DOCUMENT_TYPE.render(document, parties.VERSION, Software())
    assert [(one.code, one.where) for one in caught.value.findings] == [("cda.missing_result", "OBR[4]")]


def test_a_chapter_without_a_request_is_refused() -> None:
    body = replace(report(act(GLUCOSE)), chapters=(*report(act(GLUCOSE)).chapters, Chapter(BIOCHEMISTRY, "VIDE", ())))
    assert set(lacks(parties.document(body))) == {"cda.missing_act"}


@pytest.mark.parametrize("sign", ["\x00", "\x0b", "\x1b", "\ufffe"])
def test_a_character_that_xml_cannot_hold_is_named_by_its_place(sign: str) -> None:
    noisy = replace(GLUCOSE, comments=(Comment(f"a{sign}b", "C[7]"),))
    with pytest.raises(DocumentError) as caught:
        DOCUMENT_TYPE.render(parties.document(report(act(noisy))), parties.VERSION, Software())
    assert [(one.code, one.where) for one in caught.value.findings] == [("cda.forbidden_character", "C[7]")]


def test_a_pdf_that_no_reader_would_take_is_refused() -> None:
    assert set(lacks(replace(WHOLE, attached_pdf=b"%PDF-" + b"0" * 7_000_000))) == {"cda.pdf_too_large"}


@pytest.mark.parametrize("body", [PdfBody(parties.PDF), TextBody(("a",))])
def test_level_3_is_never_made_of_a_text(body: PdfBody | TextBody) -> None:
    with pytest.raises(DocumentError, match=r"cda\.wrong_body"):
        DOCUMENT_TYPE.render(replace(WHOLE, body=body), parties.VERSION, Software())


def test_level_1_is_never_made_of_results() -> None:
    with pytest.raises(DocumentError, match=r"cda\.wrong_body"):
        LEVEL_1.render(WHOLE, parties.VERSION, Software())


def test_every_chapter_is_a_documented_act_and_the_main_one_comes_first() -> None:
    other = Code("18723-7", BIOCHEMISTRY.system, "Hématologie")
    body = replace(
        report(act(GLUCOSE)), chapters=(*report(act(GLUCOSE)).chapters, Chapter(other, "NFS", (act(GLUCOSE),)))
    )
    root = parse(DOCUMENT_TYPE.render(parties.document(body), parties.VERSION, Software()).cda)
    codes = root.xpath("h:documentationOf/h:serviceEvent/h:code/@code", namespaces=_NS)
    assert codes == ["18719-5", "18723-7"]
    assert len(root.xpath("h:documentationOf[1]/h:serviceEvent/h:performer", namespaces=_NS)) == 1


def test_the_version_before_is_named_when_there_is_one() -> None:
    root = parse(DOCUMENT_TYPE.render(WHOLE, parties.SECOND_VERSION, Software()).cda)
    path = "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id/@root"
    assert root.xpath(path, namespaces=_NS) == ["2.25.4001"]
    assert not parse(DOCUMENT_TYPE.render(WHOLE, parties.VERSION, Software()).cda).xpath(path, namespaces=_NS)


def test_the_laboratory_s_own_pdf_is_the_copy_when_it_sent_one_and_ours_is_otherwise() -> None:
    assert DOCUMENT_TYPE.render(WHOLE, parties.VERSION, Software()).pdf == parties.PDF
    made = DOCUMENT_TYPE.render(replace(WHOLE, attached_pdf=None), parties.VERSION, Software())
    assert made.pdf.startswith(b"%PDF-")
    assert made.findings == ()


def test_a_text_becomes_a_level_1_document_around_its_pdf() -> None:
    document = replace(WHOLE, body=TextBody(("Glycémie : 5,30",)), attached_pdf=None, created_at=Timestamp("20240312"))
    rendered = LEVEL_1.render(document, parties.VERSION, Software())
    root = parse(rendered.cda)
    assert [node.get("root") for node in root.findall("h:templateId", _NS)] == [
        "2.16.840.1.113883.2.8.2.1",
        "1.2.250.1.213.1.1.1.1",
        "1.3.6.1.4.1.19376.1.2.20",
    ]
    assert rendered.pdf.startswith(b"%PDF-")
