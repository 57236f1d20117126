"""Every sample behaves as the manifest beside it says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.findings import disposition
from engine.model.document import PdfBody, TextBody
from engine.model.laboratory import Comment
from tests.unit.formats.hl7v2.results.messages import SAMPLES, acts, items, only_draft, report, results, sample

MANIFEST: list[dict[str, Any]] = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))["samples"]


def test_every_sample_of_the_folder_is_in_the_manifest() -> None:
    assert [one["file"] for one in MANIFEST] == sorted(file.name for file in SAMPLES.glob("*.hl7"))


@pytest.mark.parametrize("expected", MANIFEST, ids=lambda one: str(one["file"]))
def test_a_sample_behaves_as_its_manifest_says(expected: dict[str, Any]) -> None:
    conversion = sample(expected["file"].removesuffix(".hl7"))
    assert conversion.kind == f"HL7v2 {expected['event']} 2.5"
    assert conversion.sender == "990000002"
    found = [
        {
            "type": draft.document.type,
            "status": draft.status.value,
            "disposition": disposition((*conversion.findings, *draft.findings)).value,
            "results": len(results(draft)) if draft.document.type == "cr_bio" else 0,
            "test": draft.test,
        }
        for draft in conversion.drafts
    ]
    assert found == expected["documents"]


def test_a_pdf_goes_with_the_results_it_shows() -> None:
    document = sample("R06_pdf_joint").drafts[0].document
    assert document.attached_pdf is not None and document.attached_pdf.startswith(b"%PDF")
    assert [one.concept.text for one in results(sample("R06_pdf_joint").drafts[0])] == ["Glucose"]


def test_a_pdf_alone_is_a_document_of_level_one() -> None:
    body = sample("R20_pdf_seul").drafts[0].document.body
    assert isinstance(body, PdfBody) and body.pdf.startswith(b"%PDF")


def test_a_text_alone_is_a_document_of_level_one_line_by_line() -> None:
    body = sample("R07_texte_seul").drafts[0].document.body
    assert isinstance(body, TextBody)
    assert body.lines == (
        "LABORATOIRE FICTIF",
        "",
        "Myélogramme du 10/03/2025",
        "Moelle riche & polymorphe.",
        "Conclusion : normal.",
    )


def test_a_single_byte_character_set_says_the_same() -> None:
    draft = sample("R14_latin1").drafts[0]
    assert draft.document.patient.first_given_name == "Hélène"
    (one,) = results(draft)
    assert (one.concept.text, one.unit_as_sent) == ("Créatinine", "µmol/L")
    assert [comment.text for comment in one.comments] == ["Prélèvement à 8 °C ; cœur."]


def test_the_specimen_first_structure_says_the_same() -> None:
    draft = sample("R15_oul_r22").drafts[0]
    (act,) = acts(draft)
    assert [one.id.extension for one in act.specimens if one.id] == ["TUBE15"]
    assert act.specimens[0].additive == "Sans additif"
    assert isinstance(items(draft)[0], Comment)
    assert [one.origin for one in results(draft)] == ["OBX[1]", "OBX[2]"]


def test_comments_stand_where_they_were_said() -> None:
    draft = sample("R12_commentaires").drafts[0]
    assert [one.text for one in report(draft).comments] == ["Patient à jeun."]
    first = items(draft)[0]
    assert isinstance(first, Comment) and first.text == "Sérum légèrement lactescent.\nÀ contrôler."
    assert [one.text for one in results(draft)[0].comments] == [
        "Première ligne\ndeuxième ligne",
        "Conclusion : 5 < 6 & stable.",
    ]


def test_the_bytes_decide_and_nothing_else() -> None:
    raw = (SAMPLES / "R01_biochimie.hl7").read_bytes()
    first, again = only_draft(raw), only_draft(b"\x0b" + raw.replace(b"\r", b"\r\n") + b"\x1c\r")
    assert again.document == first.document
    assert again == first
