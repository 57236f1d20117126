"""PDF inside or beside a message: carried byte for byte, or the document is held."""

from __future__ import annotations

import base64

import pytest

from engine.exchange import Attachment
from engine.findings import Disposition, disposition
from engine.model.document import PdfBody, TextBody
from tests.unit.formats.sante.messages import (
    codes,
    comment,
    content,
    convert,
    finding,
    header,
    only_draft,
    patient,
    report,
    request,
    result,
    results,
    simple,
)

PDF = b"%PDF-1.4\n%fictif " + bytes(range(256)) + b"\n%%EOF"
NOTHING = {7: "", 8: "", 9: ""}


def inline(data: bytes = PDF, kind: str = "PDF", code: str = "CRLPDF") -> str:
    encoded = base64.b64encode(data).decode()
    return result({**NOTHING, 3: kind, 4: f"{code}~Compte rendu~L", 6: encoded})


def beside(name: str = "CR1.PDF", code: str = "CRLFICPDF") -> str:
    return result({**NOTHING, 3: "FIC", 4: f"{code}~Compte rendu~L", 6: f"ACROBAT~{name}~PDF"})


def test_a_pdf_inside_the_message_is_carried_byte_for_byte() -> None:
    draft = only_draft(simple(result(), inline()))
    assert draft.document.attached_pdf == PDF
    assert len(results(draft)) == 1


def test_a_pdf_cut_over_several_lines_is_whole() -> None:
    sent = inline(PDF * 10)
    cut = "\r\nA|".join(sent[n : n + 217] for n in range(0, len(sent), 217))
    assert only_draft(simple(result(), cut)).document.attached_pdf == PDF * 10


@pytest.mark.parametrize("name", ["CR1.PDF", "cr1.pdf", "C:\\ENVOI\\CR1.PDF", "/envoi/CR1.PDF"])
def test_a_pdf_beside_the_message_is_found_by_its_name(name: str) -> None:
    draft = only_draft(simple(result(), beside(name)), attachments=(Attachment("cr1.pdf", PDF),))
    assert draft.document.attached_pdf == PDF
    assert disposition(draft.findings) is Disposition.PUBLISH


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (beside(), "hprim.attachment_missing"),
        (inline(b"pas un pdf"), "hprim.attachment_invalid"),
        (result({**NOTHING, 3: "PDF", 4: "CRLPDF~CR~L", 6: "@@@"}), "hprim.attachment_invalid"),
        (inline(b"II*\x00xxxx", "TIF", "CRLTIF"), "hprim.attachment_not_carried"),
    ],
)
def test_a_document_that_cannot_be_carried_holds(sent: str, code: str) -> None:
    draft = only_draft(simple(result(), sent))
    assert finding(draft.findings, code).disposition is Disposition.HOLD
    assert draft.document.attached_pdf is None


def test_the_last_of_two_pdf_is_carried_and_a_person_looks() -> None:
    draft = only_draft(simple(result(), inline(), inline(PDF + b"2")))
    assert draft.document.attached_pdf == PDF + b"2"
    assert "hprim.several_pdf" in codes(draft.findings)


def test_a_pdf_named_by_no_result_is_the_only_report_s() -> None:
    draft = only_draft(simple(result()), attachments=(Attachment("FICT9999.PDF", PDF),))
    assert draft.document.attached_pdf == PDF


def test_a_pdf_that_may_be_of_either_report_holds_the_message() -> None:
    message = content(header(), patient(), request(), result(), request({4: "~2"}), result())
    conversion = convert(message, attachments=(Attachment("FICT9999.PDF", PDF),))
    assert finding(conversion.findings, "hprim.attachment_unassigned").disposition is Disposition.HOLD


def test_a_scan_of_the_prescription_is_no_report() -> None:
    draft = only_draft(simple(result(), beside("ORD.PDF", "ORDFICPDF")), attachments=(Attachment("ORD.PDF", PDF),))
    assert draft.document.attached_pdf is None
    assert "hprim.prescription_scan" in codes(draft.findings)


def test_nothing_but_a_pdf_is_a_document_of_one_pdf() -> None:
    document = only_draft(simple(inline())).document
    assert (document.type, document.body) == ("cr_bio_n1", PdfBody(PDF))


def test_nothing_but_text_is_a_document_of_text_with_its_comments() -> None:
    text = result({**NOTHING, 3: "TX", 4: "CREDITABLE~CR~L", 6: "Ligne 1^^Ligne 3"})
    draft = only_draft(simple(text, comment("relu")))
    assert draft.document.body == TextBody(("Ligne 1", "", "Ligne 3", "", "relu"))
    assert draft.document.type == "cr_bio_n1"
    assert "hprim.level_one" in codes(draft.findings)


def test_a_comment_of_a_pdf_keeps_the_body_that_can_hold_it() -> None:
    draft = only_draft(simple(inline(), comment("à lire")))
    assert [one.text for one in report(draft).comments] == ["à lire"]
    assert draft.document.attached_pdf == PDF
