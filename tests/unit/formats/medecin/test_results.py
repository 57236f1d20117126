"""RES lines: every quirk met in the field, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from engine.findings import Disposition
from engine.model.directory import Laboratory, MappedTest
from engine.model.document import ReportStatus, TextBody
from engine.model.laboratory import (
    CodedValue,
    Comment,
    Interval,
    LaboratoryReport,
    Quantity,
    ReferenceRange,
    Result,
    TextValue,
)
from tests.unit.formats.medecin.dossiers import (
    GLUCOSE,
    KNOWING,
    LABORATORY_M,
    at,
    codes,
    converted,
    dossier,
    fate,
    file,
)


def report(*block: str, text: tuple[str, ...] = (), laboratory: Laboratory = KNOWING) -> LaboratoryReport:
    (draft,) = converted(file(dossier(*block, text=text)), laboratory).drafts
    assert draft.document.type == "cr_bio"
    assert isinstance(draft.document.body, LaboratoryReport)
    return draft.document.body


def results(*block: str, laboratory: Laboratory = KNOWING) -> list[Result]:
    found = report(*block, laboratory=laboratory)
    return [
        item for chapter in found.chapters for act in chapter.acts for item in act.items if isinstance(item, Result)
    ]


def result(line: str, laboratory: Laboratory = KNOWING) -> Result:
    (one,) = results(line, laboratory=laboratory)
    return one


def line(value: str, unit: str = "mg/L", low: str = "", high: str = "", flag: str = "", *, kind: str = "N") -> str:
    return f"RES|CRP|CRP   010|{kind}|{value}|{unit}|{low}|{high}|{flag}|F"


def said(block: str, laboratory: Laboratory = LABORATORY_M) -> set[str]:
    return codes(converted(file(dossier(block)), laboratory))


def test_a_result_keeps_its_decimals_and_its_words() -> None:
    found = result("RES|GLYCEMIE A JEUN|GLU   010|N|0.950|g/L|0.74|1.06|N|F")
    assert found.value == Quantity(Decimal("0.950"), "g/L")
    assert str(found.value.value) == "0.950"
    assert (found.value_as_sent, found.unit_as_sent, found.origin) == ("0.950", "g/L", "RES[1]")
    assert found.concept.code is not None
    assert found.concept.code.code == "53049-3"
    assert found.concept.local[0].code == "GLU 010"
    assert found.reference_range == ReferenceRange(
        "0.74 - 1.06", Interval(Quantity(Decimal("0.74"), "g/L"), Quantity(Decimal("1.06"), "g/L"))
    )
    assert found.interpretations[0].code is not None
    assert (found.time, found.method, found.validators) == (None, None, ())


def test_without_a_known_identity_there_is_no_structured_document() -> None:
    (draft,) = converted(file(dossier(GLUCOSE))).drafts
    assert draft.document.type == "cr_bio_n1"
    assert isinstance(draft.document.body, TextBody)
    assert "hprim.structured_as_text" in {finding.code for finding in draft.findings}


def test_another_unit_is_another_loinc() -> None:
    found = result("RES|GLYCEMIE|GLU 010|N|5.3|mmol/L|||N|F")
    assert found.concept.code is not None
    assert found.concept.code.code == "40193-5"


# -- status -----------------------------------------------------------------------------------------------------------


def test_a_result_that_is_not_validated_holds_the_document() -> None:
    made = converted(file(dossier(GLUCOSE, "RES|UREE|URE|N|0.24|g/L|||N|R")))
    found = at(made, "hprim.not_validated")
    assert (found.where, found.line, found.disposition) == ("RES[2].10", 15, Disposition.HOLD)
    assert made.drafts[0].status is ReportStatus.PARTIAL


def test_no_laboratory_may_publish_what_is_not_validated() -> None:
    lax = replace(LABORATORY_M, policy={"hprim.not_validated": "publish"}, partial_reports="publish")
    assert fate(converted(file(dossier("RES|UREE|URE|N|0.24|g/L|||N|R")), lax)) is Disposition.HOLD


def test_a_corrected_result_makes_a_corrected_report() -> None:
    (draft,) = converted(file(dossier(GLUCOSE, "RES|UREE|URE|N|0.24|g/L|||N|C"))).drafts
    assert draft.status is ReportStatus.CORRECTED


@pytest.mark.parametrize("short", ["RES|UREE|URE|N|0.24|g/L|||N", "RES|UREE|URE|N|0.24", "RES||IGET 005|A"])
def test_an_absent_status_waits_unless_the_laboratory_has_said_what_it_means(short: str) -> None:
    assert at(converted(file(dossier(short))), "hprim.empty_status").disposition is Disposition.HOLD
    agreed = replace(LABORATORY_M, empty_status_is_validated=True)
    assert "hprim.empty_status" not in said(short, agreed)
    assert "hprim.empty_status_validated" in said(short, agreed)


def test_an_unknown_status_waits() -> None:
    assert at(converted(file(dossier("RES|UREE|URE|N|0.24|g/L|||N|Z"))), "hprim.status_unknown").disposition == "hold"


def test_a_title_sent_as_a_result_needs_no_status() -> None:
    assert fate(converted(file(dossier("RES|HEMATOLOGIE|", GLUCOSE)))) is Disposition.PUBLISH


def test_a_coded_line_without_a_value_waits() -> None:
    assert at(converted(file(dossier("RES|UREE|URE|N||g/L|||N|F"))), "hprim.value_missing").disposition == "hold"


# -- value ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Oui", "Limpide", "Sérum limpide", "1/80", "5 à 10", "12,5.3", "voir texte"])
def test_a_number_that_is_words_is_text(words: str) -> None:
    assert result(line(words, unit="")).value == TextValue(words)
    assert "hprim.n_with_text" in said(line(words, unit=""))


@pytest.mark.parametrize("day", ["02012021", "02/01/2021"])
def test_a_number_that_is_a_date_is_never_a_quantity(day: str) -> None:
    found = result(f"RES|Date de recueil|DREC|N|{day}|||||F")
    assert found.value == TextValue(day)
    assert "hprim.n_with_date" in said(f"RES|Date de recueil|DREC|N|{day}|||||F")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("< 0.6", Interval(high=Quantity(Decimal("0.6"), "mg/L"), high_inclusive=False)),
        ("<0.6", Interval(high=Quantity(Decimal("0.6"), "mg/L"), high_inclusive=False)),
        ("≤ 0.6", Interval(high=Quantity(Decimal("0.6"), "mg/L"), high_inclusive=True)),
        ("> 500", Interval(low=Quantity(Decimal("500"), "mg/L"), low_inclusive=False)),
        (">= 500", Interval(low=Quantity(Decimal("500"), "mg/L"), low_inclusive=True)),
    ],
)
def test_a_comparator_makes_an_interval(sent: str, expected: Interval) -> None:
    content = file(dossier(line("@", kind="A"))).decode("cp1252").replace("@", sent).encode()
    (draft,) = converted(content, KNOWING).drafts
    assert isinstance(draft.document.body, LaboratoryReport)
    (item,) = draft.document.body.chapters[0].acts[0].items
    assert isinstance(item, Result)
    assert (item.value, item.value_as_sent) == (expected, sent)


def test_comparator_value_and_unit_in_one_field_are_parted_when_there_is_no_unit_field() -> None:
    found = result(line("< 0.12  mg/l", unit="", kind="A"))
    assert found.value == Interval(high=Quantity(Decimal("0.12"), "mg/L"), high_inclusive=False)
    assert (found.value_as_sent, found.unit_as_sent) == ("< 0.12  mg/l", None)


def test_two_units_for_one_value_make_it_text() -> None:
    assert result(line("0.12 mg/l", unit="g/L")).value == TextValue("0.12 mg/l")
    assert "hprim.unit_in_value" in said(line("0.12 mg/l", unit="g/L"))


@pytest.mark.parametrize("sent", ["*12.9*", "12.9*", "**12.9"])
def test_stars_around_a_value_are_taken_off_and_told(sent: str) -> None:
    found = result(line(sent))
    assert (found.value, found.value_as_sent) == (Quantity(Decimal("12.9"), "mg/L"), sent)
    assert "hprim.decorated_value" in said(line(sent))


def test_a_decimal_comma_is_read_and_told() -> None:
    assert result(line("13,0")).value == Quantity(Decimal("13.0"), "mg/L")
    assert "hprim.decimal_comma" in said(line("13,0"))


def test_groups_of_three_digits_are_one_number() -> None:
    assert result(line("1 000 000", unit="UFC/mL")).value == Quantity(Decimal("1000000"), "[CFU]/mL")
    assert "hprim.spaces_in_number" in said(line("1 000 000", unit="UFC/mL"))


@pytest.mark.parametrize(
    ("sent", "unit", "low", "high"),
    [
        ("2.920", "/mm3", "4.000", "10.000"),
        ("2.920", "", "", ""),
        ("1.234", "mUI/L", "", ""),
        ("2,920", "/mm3", "", ""),
        ("2.920", "/mm3", "0.5", "1.5"),
    ],
)
def test_a_point_that_may_part_thousands_is_never_guessed(sent: str, unit: str, low: str, high: str) -> None:
    made = converted(file(dossier(line(sent, unit, low, high))), KNOWING)
    assert at(made, "hprim.ambiguous_number").disposition is Disposition.HOLD
    assert result(line(sent, unit, low, high)).value == TextValue(f"{sent} {unit}".strip())


@pytest.mark.parametrize(("sent", "low", "high"), [("1.234", "0.27", "4.20"), ("0.950", "", ""), ("2.920", "", "4.5")])
def test_a_point_that_can_only_be_decimal_is(sent: str, low: str, high: str) -> None:
    assert result(line(sent, "mUI/L", low, high)).value == Quantity(Decimal(sent), "m[IU]/L")


def test_no_laboratory_may_loosen_an_ambiguous_number() -> None:
    lax = replace(LABORATORY_M, policy={"hprim.ambiguous_number": "publish"})
    assert fate(converted(file(dossier(line("2.920"))), lax)) is Disposition.HOLD


def test_a_coded_value_keeps_its_words_when_nothing_maps_it() -> None:
    assert result("RES|Germe 1|ECBU 060|C|Escherichia coli||||A|F").value == CodedValue("Escherichia coli")
    coded = result("RES|Germe 1|ECBU 060|C|ECO||||A|F").value
    assert isinstance(coded, CodedValue)
    assert coded.code is not None
    assert coded.code.code == "112283007"


def test_a_drug_is_a_result_of_its_own_and_its_letter_is_text() -> None:
    found = result("RES|Amoxicilline|ATB1  010|A|R|||||F")
    assert (found.value, found.interpretations) == (TextValue("R"), ())


@pytest.mark.parametrize("unit", ["u.a.", "UI/L"])
def test_a_unit_without_ucum_leaves_the_value_as_text(unit: str) -> None:
    assert result(line("12.4", unit)).value == TextValue(f"12.4 {unit}")
    assert "mapping.unmapped_unit" in said(line("12.4", unit), KNOWING)


@pytest.mark.parametrize("unit", ["", "."])
def test_a_dot_is_no_unit(unit: str) -> None:
    found = result(line("12.4", unit))
    assert found.value == TextValue("12.4")
    assert "mapping.unit_missing" in said(line("12.4", unit), KNOWING)


def test_the_laboratory_may_give_a_unit_to_a_test_that_has_none() -> None:
    tests = (
        MappedTest("PH", "2746-6", "pH", unit_ucum="[pH]"),
        MappedTest("TXT", "5767-9", "Aspect", value_kind="text"),
    )
    laboratory = replace(KNOWING, tests=tests)
    assert result("RES|pH|PH|N|7.4||||N|F", laboratory).value == Quantity(Decimal("7.4"), "[pH]")
    assert result("RES|Aspect|TXT|N|12|g/L|||N|F", laboratory).value == TextValue("12 g/L")


def test_an_unmapped_code_is_published_and_told() -> None:
    made = converted(file(dossier("RES|UREE|URE  010|N|0.24|g/L|||N|F")), KNOWING)
    assert "URE  010" in at(made, "mapping.unmapped_code").message
    assert fate(made) is Disposition.PUBLISH


def test_a_label_or_a_code_may_be_missing() -> None:
    assert result("RES||CRP 010|N|12|mg/L|||N|F").concept.text == "CRP 010"
    nameless = result("RES|CRP||N|12|mg/L|||N|F").concept
    assert (nameless.text, nameless.local) == ("CRP", ())


# -- range and flag ---------------------------------------------------------------------------------------------------


def limits(low: str, high: str) -> ReferenceRange | None:
    return result(line("3.5", "g/L", low, high)).reference_range


def interval(low: str | None, high: str | None, *, high_inclusive: bool = True) -> Interval:
    return Interval(
        Quantity(Decimal(low), "g/L") if low else None,
        Quantity(Decimal(high), "g/L") if high else None,
        high_inclusive=high_inclusive,
    )


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("2.20-2.60", "", ReferenceRange("2.20-2.60", interval("2.20", "2.60"))),
        ("-2 - 2", "", ReferenceRange("-2 - 2", interval("-2", "2"))),
        ("2,2 à 2,6", "", ReferenceRange("2,2 à 2,6", interval("2.2", "2.6"))),
        ("", "100", ReferenceRange("max. 100", interval(None, "100"))),
        ("", "<5", ReferenceRange("<5", interval(None, "5", high_inclusive=False))),
        ("3", "", ReferenceRange("min. 3", interval("3", None))),
        ("0", "1.99", ReferenceRange("0 - 1.99", interval("0", "1.99"))),
        ("13,0", "17,0", ReferenceRange("13,0 - 17,0", interval("13.0", "17.0"))),
        ("2", "9999", ReferenceRange("min. 2", interval("2", None))),
        ("2", "9999.00", ReferenceRange("min. 2", interval("2", None))),
        ("0", "0", None),
        ("", "", None),
        ("-5.0", "", ReferenceRange("-5.0")),
        ("7", "5.7", ReferenceRange("7 - 5.7")),
        ("négatif", "", ReferenceRange("négatif")),
        ("4.000", "10.000", ReferenceRange("4.000 - 10.000")),
    ],
)
def test_a_range_is_read_only_when_it_is_sure(low: str, high: str, expected: ReferenceRange | None) -> None:
    assert limits(low, high) == expected


@pytest.mark.parametrize(
    ("low", "high", "code"),
    [
        ("2.20-2.60", "", "hprim.combined_range"),
        ("2", "9999", "hprim.sentinel_bound"),
        ("0", "0", "hprim.sentinel_bound"),
        ("7", "5.7", "hprim.range_reversed"),
        ("-5.0", "", "hprim.range_unreadable"),
    ],
)
def test_an_odd_range_is_told(low: str, high: str, code: str) -> None:
    assert code in said(line("3.5", "g/L", low, high))


@pytest.mark.parametrize(
    ("value", "flag", "against"),
    [("0.95", "N", True), ("0.5", "H", True), ("0.5", "N", False), ("0.95", "H", False), ("0.95", "", False)],
)
def test_a_flag_against_its_range_is_kept_and_told(value: str, flag: str, against: bool) -> None:
    sent = line(value, "g/L", "", "0.80", flag)
    assert ("mapping.flag_against_range" in said(sent)) is against
    assert [one.as_sent for one in result(sent).interpretations] == ([flag] if flag else [])


def test_a_flag_without_official_code_stays_text() -> None:
    assert result(line("12", flag="VS")).interpretations[0].code is None
    assert "mapping.unmapped_flag" in said(line("12", flag="VS"), KNOWING)


# -- second unit ------------------------------------------------------------------------------------------------------

TWO_UNITS = "RES|GLYCEMIE|GLU 010|N|0.95|g/L|0.74|1.06|N|F|5.27|mmol/L|4.11|5.89"


def test_a_second_unit_is_a_second_result_when_the_table_maps_it() -> None:
    first, second = results(TWO_UNITS)
    assert first.value == Quantity(Decimal("0.95"), "g/L")
    assert second.value == Quantity(Decimal("5.27"), "mmol/L")
    assert second.concept.code is not None
    assert second.concept.code.code == "40193-5"
    assert second.origin == "RES[1].11"
    assert "hprim.second_unit" in said(TWO_UNITS)


def test_a_second_unit_nobody_maps_is_said_in_words() -> None:
    (found,) = results("RES|CRP|CRP 010|N|12|mg/L|||N|F|114|nmol/L||48")
    assert [one.text for one in found.comments] == ["soit 114 nmol/L (valeurs de référence : max. 48)"]


def test_a_result_sent_again_in_another_line_keeps_its_own_code() -> None:
    first, second = results("RES|CRP|CRP 010|N|12|mg/L|||N|F", "RES|CRP (B)|CRP 010 B|N|114|nmol/L|||N|F")
    assert first.concept.local[0].code == "CRP 010"
    assert second.concept.local[0].code == "CRP 010 B"
    assert second.concept.code is None


# -- shape of the line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        "RES|a|b|c|d|e|f|g|h|i|j|k|l|m|n",
        "RES|CRP | ultrasensible|CRP 010|N|12|mg/L|||N|F",
    ],
)
def test_a_bar_inside_a_value_holds_the_document_and_structures_nothing(broken: str) -> None:
    made = converted(file(dossier(broken)), KNOWING)
    assert at(made, "hprim.res_shifted").disposition is Disposition.HOLD
    assert made.drafts[0].document.type == "cr_bio_n1"


def test_trailing_empty_fields_do_not_matter() -> None:
    assert fate(converted(file(dossier(GLUCOSE + "|" * 20)))) is Disposition.PUBLISH


def test_entities_in_a_result_are_decoded() -> None:
    assert result("RES|CRP|CRP 010|A|&lt; 0.6|mg/L|||N|F").value == Interval(
        high=Quantity(Decimal("0.6"), "mg/L"), high_inclusive=False
    )


def test_markup_around_a_number_never_joins_digits() -> None:
    assert result("RES|Plaquettes|PLQ|A|12 10<sup>9</sup>|G/L|||N|F").value == TextValue("12 10^9 G/L")


# -- chapters and texts -----------------------------------------------------------------------------------------------


def test_titles_name_the_chapters_and_keep_the_order() -> None:
    found = report(
        "TEX|------ HEMATOLOGIE ------",
        "RES|HB|HB|N|13.5|g/dL|||N|F",
        "TEX|Frottis relu.",
        "TEX|                 B I O C H I M I E",
        GLUCOSE,
        "TEX|------ HEMATOLOGIE ------",
        "RES|VS|VS|N|12|mm|||N|F",
    )
    assert [(chapter.code.code, len(chapter.acts)) for chapter in found.chapters] == [("18723-7", 2), ("18719-5", 1)]
    first = found.chapters[0].acts[0]
    assert first.title == "HEMATOLOGIE"
    assert [type(item) for item in first.items] == [Result, Comment]
    assert found.chapters[1].title == "BIOCHIMIE"


@pytest.mark.parametrize("ruler", ["----------", "- - - - - -", "== =="])
def test_a_ruler_is_no_title(ruler: str) -> None:
    found = report("TEX|BIOCHIMIE", f"TEX|{ruler}", GLUCOSE)
    assert [chapter.code.code for chapter in found.chapters] == ["18719-5"]


def test_without_a_title_the_chapter_falls_back_and_says_so() -> None:
    made = converted(file(dossier(GLUCOSE)), KNOWING)
    assert "mapping.chapter_fallback" in codes(made)


def test_the_laboratory_may_force_the_chapter_of_a_test() -> None:
    tests = (MappedTest("GLU 010", "2345-7", "Glucose", chapter="18719-5"),)
    found = report(GLUCOSE, laboratory=replace(KNOWING, tests=tests))
    assert found.chapters[0].code.code == "18719-5"


def test_the_page_is_kept_whole_beside_the_results() -> None:
    found = report(GLUCOSE, text=("Bonjour", "", "GLYCEMIE A JEUN   0,95 g/L"))
    assert found.full_text is not None
    assert found.full_text.text == "Bonjour\n\nGLYCEMIE A JEUN   0,95 g/L"


def test_the_first_chapter_is_the_act() -> None:
    (draft,) = converted(file(dossier("TEX|BIOCHIMIE", GLUCOSE)), KNOWING).drafts
    assert draft.document.act.code is not None
    assert draft.document.act.code.code == "18719-5"
    assert draft.document.act.id is not None
    assert draft.document.act.id.extension == "2503100001"
