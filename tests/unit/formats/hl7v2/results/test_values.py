"""OBX-2, OBX-5 and OBX-6: each type of value becomes what it says, or stays the text that was sent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.model.directory import MappedTest
from engine.model.laboratory import CodedValue, Interval, Quantity, TextValue, Value
from tests.unit.formats.hl7v2.results.messages import (
    NOTHING,
    codes,
    finding,
    items,
    note,
    obx,
    only_draft,
    only_result,
    results,
    sample,
    simple,
)
from tests.unit.formats.laboratory_fixture import LABORATORY, context

MG = Quantity(Decimal("100"), "mg/L")


@pytest.mark.parametrize(
    ("sent", "value", "shown"),
    [
        ("^100", MG, "100"),
        ("=^100", MG, "=100"),
        (">^100", Interval(low=MG, low_inclusive=False), ">100"),
        (">=^100", Interval(low=MG), ">=100"),
        ("<^100", Interval(high=MG, high_inclusive=False), "<100"),
        ("<=^100", Interval(high=MG), "<=100"),
        ("^100^-^200.0", Interval(MG, Quantity(Decimal("200.0"), "mg/L")), "100-200.0"),
        ("^1^:^128", TextValue("1:128 mg/L"), "1:128"),
        ("^2^+", TextValue("2+ mg/L"), "2+"),
        ("<>^100", TextValue("<>100 mg/L"), "<>100"),
        ("^200^-^100", TextValue("200-100 mg/L"), "200-100"),
        (">^100^-^200", TextValue(">100-200 mg/L"), ">100-200"),
        ("^abc", TextValue("abc mg/L"), "abc"),
    ],
)
def test_a_structured_number_is_typed_only_when_it_says_one_thing(sent: str, value: Value, shown: str) -> None:
    found = only_result(obx({**NOTHING, 2: "SN", 3: "CRP^CRP^L", 5: sent, 6: "mg/L"}))
    assert (found.value, found.value_as_sent) == (value, shown)


def test_decimals_are_kept_as_sent() -> None:
    found = only_result(obx({5: "5.30"}))
    assert found.value == Quantity(Decimal("5.30"), "mmol/L")
    assert str(found.value.value) == "5.30"


@pytest.mark.parametrize("sent", ["5,30", "5.30"])
def test_a_decimal_comma_is_a_point(sent: str) -> None:
    found = only_result(obx({2: "NM", 5: sent}))
    assert found.value == Quantity(Decimal("5.30"), "mmol/L")
    assert found.value_as_sent == sent


def test_a_number_that_is_none_stays_text_and_is_said() -> None:
    draft = only_draft(simple(obx({5: "hémolysé"})))
    assert results(draft)[0].value == TextValue("hémolysé mmol/L")
    assert finding(draft.findings, "hl7v2.value_type_mismatch").where == "OBX[1]-5"


def test_a_lone_number_sent_as_text_is_no_quantity() -> None:
    found = only_result(obx({**NOTHING, 2: "ST", 3: "XX^Note^L", 5: "12"}))
    assert found.value == TextValue("12")


@pytest.mark.parametrize(
    ("sent", "ucum"),
    [
        ("mmol/L", "mmol/L"),
        ("mmol/l^^UCUM", "mmol/L"),
        ("umol/L^µmol/L^UCUM", "umol/L"),
        ("10\\S\\9/L", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("10*9/L^^UCUM", "10*9/L"),
        ("m[IU]/L^mUI/L^UCUM", "m[IU]/L"),
        ("^G/L", "10*9/L"),
    ],
)
def test_a_unit_is_rewritten_never_converted(sent: str, ucum: str) -> None:
    found = only_result(obx({**NOTHING, 3: "XX^Essai^L", 5: "7.2", 6: sent}))
    assert found.value == Quantity(Decimal("7.2"), ucum)


@pytest.mark.parametrize("sent", ["u.a.", "zz^^UCUM", "UI/L", "mg/L^g/L^L", "mg/L^g/L^UCUM"])
def test_a_unit_nobody_has_mapped_or_that_says_two_things_makes_no_quantity(sent: str) -> None:
    draft = only_draft(simple(obx({**NOTHING, 3: "XX^Essai^L", 5: "7.2", 6: sent})))
    assert isinstance(results(draft)[0].value, TextValue)
    assert finding(draft.findings, "mapping.unmapped_unit").where == "OBX[1]-6"


def test_the_laboratory_has_the_last_word_on_a_unit() -> None:
    laboratory = replace(LABORATORY, units={"UI/L": "U/L"})
    found = only_result(obx({**NOTHING, 3: "XX^Essai^L", 5: "7.2", 6: "UI/L"}), circumstances=context(laboratory))
    assert found.value == Quantity(Decimal("7.2"), "U/L")


def test_a_table_that_gives_another_unit_than_the_one_sent_holds() -> None:
    tests = (MappedTest("GLU", "40193-5", unit_ucum="g/L"),)
    draft = only_draft(simple(obx()), context(replace(LABORATORY, tests=tests)))
    assert isinstance(results(draft)[0].value, TextValue)
    assert finding(draft.findings, "mapping.unit_contradicts").disposition.value == "hold"


def test_a_coded_value_keeps_its_words_and_its_code() -> None:
    found = only_result(obx({**NOTHING, 2: "CWE", 3: "GERME^Germe^L", 5: "ECO^E. coli^L^^^^^^Escherichia coli"}))
    assert isinstance(found.value, CodedValue)
    assert (found.value.text, found.value_as_sent) == ("E. coli", "E. coli")
    assert found.value.code is not None and found.value.code.code == "112283007"
    assert found.value.local is not None and found.value.local.code == "ECO"


def test_a_snomed_code_sent_alone_is_shown_and_not_trusted() -> None:
    found = only_result(obx({**NOTHING, 2: "CE", 3: "XX^Essai^L", 5: "112283007^Escherichia coli^SCT"}))
    assert isinstance(found.value, CodedValue)
    assert found.value.code is None
    assert found.value.local is not None and found.value.local.system == "2.16.840.1.113883.6.96"


def test_the_laboratory_s_own_code_is_the_one_that_is_mapped_and_the_other_is_said() -> None:
    draft = only_draft(simple(obx({**NOTHING, 2: "CE", 5: "112283007^Escherichia coli^SCT^ECO^E. coli^L"})))
    value = results(draft)[0].value
    assert isinstance(value, CodedValue)
    assert value.local is not None and value.local.code == "ECO"
    assert value.code is not None and value.code.code == "112283007"
    assert "hl7v2.second_value_code" in codes(draft.findings)


def test_a_coded_value_without_a_code_is_its_words() -> None:
    found = only_result(obx({**NOTHING, 2: "CE", 5: "^Présence"}))
    assert found.value == CodedValue("Présence")


def test_several_coded_values_are_text_and_said() -> None:
    draft = only_draft(simple(obx({**NOTHING, 2: "CE", 5: "A^Rouge^L~B^Vert^L"})))
    assert results(draft)[0].value == TextValue("Rouge\nVert")
    assert "hl7v2.repeated_value" in codes(draft.findings)


@pytest.mark.parametrize(
    ("kind", "sent", "shown"),
    [
        ("DT", "20250201", "01/02/2025"),
        ("TS", "202503100730", "10/03/2025 à 07:30"),
        ("DTM", "20250310073015+0100", "10/03/2025 à 07:30:15 (+0100)"),
        ("TM", "0715", "07:15"),
        ("TM", "071530", "07:15:30"),
        ("DT", "202502", "202502"),
        ("TS", "20250310073015.123", "20250310073015.123"),
        ("DT", "20250230", "20250230"),
        ("TM", "2575", "2575"),
    ],
)
def test_a_date_is_shown_in_french_and_loses_nothing(kind: str, sent: str, shown: str) -> None:
    found = only_result(obx({**NOTHING, 2: kind, 3: "DDR^Date^L", 5: sent}))
    assert (found.value, found.value_as_sent) == (TextValue(shown), shown)


def test_line_ends_of_a_text_are_kept_and_highlighting_is_not() -> None:
    sent = "Un\\.br\\deux\\.sp2\\trois \\H\\fort\\N\\ 5 \\T\\ 6 \\S\\ a\\.in+4\\~quatre"
    found = only_result(obx({**NOTHING, 2: "FT", 5: sent}))
    assert found.value == TextValue("Un\ndeux\n\ntrois fort 5 & 6 ^ a\nquatre")


def test_a_separator_that_was_not_escaped_cuts_nothing_off() -> None:
    assert only_result(obx({**NOTHING, 2: "ST", 5: "10^9 & plus"})).value_as_sent == "10^9 & plus"


def test_texts_that_follow_one_another_are_one_text() -> None:
    sent = {**NOTHING, 2: "TX", 3: "EXD^Examen direct^L"}
    draft = only_draft(simple(obx({**sent, 5: "Ligne 1"}), obx({**sent, 5: "Ligne 2"}), obx({**sent, 5: "Ligne 3"})))
    (one,) = results(draft)
    assert (one.value_as_sent, one.origin) == ("Ligne 1\nLigne 2\nLigne 3", "OBX[1]")


def test_texts_apart_are_all_shown() -> None:
    sent = {**NOTHING, 2: "TX", 3: "EXD^Examen direct^L"}
    draft = only_draft(simple(obx({**sent, 5: "Ligne 1"}), note("au milieu"), obx({**sent, 5: "Ligne 2"})))
    assert [one.value_as_sent for one in results(draft)] == ["Ligne 1", "Ligne 2"]
    assert draft.findings and all(one.disposition.value == "publish" for one in draft.findings)


def test_a_pointer_to_a_file_elsewhere_is_refused_by_its_name() -> None:
    draft = sample("R17_renvoi_exterieur").drafts[0]
    found = finding(draft.findings, "hl7v2.reference_pointer")
    assert (found.where, found.disposition.value) == ("OBX[1]-5", "refuse")


@pytest.mark.parametrize("sent", ["", '""'])
def test_a_final_result_without_a_value_holds(sent: str) -> None:
    draft = only_draft(simple(obx({5: sent})))
    assert finding(draft.findings, "hl7v2.value_missing").disposition.value == "hold"
    assert results(draft)[0].value is None


def test_an_empty_result_that_a_comment_explains_is_published() -> None:
    draft = only_draft(simple(obx({5: ""}), note("Quantité insuffisante.")))
    assert finding(draft.findings, "hl7v2.value_missing_explained").disposition.value == "publish"
    assert [one.text for one in results(draft)[0].comments] == ["Quantité insuffisante."]


@pytest.mark.parametrize(
    ("sent", "low", "high", "inclusive"),
    [
        ("4.10-5.90", "4.10", "5.90", True),
        ("<5.0", None, "5.0", False),
        ("<=5.0", None, "5.0", True),
        (">60", "60", None, False),
        ("0,5 - 1,2", "0.5", "1.2", True),
    ],
)
def test_a_range_is_bounds_in_the_unit_of_the_value(
    sent: str, low: str | None, high: str | None, inclusive: bool
) -> None:
    span = only_result(obx({7: sent, 8: ""})).reference_range
    assert span is not None and span.text == sent
    lowest, highest = (None if bound is None else Quantity(Decimal(bound), "mmol/L") for bound in (low, high))
    assert span.interval == Interval(lowest, highest, inclusive or low is None, inclusive or high is None)


@pytest.mark.parametrize("sent", ["-5.0", "4-", "négatif", "5.90-4.10", "H: 4-5 F: 3-4"])
def test_a_range_that_is_no_interval_stays_text(sent: str) -> None:
    span = only_result(obx({7: sent, 8: ""})).reference_range
    assert span is not None and (span.text, span.interval) == (sent, None)


def test_flags_are_kept_as_sent_and_a_contradiction_is_said() -> None:
    draft = only_draft(simple(obx({8: "H~ZZ"})))
    flags = results(draft)[0].interpretations
    assert [(one.as_sent, one.code.code if one.code else None) for one in flags] == [("H", "H"), ("ZZ", None)]
    assert {"mapping.flag_against_range", "mapping.unmapped_flag"} <= codes(draft.findings)


def test_a_method_is_carried_by_its_code_or_by_its_words() -> None:
    coded = only_result(obx({17: "ISE^Potentiométrie^L"}))
    assert coded.method is not None and (coded.method.code, coded.method.display) == ("ISE", "Potentiométrie")
    worded = only_result(obx({17: "^Potentiométrie"}))
    assert worded.method is None
    assert [(one.text, one.origin) for one in worded.comments] == [("Méthode : Potentiométrie", "OBX[1]-17")]


def test_an_unknown_code_is_shown_with_the_words_sent() -> None:
    draft = sample("R13_codes_inconnus").drafts[0]
    first, coded, loinc_alone, differing = results(draft)
    assert first.concept.code is None and first.concept.text == "Dosage inconnu"
    assert first.value == TextValue("12.4 u.a.")
    assert isinstance(coded.value, CodedValue) and coded.value.code is None
    assert loinc_alone.concept.code is None, "a LOINC sent alone is not the laboratory's word"
    assert [one.system for one in loinc_alone.concept.local] == ["2.16.840.1.113883.6.1"]
    assert differing.concept.code is not None and differing.concept.code.code == "40193-5"
    assert {"mapping.loinc_differs", "mapping.chapter_fallback", "mapping.unmapped_specimen"} <= codes(draft.findings)


def test_the_local_code_is_found_whichever_stands_first() -> None:
    found = only_result(obx({3: "40193-5^Glucose^LN^GLU^Glucose à jeun^L"}))
    assert [one.code for one in found.concept.local] == ["GLU", "40193-5"]
    assert found.concept.text == "Glucose à jeun"
    assert found.concept.code is not None and found.concept.code.code == "40193-5"


def test_every_kind_of_value_of_the_sample_is_in_the_report() -> None:
    draft = sample("R11_types_de_valeurs").drafts[0]
    kinds = [type(one.value).__name__ for one in results(draft)]
    assert kinds == [
        "Quantity", "Interval", "Interval", "TextValue", "CodedValue", "TextValue", "TextValue", "Quantity", "Quantity",
        "Quantity", "TextValue", "Quantity", "TextValue",
    ]  # fmt: skip
    assert len(items(draft)) == 13
