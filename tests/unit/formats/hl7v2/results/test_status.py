"""ORC-1, ORC-5, OBR-25, OBX-11: only what is validated is published, and contradictions hold."""

from __future__ import annotations

import pytest

from engine.findings import Disposition, disposition
from engine.model.document import ReportStatus
from tests.unit.formats.hl7v2.results.messages import (
    TRUSTING,
    acts,
    codes,
    content,
    convert,
    finding,
    msh,
    note,
    obr,
    obx,
    only_draft,
    orc,
    pid,
    report,
    results,
    sample,
    simple,
)
from tests.unit.formats.laboratory_fixture import context, with_policy

NA = {3: "NA^Sodium^L", 7: "136-145", 5: "139"}


@pytest.mark.parametrize("status", ["P", "R", "I", "S", "Q"])
def test_a_result_that_is_not_validated_is_never_in_the_document(status: str) -> None:
    draft = only_draft(simple(obx(), obx({**NA, 11: status})))
    assert [one.origin for one in results(draft)] == ["OBX[1]"]
    assert draft.status is ReportStatus.PARTIAL
    assert disposition(draft.findings) is Disposition.HOLD
    assert acts(draft)[0].status == report(draft).status == "active"


def test_a_partial_report_is_published_where_the_laboratory_allows_it() -> None:
    draft = sample("R04_partiel", context(TRUSTING)).drafts[0]
    assert [one.concept.text for one in results(draft)] == ["Glucose"]
    assert draft.status is ReportStatus.PARTIAL
    assert disposition(draft.findings) is Disposition.PUBLISH
    assert "hl7v2.partial_published" in codes(draft.findings)


@pytest.mark.parametrize("status", ["R", "M"])
def test_a_request_that_is_not_verified_holds_whatever_its_results_say(status: str) -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({25: status}), obx()), context(TRUSTING))
    assert finding(draft.findings, "hl7v2.request_not_verified").disposition is Disposition.HOLD


def test_nothing_validated_makes_no_document_and_says_so() -> None:
    conversion = convert(content(msh(), pid(), orc(), obr({25: "P"}), obx({11: "P"})))
    assert conversion.drafts == ()
    assert "hl7v2.request_not_validated" in codes(conversion.findings)
    assert disposition(conversion.findings) is Disposition.PUBLISH


def test_a_correction_is_the_same_report_corrected() -> None:
    first, second = sample("R01_biochimie").drafts[0], sample("R03_correction").drafts[0]
    assert second.status is ReportStatus.CORRECTED
    assert (second.set_id, second.patient_key) == (first.set_id, first.patient_key)
    assert disposition(second.findings) is Disposition.PUBLISH


@pytest.mark.parametrize(
    ("order", "request_", "result"), [({}, {25: "C"}, {}), ({}, {}, {11: "C"}), ({1: "RO"}, {}, {})]
)
def test_any_sign_of_correction_makes_a_correction(
    order: dict[int, str], request_: dict[int, str], result: dict[int, str]
) -> None:
    draft = only_draft(content(msh(), pid(), orc(order), obr(request_), obx(result)))
    assert draft.status is ReportStatus.CORRECTED


@pytest.mark.parametrize(("status", "code"), [("D", None), ("W", "hl7v2.posted_as_wrong")])
def test_a_withdrawn_result_is_named_without_its_value(status: str, code: str | None) -> None:
    draft = only_draft(simple(obx({11: status}), obx(NA)))
    first, second = results(draft)
    assert (first.status, first.value) == ("aborted", None)
    assert second.status == "completed"
    assert draft.status is ReportStatus.CORRECTED
    assert code is None or finding(draft.findings, code).disposition is Disposition.HOLD


def test_a_result_that_could_not_be_obtained_is_no_correction() -> None:
    draft = only_draft(simple(obx({11: "X", 5: ""}), note("Tube hémolysé."), obx(NA)))
    first = results(draft)[0]
    assert (first.status, [one.text for one in first.comments]) == ("aborted", ["Tube hémolysé."])
    assert draft.status is ReportStatus.FINAL
    assert disposition(draft.findings) is Disposition.PUBLISH


@pytest.mark.parametrize(
    ("order", "request_"), [({1: "CA"}, {25: "X"}), ({5: "CA"}, {25: ""}), ({}, {25: "X"}), ({1: "OC"}, {25: ""})]
)
def test_a_cancelled_request_is_a_cancelled_report_and_holds(order: dict[int, str], request_: dict[int, str]) -> None:
    draft = only_draft(content(msh(), pid(), orc(order), obr(request_), obx({11: "X", 5: ""})))
    assert draft.status is ReportStatus.CANCELLED
    assert draft.document.act.status == "aborted"
    assert "hl7v2.cancelled" in codes(draft.findings)
    assert disposition(draft.findings) is Disposition.HOLD


@pytest.mark.parametrize(("order", "request_"), [({1: "CA"}, {}), ({5: "CA"}, {}), ({}, {25: "X"})])
def test_a_cancelled_request_with_final_results_is_a_contradiction(
    order: dict[int, str], request_: dict[int, str]
) -> None:
    draft = only_draft(content(msh(), pid(), orc(order), obr(request_), obx()))
    assert finding(draft.findings, "hl7v2.status_contradiction").disposition is Disposition.HOLD
    assert results(draft)[0].value is not None


