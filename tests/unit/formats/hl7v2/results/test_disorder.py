"""Segments out of order, cut or added: nothing goes to what it does not belong to, nothing is lost in silence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange import Attachment
from engine.findings import Disposition, disposition
from tests.unit.formats.hl7v2.results.messages import (
    acts,
    codes,
    content,
    convert,
    finding,
    items,
    msh,
    note,
    obr,
    obx,
    only_draft,
    orc,
    pid,
    report,
    results,
    segment,
    simple,
)

SPM = segment("SPM", {1: "1", 2: "^TUBE1", 4: "SER^Sérum^HL70487"})
OUL = {9: "OUL^R22^OUL_R22"}


@pytest.mark.parametrize(
    "segments",
    [
        (pid(), obx(), orc(), obr()),
        (pid(), orc(), obr(), obx(), orc({3: "N2"}), obx()),
        (pid(), orc(), obr(), obx(), pid({3: "X2"}), obx()),
    ],
)
def test_a_result_that_belongs_to_no_request_refuses_the_message(segments: tuple[str, ...]) -> None:
    conversion = convert(content(msh(), *segments))
    assert conversion.drafts == ()
    assert finding(conversion.findings, "hl7v2.result_before_request").disposition is Disposition.REFUSE


@pytest.mark.parametrize("stray", [obx(), orc(), obr(), SPM])
def test_a_segment_before_the_patient_refuses_the_message(stray: str) -> None:
    conversion = convert(content(msh(), stray, pid(), orc(), obr(), obx()))
    assert conversion.drafts == ()
    assert finding(conversion.findings, "hl7v2.before_patient").where == f"{stray[:3]}[1]"


@pytest.mark.parametrize("segments", [(msh({14: "SUITE1"}),), (msh(), "DSC|SUITE1|F")])
def test_a_message_that_goes_on_elsewhere_is_refused(segments: tuple[str, ...]) -> None:
    message = content(segments[0], pid(), orc(), obr(), obx(), *segments[1:])
    conversion = convert(message)
    assert conversion.drafts == ()
    assert "hl7v2.continued_elsewhere" in codes(conversion.findings)


def test_an_empty_continuation_says_nothing() -> None:
    assert convert(simple(obx(), "DSC")).drafts


def test_segments_of_another_trade_are_said_once_each() -> None:
    draft = convert(simple(obx(), "TQ1|1||||||20250310", "ZLA|x", "ZLA|y", note("du résultat ? non, de la demande")))
    told = [one.where for one in draft.findings if one.code == "hl7v2.segment_not_carried"]
    assert told == ["TQ1[1]", "ZLA[1]"]
    assert [item.text for item in items(draft.drafts[0]) if hasattr(item, "text")] == [
        "du résultat ? non, de la demande"
    ]


def test_fields_without_a_place_are_said_once_each() -> None:
    findings = only_draft(simple(obx({19: "20250310"}), obx({3: "NA^Sodium^L", 19: "20250310"}))).findings
    assert [one.where for one in findings if one.code == "hl7v2.field_not_carried"] == ["OBX[1]-19"]


def test_a_comment_of_the_whole_message_goes_to_its_only_patient() -> None:
    draft = only_draft(content(msh(), note("Du message"), pid(), orc(), obr(), obx()))
    assert [one.text for one in report(draft).comments] == ["Du message"]
    two = convert(content(msh(), note("Du message"), pid(), orc(), obr(), obx(), pid({3: "X2"}), orc({3: "N2"}),
                          obr({3: "N2"}), obx()))  # fmt: skip
    assert finding(two.findings, "hl7v2.comment_misplaced").disposition is Disposition.HOLD


def test_a_comment_after_an_order_goes_to_its_request() -> None:
    draft = only_draft(content(msh(), pid(), orc(), note("De la demande"), obr(), obx()))
    assert [item.text for item in items(draft) if hasattr(item, "text")] == ["De la demande"]


def test_results_about_a_sample_stay_with_its_request() -> None:
    volume = obx({3: "VOL^Volume^L", 5: "10", 6: "mL", 7: "", 8: ""})
    in_oru = only_draft(content(msh(), pid(), orc(), obr(), obx(), SPM, volume))
    in_oul = only_draft(content(msh(OUL), pid(), SPM, volume, obr(), orc(), obx()))
    assert sorted(one.concept.text for one in results(in_oru)) == ["Glucose", "Volume"]
    assert sorted(one.concept.text for one in results(in_oul)) == ["Glucose", "Volume"]


def test_each_specimen_of_an_oul_has_its_own_requests() -> None:
    urine = segment("SPM", {1: "2", 2: "^TUBE2", 4: "UR^Urine^HL70487"})
    other = obr({4: "IONOU^Ionogramme urinaire^L", 24: "", 15: ""})
    draft = only_draft(content(msh(OUL), pid(), SPM, obr({15: ""}), orc(), obx(), urine, other, orc(), obx()))
    found = {act.title: [one.id.extension for one in act.specimens if one.id] for act in acts(draft)}
    assert found == {"Bilan biochimique": ["TUBE1"], "Ionogramme urinaire": ["TUBE2"]}


def test_an_unreadable_date_is_said_and_left_out() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({7: "hier"}), obx({14: "20250399"})))
    assert [one.where for one in draft.findings if one.code == "hl7v2.invalid_time"] == ["OBR[1]-7", "OBX[1]-14"]
    assert results(draft)[0].time is None


def test_a_file_beside_the_message_is_its_pdf_when_nothing_else_can_be_meant() -> None:
    pdf = Attachment("cr.pdf", b"%PDF-1.4 x")
    assert only_draft(simple(obx()), attachments=(pdf,)).document.attached_pdf == pdf.content
    two = content(msh(), pid(), orc(), obr(), obx(), orc({3: "N2"}), obr({3: "N2"}), obx())
    assert "hl7v2.attachment_unassigned" in codes(convert(two, attachments=(pdf,)).findings)
    assert "hl7v2.attachment_unused" in codes(convert(simple(obx()), attachments=(Attachment("a", b"x"),)).findings)


@pytest.mark.parametrize(
    ("data", "code"),
    [("^AP^PDF^Base64^JVB", "hl7v2.attachment_invalid"), ("^AP^PDF^Base64^%%%", "hl7v2.attachment_invalid"),
     ("^IM^PNG^Base64^iVBORw0KGgo=", "hl7v2.attachment_not_carried")],
)  # fmt: skip
def test_a_document_that_cannot_be_carried_holds(data: str, code: str) -> None:
    draft = only_draft(simple(obx(), obx({2: "ED", 3: "CR^Compte rendu^L", 5: data, 6: "", 7: "", 8: ""})))
    assert finding(draft.findings, code).disposition is Disposition.HOLD
    assert draft.document.attached_pdf is None


ANY_SEGMENT = st.sampled_from(
    [pid(), pid({3: "X2"}), orc(), orc({3: "N2"}), obr(), obr({3: "N2", 29: "^N1"}), obx(), obx({11: "P"}), SPM,
     note("note"), segment("PV1", {2: "I"}), segment("PRT", {4: "RCT", 5: "1^NOM"}), "DSC", "ZZZ|1", "NTE"]
)  # fmt: skip


@given(st.lists(ANY_SEGMENT, max_size=14), st.booleans())
def test_segments_in_any_order_are_converted_or_refused_and_every_result_is_told(
    segments: list[str], specimen_first: bool
) -> None:
    conversion = convert(content(msh(OUL if specimen_first else None), *segments))
    sent = sum(one.startswith("OBX") for one in segments)
    if disposition(conversion.findings) is Disposition.REFUSE:
        assert conversion.drafts == ()
        return
    origins = {one.origin for draft in conversion.drafts for one in results(draft)}
    told = {
        one.where.split("-")[0]
        for one in (*conversion.findings, *(found for draft in conversion.drafts for found in draft.findings))
    }
    pending = "hl7v2.request_not_validated" in codes(conversion.findings)
    assert pending or {f"OBX[{rank}]" for rank in range(1, sent + 1)} <= origins | told
