"""A document of level 1: its codes are its line's, what it lacks is said at once, its content is never touched."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.catalogue.catalogue import entry
from engine.catalogue.entry import CatalogueEntry
from engine.cda.xml import parse
from engine.context import Software
from engine.conversion import build
from engine.declarations import Rendered
from engine.documents.n1 import DOCUMENT_TYPE
from engine.errors import DocumentError
from engine.findings import Disposition, Finding
from engine.model.codec import content_hash, from_json, to_json
from engine.model.document import ClinicalDocument, PdfBody, TextBody
from engine.model.laboratory import LaboratoryReport
from engine.model.parties import Ins
from engine.model.values import Identifier, Timestamp
from engine.rendering.file_name import file_name
from engine.validation.validator import Validator
from engine.xds import codes
from engine.xds.metadata import DocumentEntry, document_entry, submission
from tests.golden.n1 import people
from tests.golden.n1.situations import LEVEL_1, ORDER, PDF, SECOND_VERSION, VERSION, file_stem, historic, minimal
from tests.unit.rendering.reading import words

CONSULTATION = entry("medecin", "general", "cr-consultation")
REQUEST = entry("medecin", "general", "demande-imagerie")
IDS = [file_stem(one) for one in LEVEL_1]
_NS = {"h": "urn:hl7-org:v3"}


def rendered(document: ClinicalDocument) -> Rendered:
    return DOCUMENT_TYPE.render(document, VERSION, Software())


def root_of(document: ClinicalDocument) -> etree._Element:
    return parse(rendered(document).cda)


def metadata(document: ClinicalDocument) -> DocumentEntry:
    return document_entry(rendered(document).cda, symbolic_id="Document01")


def lacks(document: ClinicalDocument) -> dict[str, Finding]:
    with pytest.raises(DocumentError) as caught:
        rendered(document)
    return {finding.code: finding for finding in caught.value.findings}


@pytest.mark.parametrize("line", LEVEL_1, ids=IDS)
def test_a_minimal_document_has_the_code_and_the_templates_of_its_line(line: CatalogueEntry) -> None:
    """R-DOC-01."""
    root = root_of(minimal(line))
    code = root.find("h:code", _NS)
    assert code is not None
    assert (code.get("code"), code.get("codeSystem"), code.get("displayName")) == (
        line.type.code,
        line.type.system,
        line.type.display,
    )
    templates = [one.get("root") for one in root.iterfind("h:templateId", _NS)]
    assert templates == ["2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", *line.templates]
    assert root.findall("*//h:templateId", _NS) == []


@pytest.mark.parametrize("line", [one for one in LEVEL_1 if codes.class_code(one.type.code)])
def test_the_metadata_of_a_minimal_document_are_those_of_its_line(line: CatalogueEntry) -> None:
    """R-DOC-01, R-DOC-10."""
    found = metadata(minimal(line))
    assert found.type_code == line.type
    assert found.class_code == line.class_code
    assert (found.format_code,) == line.formats
    assert found.unique_id == VERSION.id.root


@pytest.mark.parametrize("line", [one for one in LEVEL_1 if not codes.class_code(one.type.code)])
def test_a_type_without_an_official_class_is_never_given_another(line: CatalogueEntry) -> None:
    """R-DOC-10."""
    with pytest.raises(DocumentError) as caught:
        metadata(minimal(line))
    assert [finding.code for finding in caught.value.findings] == ["xds.class_code"]


def test_the_file_sent_is_carried_byte_for_byte() -> None:
    """R-DOC-02."""
    sent = PDF + bytes(range(256)) * 40
    made = rendered(replace(minimal(CONSULTATION), body=PdfBody(sent)))
    text = parse(made.cda).find("h:component/h:nonXMLBody/h:text", _NS)
    assert text is not None
    assert (text.get("mediaType"), text.get("representation")) == ("application/pdf", "B64")
    assert base64.b64decode(text.text or "") == sent == made.pdf


def test_a_file_that_is_no_pdf_a_is_said_with_what_to_do() -> None:
    """R-DOC-02."""
    found = rendered(replace(minimal(CONSULTATION), body=PdfBody(b"%PDF-1.7 n'en est pas un"))).findings
    assert {one.disposition for one in found} == {Disposition.REFUSE}
    assert all("PDF/A-1" in one.remedy and "laboratoire" not in one.remedy for one in found)


def test_a_text_is_laid_out_as_a_pdf_a_with_the_patient_and_the_author() -> None:
    """R-DOC-02, R-DOC-04."""
    made = rendered(replace(minimal(CONSULTATION), body=TextBody(("Tension 13/8.", "", "À revoir dans un mois."))))
    assert made.findings == ()
    read = words(made.pdf)
    for part in ("CR ou fiche de consultation", "D'ESSAI-ÉCRIT", "BERNARD", "Cabinet de l'Exemple", "Tension 13/8."):
        assert part in read


def test_a_text_goes_through_the_whole_line_without_a_finding() -> None:
    """R-DOC-04, R-DOC-06: rendered, reread, compared with its patient, validated."""
    document = replace(minimal(CONSULTATION), body=TextBody(("Tension 13/8.",)))
    built = build(
        document,
        VERSION,
        None,
        document_type=DOCUMENT_TYPE,
        validator=Validator(None),
        software=Software(),
        production=False,
    )
    assert built.findings == ()
    assert built.cda is not None and built.pdf is not None


@pytest.mark.parametrize("body", [TextBody(()), TextBody(("", "  \t")), PdfBody(b"")])
def test_an_empty_document_is_refused(body: TextBody | PdfBody) -> None:
    """R-DOC-07."""
    assert lacks(replace(minimal(CONSULTATION), body=body))["n1.empty"].disposition is Disposition.REFUSE


def test_a_structured_content_is_no_content_of_level_1() -> None:
    """R-DOC-01."""
    with pytest.raises(DocumentError, match=r"cda\.wrong_body"):
        rendered(replace(minimal(CONSULTATION), body=LaboratoryReport(())))


def test_a_pdf_too_large_for_a_cda_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"cda\.pdf_too_large"):
        rendered(replace(minimal(CONSULTATION), body=PdfBody(b"%PDF-1.4" + bytes(7_000_001))))


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "catalogue.missing"),
        ("consultation", "catalogue.key"),
        ("medecin/general/cr-consultaton", "catalogue.unknown_document"),
        ("medecin/medecin-traitant-suivi-enfant/note-vaccination", "catalogue.not_level_1"),
    ],
)
def test_a_document_of_no_line_of_level_1_is_refused(key: str | None, code: str) -> None:
    """R-DOC-01: without a line there is neither type nor class nor format to give."""
    assert set(lacks(replace(minimal(CONSULTATION), catalogue=key))) == {code}


def test_every_lack_is_said_at_once_in_words_that_fit_anybody() -> None:
    """R-DOC-06."""
    document = minimal(CONSULTATION)
    nobody = replace(people.PATIENT, birth_name=None, used_name=None, birth_time=None, ins=None, ids=())
    stranger = replace(people.author(CONSULTATION), id=None, name=None, organization=None)
    found = lacks(
        replace(
            document,
            title=" ",
            patient=nobody,
            custodian=replace(people.OFFICE, id=None),
            act=replace(document.act, performer=stranger),
            encounter=replace(document.encounter, responsible=stranger),
            authenticators=(replace(document.legal_authenticator, professional=stranger),),
            legal_authenticator=replace(document.legal_authenticator, professional=stranger),
        )
    )
    assert set(found) == {
        *(f"cda.missing_{what}" for what in ("patient_id", "patient_name", "birth_time", "title", "custodian_id")),
        *(f"cda.missing_{what}" for what in ("legal_authenticator_id", "legal_authenticator_name", "authenticator_id")),
        *(f"cda.missing_{what}" for what in ("performer_id", "performer_organization", "responsible_id")),
    }
    for one in found.values():
        assert one.disposition is Disposition.REFUSE
        assert "aborato" not in f"{one.where} {one.message} {one.remedy}"
        assert "biolog" not in f"{one.where} {one.message} {one.remedy}"
        assert one.remedy


def test_an_imaging_request_without_its_number_is_refused() -> None:
    """R-DOC-15."""
    for orders in ((), (Identifier("2.25.1"),)):
        assert set(lacks(replace(minimal(REQUEST), orders=orders))) == {"n1.missing_order"}


def test_a_request_and_its_report_bear_the_same_number_in_header_and_metadata() -> None:
    """R-DOC-15."""
    report = replace(minimal(entry("medecin", "general", "cr-imagerie")), orders=(ORDER,))
    numbers = []
    for document in (minimal(REQUEST), report):
        order = root_of(document).find("h:inFulfillmentOf/h:order/h:id", _NS)
        assert order is not None
        numbers.append((order.get("root"), order.get("extension")))
        assert metadata(document).reference_ids == (
            f"{ORDER.extension}^^^&{ORDER.root}&ISO^urn:ihe:iti:xds:2013:order",
        )
    assert numbers == [(ORDER.root, ORDER.extension)] * 2


def test_a_document_of_the_past_is_dated_by_its_act_and_made_today() -> None:
    """R-DMP-11."""
    found = metadata(historic())
    assert found.creation_time == "20240312143000"
    assert found.service_start_time == "20190505220000", "the first instant of 6 May 2019 in France, in UTC"
    root = root_of(historic())
    assert root.find("h:documentationOf/h:serviceEvent/h:effectiveTime/h:low", _NS).get("value") == "20190506"  # type: ignore[union-attr]
    assert root.find("h:effectiveTime", _NS).get("value") == "20240312153000+0100"  # type: ignore[union-attr]
    assert file_name(historic()).startswith("20190506_")


def test_the_legal_entity_of_somebody_gone_is_a_second_author_everywhere() -> None:
    """R-DMP-12."""
    found = metadata(historic())
    structure = f"{people.OFFICE.id.extension}^Cabinet de l'Exemple^Cabinet de l'Exemple"  # type: ignore[union-attr]
    assert len(found.authors) == 2
    assert found.authors[0].person.startswith("899900000045^BERNARD^")
    assert found.authors[1].person.startswith(structure)
    sent = submission(
        (found,),
        unique_id="2.25.1",
        source_id="2.25.2",
        submitted_at=datetime(2024, 3, 12, tzinfo=UTC),
        content_type=codes.content_type_code(None),
    )
    assert sent.submission_set.authors == found.authors


def test_a_legal_entity_stands_beside_a_person_and_never_for_nobody() -> None:
    """R-DMP-12: an author without a name is a lack, unless a structure is the author."""
    document = historic()
    unnamed = replace(document.authors[0], professional=replace(document.authors[0].professional, name=None))
    assert set(lacks(replace(document, authors=(unnamed,)))) == {"cda.missing_author_name"}
    assert set(lacks(replace(document, authors=document.authors[1:]))) == {"cda.missing_author"}


def test_the_matricule_of_an_identity_that_is_not_qualified_is_nowhere() -> None:
    """R-DOC-09."""
    assert people.PATIENT.ins is not None
    patient = replace(people.PATIENT, ins=replace(people.PATIENT.ins, qualified=False))
    made = rendered(replace(minimal(CONSULTATION), patient=patient, body=TextBody(("Vu.",))))
    assert people.PATIENT.ins.matricule not in made.cda.decode()
    assert people.PATIENT.ins.matricule not in words(made.pdf)


def test_the_file_is_named_by_the_act_the_document_the_patient_and_the_host_number() -> None:
    """R-DOC-08."""
    assert (
        file_name(minimal(CONSULTATION))
        == "20240312_CR-ou-fiche-de-consultation-ou-de-visite_D-ESSAI-ECRIT_CLAIRE_ACTE-1"
    )


def test_a_new_version_replaces_the_one_before() -> None:
    root = parse(DOCUMENT_TYPE.render(minimal(CONSULTATION), SECOND_VERSION, Software()).cda)
    parent = root.find("h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id", _NS)
    assert parent is not None and parent.get("root") == VERSION.id.root


def test_a_new_version_of_the_same_kind_for_the_same_patient_is_taken_as_it_is() -> None:
    current = replace(minimal(CONSULTATION), title="Corrigé")
    assert DOCUMENT_TYPE.merge(minimal(CONSULTATION), current) == (current, ())


def test_a_new_version_of_another_kind_or_patient_is_held() -> None:
    other = replace(people.PATIENT, birth_name="AUTRE", ins=Ins("185057800608436", "1.2.250.1.213.1.4.10", True))
    current = replace(minimal(REQUEST), patient=other)
    _, found = DOCUMENT_TYPE.merge(minimal(CONSULTATION), current)
    assert [(one.code, one.disposition) for one in found] == [
        ("identity.differs_from_previous_version", Disposition.HOLD),
        ("catalogue.differs_from_previous_version", Disposition.HOLD),
    ]
    assert not any("laboratoire" in one.remedy for one in found)


def test_a_colleague_of_another_profession_may_make_the_next_version() -> None:
    before = minimal(entry("medecin", "general", "plan-prevention"))
    assert DOCUMENT_TYPE.merge(before, minimal(entry("pharmacien", "all", "plan-prevention")))[1] == ()


def test_a_character_no_xml_can_hold_is_said_and_never_replaced() -> None:
    assert "cda.forbidden_character" in lacks(replace(minimal(CONSULTATION), title="CR\u0000"))


def test_the_same_document_is_always_the_same_bytes() -> None:
    document = replace(minimal(CONSULTATION), body=TextBody(("Vu.",)))
    assert rendered(document) == rendered(document)


def test_the_line_of_a_document_is_kept_with_it_and_changes_nothing_for_those_that_have_none() -> None:
    """R-DOC-01: what was kept before the catalogue came has the same hash."""
    document = minimal(CONSULTATION)
    assert from_json(ClinicalDocument, to_json(document)) == document
    assert '"catalogue":"medecin/general/cr-consultation"' in to_json(document)
    assert "catalogue" not in to_json(replace(document, catalogue=None))
    assert content_hash(document) != content_hash(replace(document, catalogue=None))


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5).map(tuple), st.text(min_size=1, max_size=40))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_is_written_or_refused_with_its_reasons(lines: tuple[str, ...], title: str) -> None:
    """R-DOC-06."""
    document = replace(minimal(CONSULTATION), body=TextBody(lines), title=title)
    try:
        made = rendered(document)
    except DocumentError as error:
        assert error.findings
    else:
        assert parse(made.cda).findtext("h:title", namespaces=_NS) is not None
        assert made.pdf.startswith(b"%PDF-")


@given(st.sampled_from(LEVEL_1), st.sampled_from(["2019", "201905", "20190506", "201905061030+0200"]))
@settings(max_examples=25, deadline=None)
def test_the_date_of_an_act_keeps_the_precision_it_was_given(line: CatalogueEntry, given_time: str) -> None:
    """R-DMP-11."""
    document = minimal(line)
    dated = replace(document, act=replace(document.act, start=Timestamp(given_time)))
    low = root_of(dated).find("h:documentationOf/h:serviceEvent/h:effectiveTime/h:low", _NS)
    assert low is not None and low.get("value") == given_time