def test_a_result_without_a_status_holds_unless_the_laboratory_says_otherwise() -> None:
    message = simple(obx({11: ""}))
    assert disposition(only_draft(message).findings) is Disposition.HOLD
    agreed = context(with_policy({"hl7v2.result_status_missing": "publish"}))
    assert disposition(only_draft(message, agreed).findings) is Disposition.PUBLISH


def test_a_rule_that_protects_a_patient_cannot_be_loosened() -> None:
    agreed = context(with_policy({"hl7v2.status_contradiction": "publish"}))
    draft = only_draft(content(msh(), pid(), orc(), obr({25: "X"}), obx()), agreed)
    assert finding(draft.findings, "hl7v2.status_contradiction").disposition is Disposition.HOLD


@pytest.mark.parametrize(("sent", "code"), [("Y", "hl7v2.order_not_known"), ("Z", "hl7v2.order_not_known"),
                                            ("K", "hl7v2.status_unknown")])  # fmt: skip
def test_a_status_that_is_no_result_holds(sent: str, code: str) -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({25: sent}), obx()))
    assert finding(draft.findings, code).disposition is Disposition.HOLD


def test_a_missing_request_status_is_read_from_results_that_all_say_theirs() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr({25: ""}), obx()))
    assert "hl7v2.request_status_missing" in codes(draft.findings)
    assert disposition(draft.findings) is Disposition.PUBLISH
    unsure = only_draft(content(msh(), pid(), orc(), obr({25: ""}), obx({11: ""})))
    assert finding(unsure.findings, "hl7v2.request_status_unsure").disposition is Disposition.HOLD


def test_a_final_request_without_result_holds() -> None:
    draft = only_draft(content(msh(), pid(), orc(), obr()))
    assert finding(draft.findings, "hl7v2.final_request_without_result").disposition is Disposition.HOLD


def test_a_request_still_waiting_beside_a_final_one_is_said() -> None:
    other = obr({1: "2", 4: "SERO^Sérologie^L", 15: "", 7: "", 14: "", 25: "I"})
    draft = only_draft(content(msh(), pid(), orc(), obr(), obx(), orc(), other))
    assert draft.status is ReportStatus.PARTIAL
    assert len(acts(draft)) == 1
    assert "hl7v2.request_without_result" in codes(draft.findings)


@pytest.mark.parametrize("status", ["N", "O"])
def test_a_line_that_is_no_result_is_said_and_makes_nothing_partial(status: str) -> None:
    draft = only_draft(simple(obx(), obx({**NA, 11: status})))
    assert draft.status is ReportStatus.FINAL
    assert finding(draft.findings, "hl7v2.no_result_meant").where == "OBX[2]-11"


def test_a_confirmation_without_its_value_needs_a_person() -> None:
    draft = only_draft(simple(obx({11: "U", 5: ""})))
    assert finding(draft.findings, "hl7v2.confirmed_without_value").disposition is Disposition.HOLD
    assert results(draft)[0].status_as_sent == "U"


def test_a_correction_in_the_same_message_takes_the_place_of_the_first_value() -> None:
    draft = only_draft(simple(obx({5: "5.30"}), note("avant"), obx({5: "5.10", 11: "C"})))
    (one,) = results(draft)
    assert (one.value_as_sent, one.status_as_sent, one.origin) == ("5.10", "C", "OBX[2]")
    assert [comment.text for comment in one.comments] == ["avant"]
    assert "hl7v2.repeated_test" in codes(draft.findings)


def test_two_final_values_of_one_test_are_both_shown_and_hold() -> None:
    draft = only_draft(simple(obx({5: "5.30"}), obx({5: "5.10"})))
    assert [one.value_as_sent for one in results(draft)] == ["5.30", "5.10"]
    assert finding(draft.findings, "hl7v2.repeated_test_differs").disposition is Disposition.HOLD


def test_a_mere_repetition_is_kept_once() -> None:
    draft = only_draft(simple(obx(), obx()))
    assert len(results(draft)) == 1
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_a_curve_is_not_a_repetition() -> None:
    draft = only_draft(simple(obx(), obx({5: "7.80", 7: "", 8: "", 14: "20250310150000"})))
    assert [one.value_as_sent for one in results(draft)] == ["5.30", "7.80"]
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_an_order_under_way_against_a_final_request_is_said() -> None:
    draft = only_draft(content(msh(), pid(), orc({5: "IP"}), obr(), obx()))
    assert draft.status is ReportStatus.FINAL
    assert finding(draft.findings, "hl7v2.order_status_differs").where == "ORC[1]-5"


@pytest.mark.parametrize(("sent", "code"), [("R", "R"), ("V", "V"), ("PSY", "R"), ("HIV", "R")])
def test_a_confidential_request_is_held_and_the_document_says_so(sent: str, code: str) -> None:
    draft = only_draft(content(msh(), pid(), orc({28: sent}), obr(), obx()))
    assert draft.document.confidentiality.code == code
    assert finding(draft.findings, "hl7v2.confidential").disposition is Disposition.HOLD


def test_a_result_whose_access_is_restricted_holds() -> None:
    draft = only_draft(simple(obx({13: "NE PAS DIFFUSER"})))
    assert finding(draft.findings, "hl7v2.access_restricted").where == "OBX[1]-13"
