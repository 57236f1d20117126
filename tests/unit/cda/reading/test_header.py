"""A header that was rendered is read back as it was meant; what others write is read without guessing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cda.reading import patient, read
from engine.cda.reading.elements import addresses, bounds, code, first, telecoms, text, time
from engine.cda.xml import V3, parse
from engine.context import Software
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE
from engine.errors import DocumentError
from engine.identity.guard import guard_findings
from engine.model.document import ClinicalDocument, DocumentVersion, ReceivedCda
from engine.model.parties import Ins
from engine.model.values import Address, Identifier, Timestamp
from tests.unit.documents_fixture import DOCUMENT, PATIENT

ROOT = Path(__file__).resolve().parents[4]
GOLDEN = sorted((ROOT / "tests" / "golden").rglob("*.xml"))
OFFICIAL = ROOT / ".." / "shared" / "ans" / "TestContenuCDA-3-0" / "ExemplesCDA"
VERSION = DocumentVersion(Identifier("1.2.3.2"), Identifier("1.2.3.100"), 2, Identifier("1.2.3.1"))


def rendered(document: ClinicalDocument = DOCUMENT, version: DocumentVersion = VERSION) -> bytes:
    return DOCUMENT_TYPE.render(document, version, Software()).cda


def reading(raw: bytes) -> ClinicalDocument:
    return read(parse(raw), "received", ReceivedCda(raw)).document


def fragment(xml: str):  # type: ignore[no-untyped-def]
    return parse(f'<a xmlns="{V3}">{xml}</a>'.encode())


def test_a_rendered_header_is_read_back_as_it_was_meant() -> None:
    raw = rendered()
    found = read(parse(raw), "received", ReceivedCda(raw))
    document = found.document
    assert found.version == VERSION
    assert found.code.code == "11502-2"
    assert document.patient == replace(PATIENT, ins=replace(PATIENT.ins, qualified=False))  # type: ignore[type-var]
    assert (document.title, document.created_at, document.body) == (
        DOCUMENT.title,
        DOCUMENT.created_at,
        ReceivedCda(raw),
    )
    assert [one.professional.id for one in document.authors] == [DOCUMENT.authors[0].professional.id]
    assert document.custodian.id == DOCUMENT.custodian.id
    assert document.legal_authenticator.time == DOCUMENT.legal_authenticator.time
    assert document.act.code is not None and DOCUMENT.act.code is not None
    assert (document.act.code.code, document.act.start) == (DOCUMENT.act.code.code, DOCUMENT.act.start)
    assert document.encounter.facility_type.code == DOCUMENT.encounter.facility_type.code
    assert [one.telecoms for one in document.recipients] == [one.telecoms for one in DOCUMENT.recipients]
    assert (document.confidentiality.code, document.language) == ("N", "fr-FR")


@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
def test_every_golden_document_is_read_as_the_guard_reads_it(file: Path) -> None:
    raw = file.read_bytes()
    found = read(parse(raw), "received", ReceivedCda(raw))
    ins = found.document.patient.ins
    known = replace(found.document.patient, ins=replace(ins, qualified=True) if ins else None)
    assert guard_findings(replace(found.document, patient=known), found.version, raw, production=False) == ()


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official CDA examples are not beside us")
def test_every_official_example_is_read_but_those_whose_signature_has_no_date() -> None:
    undated = set()
    for file in sorted(OFFICIAL.glob("*.xml")):
        if "Presentable" in file.name or "presentable" in file.name:
            continue  # a style sheet around the document: `engine.validation.document` takes it out
        raw = file.read_bytes()
        try:
            reading(raw)
        except DocumentError as error:
            assert {one.where for one in error.findings} == {"legalAuthenticator"}, file.name
            undated.add(file.name.partition("_")[0])
    assert undated <= {"BIO-TROD"}, "their signature's offset (+100) is no offset"


def test_without_a_set_number_versions_still_meet() -> None:
    raw = rendered().replace(b'<setId root="1.2.3.100"/>', b"")
    assert read(parse(raw), "received", ReceivedCda(raw)).version.set_id == Identifier("1.2.3.1")
    alone = rendered(version=replace(VERSION, replaces=None)).replace(b'<setId root="1.2.3.100"/>', b"")
    assert read(parse(alone), "received", ReceivedCda(alone)).version.set_id == VERSION.id


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        reading(f'<ClinicalDocument xmlns="{V3}"/>'.encode())
    assert len(caught.value.findings) == 10
    assert {one.code for one in caught.value.findings} == {"cda.header_incomplete"}


def test_two_patients_in_one_document_are_none() -> None:
    raw = rendered()
    target = raw[raw.index(b"<recordTarget>") : raw.index(b"</recordTarget>") + len(b"</recordTarget>")]
    with pytest.raises(DocumentError) as caught:
        reading(raw.replace(target, target + target))
    assert [one.where for one in caught.value.findings] == ["recordTarget"]


def test_a_spouses_name_is_not_the_patients() -> None:
    role = fragment(
        '<id root="1.2.250.1.213.1.4.10" extension="285039900000193"/><id root="1.2.3" extension="7"/>'
        '<patient><name><family qualifier="SP">EPOUX</family><family qualifier="BR">NEE</family>'
        "<family>USAGE</family><given>Anne</given><given>Marie</given></name></patient>"
    )
    found = patient(role)
    assert (found.birth_name, found.used_name) == ("NEE", "USAGE")
    assert found.birth_given_names == ("Anne", "Marie")
    assert found.ins == Ins("285039900000193", "1.2.250.1.213.1.4.10", qualified=False)
    assert found.ids == (Identifier("1.2.3", "7"),)


def test_what_is_null_is_absent() -> None:
    role = fragment('<id nullFlavor="UNK"/><telecom nullFlavor="UNK"/><addr nullFlavor="UNK"/>')
    found = patient(role)
    assert (found.ids, found.ins, found.telecoms, found.addresses, found.birth_time) == ((), None, (), (), None)
    assert code(first(fragment('<code nullFlavor="UNK" code="A" codeSystem="1"/>'), "code")) is None
    assert telecoms(fragment('<telecom value="tel:01"/><telecom/>'))[0].value == "tel:01"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20210409094914.827+0100", "20210409094914+0100"),
        ("20210409", "20210409"),
        ("2021", "2021"),
        ("20240106113623+100", None),
        ("20241306", None),
        ("", None),
    ],
)
def test_an_instant_is_as_precise_as_written_or_none(written: str, meant: str | None) -> None:
    found = time(first(fragment(f'<time value="{written}"/>'), "time"))
    assert found == (None if meant is None else Timestamp(meant))


def test_bounds_are_those_written() -> None:
    assert bounds(first(fragment('<t><low value="2021"/></t>'), "t")) == (Timestamp("2021"), None)
    assert bounds(first(fragment('<t value="2021"/>'), "t")) == (Timestamp("2021"), None)
    assert bounds(None) == (None, None)


def test_no_part_of_an_address_is_dropped() -> None:
    found = addresses(
        fragment(
            "<addr use='H'><houseNumber>28</houseNumber><streetName>avenue du Test</streetName>"
            "<unitID>Escalier A</unitID><additionalLocator>Bât. 2</additionalLocator>"
            "<postalCode>00000</postalCode><city>VILLETEST</city></addr><addr>1 rue seule</addr><addr/>"
        )
    )
    assert found == (
        Address(("28 avenue du Test", "Escalier A", "Bât. 2"), "00000", "VILLETEST", None, "H"),
        Address(("1 rue seule",)),
    )


def test_comments_are_no_words() -> None:
    assert text(first(fragment("<title>Compte <!-- non --> rendu</title>"), "title")) == "Compte rendu"


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_whatever_is_written_reading_gives_a_document_or_says_why_not(data: st.DataObject) -> None:
    raw = rendered().decode()
    start = data.draw(st.integers(0, raw.index("<component>")))
    end = data.draw(st.integers(start, min(len(raw), start + 80)))
    try:
        root = parse((raw[:start] + data.draw(st.text(max_size=8)) + raw[end:]).encode())
    except ValueError:
        return
    try:
        read(root, "received", ReceivedCda(b""))
    except DocumentError as error:
        assert error.findings
