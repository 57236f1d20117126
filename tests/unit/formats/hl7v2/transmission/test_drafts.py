"""A document message becomes drafts: the document as it came, its own numbers, the action asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.exchange import OrderKind
from engine.findings import Disposition, disposition
from engine.formats.hl7v2 import FORMAT
from engine.model.document import ReceivedCda, ReportStatus
from engine.model.values import Identifier
from tests.unit.documents_fixture import DOCUMENT, PATIENT
from tests.unit.formats.hl7v2.messages import with_value
from tests.unit.formats.hl7v2.transmission.messages import (
    DOCTOR,
    FIRST,
    GOLDEN,
    ROOT,
    SECOND,
    cda,
    context,
    convert,
    flags,
    inbound,
    message,
    only_draft,
    pid,
    saying,
)
from tests.unit.formats.laboratory_fixture import LABORATORY

DELETION = (FIRST.id.root, "")


def test_the_document_is_the_one_that_came_byte_for_byte() -> None:
    draft = only_draft(message(cda()))
    assert draft.document.body == ReceivedCda(cda())
    assert (draft.document.type, draft.document.title) == ("received", DOCUMENT.title)
    assert (draft.document.patient, draft.document.custodian.name) == (PATIENT, DOCUMENT.custodian.name)
    assert draft.findings == ()


def test_a_document_keeps_the_numbers_it_came_with() -> None:
    draft = only_draft(message(cda(SECOND), action="RO", ids=(SECOND.id.root, FIRST.id.root)))
    assert draft.version == SECOND
    assert draft.set_id == SECOND.set_id
    assert (draft.status, draft.kind) == (ReportStatus.CORRECTED, OrderKind.SEND)


def test_a_document_without_set_or_number_is_its_own_first_version() -> None:
    raw = cda().replace(f'<setId root="{ROOT}.100"/>'.encode(), b"").replace(b'<versionNumber value="1"/>', b"")
    draft = only_draft(message(raw))
    assert draft.version == replace(FIRST, set_id=FIRST.id)
    assert (draft.set_id, draft.status) == (FIRST.id, ReportStatus.FINAL)


def test_a_deletion_bears_the_document_to_delete_and_waits_for_it() -> None:
    draft = only_draft(message(cda(), action="CA"))
    assert (draft.kind, draft.version) == (OrderKind.DELETE, FIRST)
    assert draft.status is ReportStatus.CORRECTED


@pytest.mark.parametrize("kind", ["MDM", "ORU"])
def test_both_kinds_of_message_carry_the_same_document(kind: str) -> None:
    assert only_draft(message(cda(), kind=kind)) == only_draft(message(cda(), kind="MDM"))


def test_two_documents_of_a_message_share_what_is_asked_and_nothing_else() -> None:
    structured = (GOLDEN / "cr_bio" / "patient_with_qualified_ins.xml").read_bytes()
    level_3 = _about_our_patient(structured)
    conversion = convert(message(cda(), level_3, kind="ORU"))
    assert [one.version.id.root for one in conversion.drafts if one.version] == [FIRST.id.root, f"{ROOT}.3"]
    assert conversion.drafts[0].instructions == conversion.drafts[1].instructions
    assert len({one.set_id for one in conversion.drafts}) == 2


def test_two_forms_of_one_content_under_one_set_number_never_supersede_each_other() -> None:
    other = replace(FIRST, id=Identifier(f"{ROOT}.3"))
    first = convert(message(cda(), cda(other), kind="ORU")).drafts
    assert len({one.set_id for one in first}) == 2
    assert all(one.version is not None and one.version.set_id == one.set_id for one in first)
    again = convert(message(cda(), cda(other), kind="ORU", control_id="X")).drafts
    assert [one.set_id for one in first] == [one.set_id for one in again]


def test_each_request_of_a_message_has_its_own_documents_and_indicators() -> None:
    one = message(cda(), kind="ORU")
    other = message(cda(replace(FIRST, id=Identifier(f"{ROOT}.9"))), kind="ORU", flags=flags(DESTDMP="N"))
    drafts = convert(one + other[other.index(b"ORC|") :]).drafts
    assert [draft.instructions.dmp for draft in drafts] == [True, False]


def test_a_test_message_is_marked_as_one() -> None:
    assert only_draft(message(cda(), processing="T")).test
    assert not only_draft(message(cda())).test


def test_a_message_that_is_refused_gives_no_document() -> None:
    conversion = convert(message(b"Document au format CDA"))
    assert conversion.drafts == ()
    assert disposition(conversion.findings) is Disposition.REFUSE


@pytest.mark.parametrize(
    ("removed", "what"),
    [
        (b"custodian", "l'organisme de conservation"),
        (b"legalAuthenticator", "le responsable du document et la date de sa signature"),
        (b"author", "un auteur"),
        (b"componentOf", "le secteur d'activité du lieu de prise en charge"),
        (b"documentationOf", "l'acte documenté et sa date de début"),
    ],
)
def test_a_document_that_cannot_be_shared_is_refused_with_what_it_lacks(removed: bytes, what: str) -> None:
    raw = cda()
    start, end = raw.index(b"<" + removed), raw.rindex(b"</" + removed + b">") + len(removed) + 3
    conversion = convert(message(raw[:start] + raw[end:]))
    (found,) = [one for one in conversion.findings if one.code == "hl7v2.document_incomplete"]
    assert found.where == "OBX[1]-5.5"
    assert (
        found.message == f"Le document ne peut être ni partagé ni envoyé (OBX[1]-5.5) : il manque au document {what}."
    )


def test_everything_a_document_lacks_is_said_at_once() -> None:
    bare = b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id root="1.2.3"/></ClinicalDocument>'
    codes = [one.code for one in convert(message(bare, ids=("1.2.3", ""))).findings]
    assert codes.count("hl7v2.document_incomplete") == 9


def test_the_patient_is_the_same_person_for_the_sender_whatever_the_message() -> None:
    first, again = only_draft(message(cda())), only_draft(message(cda(SECOND), action="RO", ids=("", "")))
    assert first.patient_key
    assert first.patient_key == again.patient_key


def test_a_laboratorys_patient_has_one_key_whether_it_sends_results_or_documents() -> None:
    lab = replace(LABORATORY, sender_codes=("RIS-ESSAI",))
    results = (
        "MSH|^~\\&|RIS-ESSAI|Hopital-E|PASSEUR|E|20250310101500||ORU^R01^ORU_R01|R|P|2.5|||||FRA|UNICODE UTF-8\r"
        f"PID|||IPP0001^^^HOPITAL&{lab.requester_patient_ids_oid}&ISO^PI||TESTNAISSANCE^Hélène^^^^^L||19850312|F\r"
        "ORC|SC|D1|L1\rOBR|1|D1|L1|GLU^Glucose^L|||20250310080000|||||||20250310090000|||||||||20250310100000||B|F\r"
        "OBX|1|NM|GLU^Glucose^L||5.2|mmol/L|||||F\r"
    )
    site = replace(context(), laboratories=(lab,))
    (report,) = FORMAT.convert(inbound(results.encode()), site).drafts
    (document,) = FORMAT.convert(inbound(message(cda())), site).drafts
    assert report.patient_key == document.patient_key != ""


def test_an_earlier_edition_is_read_without_its_orders() -> None:
    content = message(cda(), kind="ORU", edition="2.0^CISIS_CDA_HL7_V2").replace(b"ORC|NW", b"ORC|SC")
    assert only_draft(content).kind is OrderKind.SEND


def test_an_edition_that_names_no_recipient_leaves_them_to_the_document() -> None:
    content = message(cda(), kind="ORU", edition="1.2^CISIS_CDA_HL7_V1", participants=[]).replace(b"ORC|NW", b"ORC|SC")
    draft = only_draft(content)
    assert draft.instructions.mailboxes is None
    assert [telecom.value for one in draft.document.recipients for telecom in one.telecoms] == [
        "tel:0100000002",
        f"mailto:{DOCTOR}",
    ]


def test_a_document_found_among_results_is_never_taken_alone() -> None:
    mixed = message(cda(), kind="ORU", edition="").replace(b"OBX|2|CE|MASQUE_PS", b"OBX|2|NM|GLU")
    conversion = convert(mixed)
    assert conversion.drafts == ()
    assert "hl7v2.document_flow" in [one.code for one in conversion.findings]


def test_a_document_presented_by_its_style_sheet_is_read() -> None:
    sheet = b'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
    wrapped = sheet + cda().partition(b"?>")[2] + b"</xsl:stylesheet>"
    assert only_draft(message(wrapped)).document.body == ReceivedCda(wrapped)


def test_conversion_is_pure() -> None:
    assert convert(message(cda())) == convert(message(cda()))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_message_conversion_never_raises(data: st.DataObject) -> None:
    content = message(b"<ClinicalDocument/>", identity=pid())
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    noise = data.draw(st.binary(max_size=20))
    convert(content[:start] + noise + content[end:])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_whatever_stands_in_a_document_conversion_never_raises(data: st.DataObject) -> None:
    raw = cda()
    header = raw.index(b"<component>")
    start = data.draw(st.integers(0, header))
    end = data.draw(st.integers(start, min(header, start + 60)))
    made = convert(message(raw[:start] + data.draw(st.binary(max_size=20)) + raw[end:]))
    for draft in made.drafts:
        assert isinstance(draft.document.body, ReceivedCda)


def test_what_was_read_is_what_the_message_has() -> None:
    other = message(cda(FIRST, saying("GLYCEMIE 1,20 g/L")))
    assert only_draft(other).document.body != only_draft(message(cda())).document.body
    assert inbound(other).content == other
    assert with_value(other, "MSH-10", b"X") != other


def _about_our_patient(raw: bytes) -> bytes:
    start, end = raw.index(b"<recordTarget>"), raw.index(b"</recordTarget>")
    ours = cda()
    target = ours[ours.index(b"<recordTarget>") : ours.index(b"</recordTarget>")]
    raw = raw[:start] + target + raw[end:]
    before, _, rest = raw.partition(b'<id root="')
    return before + f'<id root="{ROOT}.3'.encode() + rest[rest.index(b'"') :]
