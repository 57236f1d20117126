"""Results: values, units, ranges, flags, statuses. What cannot be typed for sure stays text; nothing is computed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.context import Context
from engine.findings import Disposition, Finding, disposition
from engine.formats.hprim.sante.mapping.ranges import Bounds, bounds
from engine.model.directory import MappedTest
from engine.model.document import ReportStatus
from engine.model.laboratory import Battery, CodedValue, Interval, Quantity, TextValue
from engine.model.values import Code
from tests.unit.formats.laboratory_fixture import LABORATORY, context, with_policy
from tests.unit.formats.sante.messages import (
    codes,
    comment,
    content,
    convert,
    finding,
    header,
    only_draft,
    only_result,
    patient,
    report,
    request,
    result,
    results,
    simple,
)


def mapped(*tests: MappedTest) -> Context:
    return context(replace(LABORATORY, tests=tests))


def findings(changes: dict[int, str]) -> tuple[Finding, ...]:
    return only_draft(simple(result(changes))).findings


@pytest.mark.parametrize(
    ("sent", "value"), [("5.30", "5.30"), ("+.52", "0.52"), ("-2", "-2"), ("0010", "10"), ("1 000 000", "1000000")]
)
def test_a_number_keeps_its_decimals(sent: str, value: str) -> None:
    found = only_result({6: sent})
    assert found.value == Quantity(Decimal(value), "mmol/L")
    assert isinstance(found.value, Quantity) and str(found.value.value) == value
    assert found.value_as_sent == sent


def test_a_decimal_comma_is_read_and_said() -> None:
    assert only_result({6: "5,30"}).value == Quantity(Decimal("5.30"), "mmol/L")
    assert "hprim.decimal_comma" in codes(findings({6: "5,30"}))


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("<0.6", Interval(high=Quantity(Decimal("0.6"), "mmol/L"), high_inclusive=False)),
        ("< 3.0", Interval(high=Quantity(Decimal("3.0"), "mmol/L"), high_inclusive=False)),
        (">10", Interval(low=Quantity(Decimal("10"), "mmol/L"), low_inclusive=False)),
        ("<=0.6", Interval(high=Quantity(Decimal("0.6"), "mmol/L"))),
        (">= 7", Interval(low=Quantity(Decimal("7"), "mmol/L"))),
        ("5.3", Quantity(Decimal("5.3"), "mmol/L")),
        ("Négatif", TextValue("Négatif mmol/L")),
        ("0.5 - 0.7", TextValue("0.5 - 0.7 mmol/L")),
    ],
)
def test_a_text_with_a_comparator_is_a_bound(sent: str, expected: object) -> None:
    assert only_result({3: "ST", 6: sent}).value == expected


@pytest.mark.parametrize("sent", ["5.3.1", "1e5", "NaN", "Infinity", "٣", "5 mmol", "--5", "5" * 60])
def test_what_is_no_number_stays_text_and_is_said(sent: str) -> None:
    segments = (header(), patient(), request(), result({6: sent}), "L|1")
    draft = only_draft("\r".join(segments).encode("utf-8"))
    assert results(draft)[0].value == TextValue(f"{sent} mmol/L")
    assert "hprim.value_type_mismatch" in codes(draft.findings)


def test_a_number_in_an_unmapped_unit_is_text_with_its_unit() -> None:
    draft = only_draft(simple(result({4: "XYZ~Inconnu~L", 6: "12.4", 7: "u.a."})))
    (found,) = results(draft)
    assert found.value == TextValue("12.4 u.a.")
    assert (found.value_as_sent, found.unit_as_sent) == ("12.4", "u.a.")
    assert {"mapping.unmapped_unit", "mapping.unmapped_code"} <= codes(draft.findings)
    assert disposition(draft.findings) is Disposition.PUBLISH


@pytest.mark.parametrize("unit", ["", "."])
def test_a_number_without_a_unit_is_text_unless_the_table_says(unit: str) -> None:
    assert only_result({4: "INR~INR~L", 6: "2.4", 7: unit}).value == TextValue("2.4")
    table = mapped(MappedTest("INR", "6301-6", unit_ucum="{INR}"))
    assert only_result({4: "INR~INR~L", 6: "2.4", 7: unit}, circumstances=table).value == Quantity(
        Decimal("2.4"), "{INR}"
    )


def test_a_unit_that_contradicts_the_table_holds() -> None:
    table = mapped(MappedTest("GLU", "40193-5", unit_ucum="mmol/L"))
    draft = only_draft(simple(result({7: "g/L"})), table)
    assert results(draft)[0].value == TextValue("5.30 g/L")
    assert finding(draft.findings, "mapping.unit_contradicts").disposition is Disposition.HOLD


def test_a_code_in_another_unit_family_is_not_mapped() -> None:
    draft = only_draft(simple(result({7: "g/L"})))
    assert results(draft)[0].concept.code is None
    assert results(draft)[0].value == Quantity(Decimal("5.30"), "g/L")
    assert "mapping.unmapped_code" in codes(draft.findings)


def test_a_loinc_sent_is_kept_and_never_trusted_alone() -> None:
    found = only_result({4: "XYZ~Inconnu~L~9999-9~Mot~LN"})
    assert found.concept.code is None
    assert [(one.code, one.system) for one in found.concept.local] == [
        ("XYZ", LABORATORY.local_codes_oid),
        ("9999-9", "2.16.840.1.113883.6.1"),
    ]
    assert "mapping.loinc_differs" in codes(findings({4: "GLU~Glucose~L~9999-9~Mot~LN"}))


def test_a_coded_value_keeps_its_code_and_its_words() -> None:
    found = only_result({3: "CE", 4: "ASPU~Aspect~L", 6: "TRB~Trouble~L", 7: "", 8: "", 9: ""})
    assert found.value == CodedValue("Trouble", None, Code("TRB", LABORATORY.local_codes_oid, "Trouble"))
    assert found.value_as_sent == "Trouble"


def test_several_coded_values_are_all_kept() -> None:
    found = only_result({3: "CE", 6: "A~Un~L^B~Deux~L", 7: "", 8: ""})
    assert found.value == TextValue("Un\nDeux")


def test_an_unknown_value_type_is_text() -> None:
    assert only_result({3: "ZZ", 6: "5.3", 7: "", 8: ""}).value == TextValue("5.3")
    assert "hprim.value_type_missing" in codes(findings({3: ""}))


def test_a_graph_is_kept_as_text() -> None:
    changes = {3: "GC", 6: "1~2^3~4", 7: "s~g", 8: "", 9: "", 18: "0~10"}
    draft = only_draft(simple(result(changes)))
    assert results(draft)[0].value == TextValue("1~2\n3~4\n0~10")
    assert "hprim.graph_as_text" in codes(draft.findings)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.10-5.90", Bounds(Decimal("4.10"), Decimal("5.90"))),
        ("10 - 40", Bounds(Decimal(10), Decimal(40))),
        ("-5.0", Bounds(None, Decimal("5.0"))),
        ("- 5", Bounds(None, Decimal(5))),
        ("60-", Bounds(Decimal(60), None)),
        ("-2-", Bounds(Decimal(-2), None)),
        ("-2 - 2", Bounds(Decimal(-2), Decimal(2))),
        ("-2-2", Bounds(Decimal(-2), Decimal(2))),
        ("-5--1", Bounds(Decimal(-5), Decimal(-1))),
        ("0,5-1,2", Bounds(Decimal("0.5"), Decimal("1.2"))),
        ("<5", Bounds(None, Decimal(5), False)),
        ("≥ 3", Bounds(Decimal(3), None, True)),
        ("vr : 4 a 10000", None),
        ("négatif", None),
        ("-", None),
        ("1-2-3", None),
        ("9" * 50 + "-", None),
    ],
)
def test_ranges_are_read_or_left(text: str, expected: Bounds | None) -> None:
    assert bounds(text) == expected


@given(st.text(st.sampled_from("0123456789.,-+<>≤ "), max_size=45))
def test_any_range_is_read_or_left_and_never_raises(text: str) -> None:
    found = bounds(text)
    assert found is None or found.low is not None or found.high is not None


def test_a_range_keeps_its_text_and_takes_the_unit_of_the_result() -> None:
    span = only_result({}).reference_range
    assert span is not None and span.interval is not None
    assert (span.text, span.interval.low, span.interval.high) == (
        "4.10-5.90",
        Quantity(Decimal("4.10"), "mmol/L"),
        Quantity(Decimal("5.90"), "mmol/L"),
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [("7 - 5.7", "hprim.range_reversed"), ("adulte", "hprim.range_unreadable"), ("1-2^3-4", "hprim.several_ranges")],
)
def test_a_doubtful_range_is_only_text(text: str, code: str) -> None:
    draft = only_draft(simple(result({8: text})))
    span = results(draft)[0].reference_range
    assert span is not None and span.interval is None
    assert span.text == text.replace("^", "\n")
    assert code in codes(draft.findings)


def test_the_range_of_a_text_result_has_no_bounds() -> None:
    span = only_result({3: "ST", 6: "Absence"}).reference_range
    assert span is not None and span.interval is None


@pytest.mark.parametrize(
    ("value", "flag", "said"),
    [
        ("5.30", "N", False),
        ("5.90", "N", False),
        ("6.00", "N", True),
        ("6.00", "H", False),
        ("6.00", "L", True),
        ("4.00", "LL", False),
        ("5.30", "HH", True),
        ("6.00", "", False),
        ("6.00", "A", False),
    ],
)
def test_a_flag_against_its_range_is_said_and_kept(value: str, flag: str, said: bool) -> None:
    draft = only_draft(simple(result({6: value, 9: flag})))
    assert ("mapping.flag_against_range" in codes(draft.findings)) == said
    assert [one.as_sent for one in results(draft)[0].interpretations] == ([flag] if flag else [])
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_several_flags_are_all_kept_and_null_is_no_flag_to_map() -> None:
    assert [one.as_sent for one in only_result({9: "A^W"}).interpretations] == ["A", "W"]
    assert "mapping.unmapped_flag" not in codes(findings({9: "Null"}))
    assert "mapping.unmapped_flag" in codes(findings({9: "VS"}))


@pytest.mark.parametrize("status", ["X", "D"])
def test_a_cancelled_result_has_no_value(status: str) -> None:
    draft = only_draft(simple(result(), result({4: "K~Potassium~L", 6: "6.8", 12: status})))
    cancelled = results(draft)[1]
    assert (cancelled.status, cancelled.value, cancelled.value_as_sent) == ("aborted", None, "6.8")


def test_all_cancelled_is_a_cancelled_report_that_is_held() -> None:
    for message in (
        simple(result({12: "X"}), result({4: "K~Potassium~L", 12: "D"})),
        content(header(), patient(), request({26: "X"})),
        content(header(), patient(), request({26: "D"}), result({12: "X", 6: ""})),
    ):
        draft = only_draft(message)
        assert draft.status is ReportStatus.CANCELLED
        assert draft.document.act.status == "aborted"
        assert finding(draft.findings, "hprim.cancelled").disposition is Disposition.HOLD


def test_an_empty_status_is_a_validated_result() -> None:
    found = only_result({12: ""})
    assert (found.status, found.status_as_sent) == ("completed", None)


@pytest.mark.parametrize(("obr", "obx"), [("C", "F"), ("F", "C"), ("F", "D")])
def test_a_correction_anywhere_is_a_corrected_report(obr: str, obx: str) -> None:
    message = content(header(), patient(), request({26: obr}), result(), result({4: "K~K~L", 12: obx}))
    assert only_draft(message).status is ReportStatus.CORRECTED


def test_a_partial_request_is_an_active_act() -> None:
    draft = only_draft(content(header(), patient(), request({26: "M"}), result()))
    assert (draft.status, draft.document.act.status) == (ReportStatus.PARTIAL, "active")
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_a_laboratory_may_publish_what_is_validated_of_a_partial_report() -> None:
    allowed = context(replace(LABORATORY, partial_reports="publish"))
    message = content(header(), patient(), request({26: "P"}), result(), result({4: "K~K~L", 6: "6.8", 12: "P"}))
    draft = only_draft(message, allowed)
    assert [one.concept.local[0].code for one in results(draft)] == ["GLU"]
    assert (draft.status, report(draft).status) == (ReportStatus.PARTIAL, "active")
    assert disposition(draft.findings) is Disposition.PUBLISH
    assert disposition(only_draft(message).findings) is Disposition.HOLD


def test_a_policy_cannot_publish_what_is_not_validated() -> None:
    loose = context(with_policy({"hprim.not_validated": "publish"}))
    message = content(header(), patient(), request({26: "P"}), result(), result({4: "K~K~L", 12: "R"}))
    assert disposition(only_draft(message, loose).findings) is Disposition.HOLD


def test_nothing_validated_yet_is_no_document() -> None:
    conversion = convert(content(header(), patient(), request({26: "P"}), result({12: "P"})))
    assert conversion.drafts == ()
    assert codes(conversion.findings) == {"hprim.request_not_validated"}
    received = convert(content(header(), patient(), request({26: "I"})))
    assert (received.drafts, codes(received.findings)) == ((), {"hprim.request_without_result"})


def test_an_unknown_status_is_not_published() -> None:
    draft = only_draft(simple(result(), result({4: "K~Potassium~L", 12: "Z"})))
    assert [one.concept.local[0].code for one in results(draft)] == ["GLU"]
    assert disposition(draft.findings) is Disposition.HOLD


def test_a_missing_request_status_holds_unless_each_result_says_its_own() -> None:
    message = content(header(), patient(), request({26: ""}), result())
    assert disposition(only_draft(message).findings) is Disposition.PUBLISH
    unsure = content(header(), patient(), request({26: ""}), result({12: ""}))
    assert disposition(only_draft(unsure).findings) is Disposition.HOLD


def test_the_same_test_twice_keeps_the_last_value_and_every_comment() -> None:
    message = simple(result(), comment("premier"), result({6: "4.2", 12: "C"}), comment("second"))
    draft = only_draft(message)
    (found,) = results(draft)
    assert (found.value_as_sent, found.status_as_sent) == ("4.2", "C")
    assert [one.text for one in found.comments] == ["premier", "second"]
    assert finding(draft.findings, "hprim.repeated_test").disposition is Disposition.PUBLISH


def test_two_valid_values_of_one_test_are_held() -> None:
    draft = only_draft(simple(result(), result({6: "9.9"})))
    assert [one.value_as_sent for one in results(draft)] == ["9.9"]
    assert finding(draft.findings, "hprim.repeated_test_differs").disposition is Disposition.HOLD


def test_a_preliminary_value_never_replaces_a_valid_one() -> None:
    draft = only_draft(simple(result(), result({6: "9.9", 12: "P"})))
    assert [one.value_as_sent for one in results(draft)] == ["5.30"]


def test_an_empty_result_is_held_unless_a_comment_explains() -> None:
    assert "hprim.value_missing" in codes(findings({6: ""}))
    draft = only_draft(simple(result({6: ""}), comment("Prélèvement hémolysé.")))
    assert results(draft)[0].status == "aborted"
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_the_time_of_a_result_is_its_own_else_that_of_the_sample() -> None:
    assert [only_result({15: one}).time.value for one in ("20250310", "")] == [  # type: ignore[union-attr]
        "20250310",
        "202503100815+0100",
    ]


def test_the_time_zone_is_the_laboratory_s() -> None:
    reunion = context(replace(LABORATORY, time_zone="Indian/Reunion"))
    found = only_result({15: "202503101400"}, circumstances=reunion)
    assert found.time is not None and found.time.value == "202503101400+0400"


def test_an_unreadable_date_is_said_and_left_out() -> None:
    draft = only_draft(simple(result({15: "20251399"})))
    found = finding(draft.findings, "hprim.invalid_time")
    assert found.where == "OBX[1].10.15"
    assert results(draft)[0].time is not None


def test_titles_name_their_battery() -> None:
    place = {16: "BIOCH~10~REIN~20~1"}
    title = result({3: "TX", 4: "T1~BILAN RENAL~L", 6: ".", 7: "", 8: "", 9: "", **place})
    draft = only_draft(simple(title, result(place)))
    (battery,) = report(draft).chapters[0].acts[0].items
    assert isinstance(battery, Battery) and battery.concept is not None
    assert (battery.concept.text, battery.origin) == ("BILAN RENAL", "OBX[1]")
    assert [one.origin for one in battery.results] == ["OBX[2]"]


def test_chapters_follow_the_ranks_of_their_sectors_even_turned() -> None:
    second = result({4: "HB~Hémoglobine~L", 16: "5~HEMAT~NFS~1~1"})
    draft = only_draft(simple(result({16: "BIOCH~10~A~1~1"}), second))
    assert [one.code.code for one in report(draft).chapters] == ["18723-7", "18719-5"]
    assert [one.code.code for one in (draft.document.act, *draft.document.acts) if one.code] == ["18723-7", "18719-5"]


def test_results_are_in_the_order_of_their_ranks() -> None:
    sent = [result({4: f"T{n}~Test~L", 16: f"BIOCH~10~B~{battery}~{test}"}) for n, battery, test in
            ((1, 2, 1), (2, 1, 2), (3, 1, 1))]  # fmt: skip
    assert [one.concept.local[0].code for one in results(only_draft(simple(*sent)))] == ["T3", "T2", "T1"]


def test_a_long_text_in_an_unknown_chapter_is_kept_and_said() -> None:
    draft = only_draft(content(header(), patient(), request({5: "ZZ~Divers~L", 25: ""}), result({16: "QUOI~1"})))
    assert [one.code.code for one in report(draft).chapters] == ["26436-6"]
    assert "mapping.chapter_fallback" in codes(draft.findings)
