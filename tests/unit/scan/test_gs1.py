"""Codes of medicine boxes: what scanners type, read back, or said to be ambiguous."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Disposition
from engine.scan.gs1 import Gs1Scan, scan_gs1
from engine.scan.gs1_dates import Gs1Date, gs1_date
from engine.scan.gtin import cip7, cip13, key_is_right
from engine.scan.keyboard import Layout
from tests.unit.scan.keyboards import FAULTS, appears

GS = "\x1d"
GTIN = "03400930000120"
LOT, SERIAL = "AQ12-ZW", "MX1234W"
WHOLE = f"]d201{GTIN}1726060010{LOT}{GS}21{SERIAL}"


def read(text: str, *, today: date | None = None, keeps_separators: bool = False) -> Gs1Scan:
    """The scan of a text, none of which may be lost on the way."""
    scan = scan_gs1(text, today=today, keeps_separators=keeps_separators)
    assert "".join(token.raw for token in scan.tokens) == text
    assert all(token.raw for token in scan.tokens)
    return scan


def codes(scan: Gs1Scan) -> set[str]:
    return {finding.code for finding in scan.findings}


def fields(scan: Gs1Scan) -> tuple[str | None, str | None, str | None, Gs1Date | None]:
    return scan.gtin, scan.lot, scan.serial, scan.expiry


READ = (GTIN, LOT, SERIAL, Gs1Date(2026, 6, None))


def test_a_box_is_read_element_by_element() -> None:
    scan = read(WHOLE)
    assert fields(scan) == READ
    assert (scan.cip13, scan.cip7) == ("3400930000120", "3000012")
    assert scan.findings == ()


def test_an_expiry_without_day_is_the_last_of_its_month() -> None:
    scan = read(WHOLE.replace("17260600", "17280200"))
    assert scan.expiry is not None
    assert scan.expiry.last_day == date(2028, 2, 29)
    assert scan.expiry.day is None


@pytest.mark.parametrize(("scanner", "post", "caps_lock"), FAULTS)
def test_another_keyboard_is_undone_and_said(scanner: str, post: str, caps_lock: bool) -> None:
    scan = read(appears(WHOLE, scanner, post, caps_lock=caps_lock))
    assert fields(scan) == READ
    assert any(code.startswith("scan.keyboard_") for code in codes(scan)) or "scan.prefix" in codes(scan)


def test_shifted_digits_are_detected_and_explained() -> None:
    scan = read(appears(WHOLE, "qwerty", "azerty"))
    assert scan.layout is Layout.QWERTY_TO_AZERTY
    (finding,) = scan.findings
    assert "QWERTY" in finding.message
    assert "AZERTY" in finding.message


def test_small_letters_that_caps_lock_may_have_made_are_not_believed() -> None:
    scan = read(f"01{GTIN}1726060010ab12")
    assert scan.gtin == GTIN
    assert scan.expiry == Gs1Date(2026, 6, None)
    assert scan.lot is None
    assert scan.alternatives[0].values == ("ab12", "AB12", "QB12")
    assert "scan.ambiguous" in codes(scan)


def test_a_lot_of_both_cases_is_what_was_typed() -> None:
    assert read(f"01{GTIN}1726060010aB12").lot == "aB12"


def test_lost_separators_leave_no_value_to_a_field_that_may_end_elsewhere() -> None:
    scan = read(WHOLE.replace(GS, ""))
    assert (scan.gtin, scan.lot, scan.serial) == (GTIN, None, None)
    assert [one.identifier for one in scan.alternatives] == ["10", "21"]
    assert all(one.disposition is Disposition.HOLD for one in scan.findings if one.code == "scan.ambiguous")


def test_lost_separators_that_leave_one_way_to_read_are_said_and_no_more() -> None:
    scan = read(f"01{GTIN}21ABCDEFGH123456781726063010AB12")
    assert (scan.serial, scan.lot, scan.expiry) == ("ABCDEFGH12345678", "AB12", Gs1Date(2026, 6, 30))
    assert codes(scan) == {"scan.separators_lost"}


def test_a_scanner_known_to_send_separators_is_believed() -> None:
    scan = read(f"01{GTIN}1726063010AB1221Z", keeps_separators=True)
    assert (scan.lot, scan.serial) == ("AB1221Z", None)


@pytest.mark.parametrize(
    "typed",
    [
        f"01{GTIN}172606001O{GS}"[:24] + f"10{LOT}{GS}21{SERIAL}",
        f"21{SERIAL}{GS}10{LOT}{GS}1726060001{GTIN}",
        f"10{LOT}{GS}21{SERIAL}{GS}01{GTIN}17260600",
        f"17260600{GS}01{GTIN}{GS}10{LOT}{GS}21{SERIAL}{GS}\r\n",
        f"01{GTIN}1726060010{LOT}<GS>21{SERIAL}",
        f"01{GTIN}1726060010{LOT}\r\n21{SERIAL}\r\n",
        f"(01){GTIN}(17)260600(10){LOT}(21){SERIAL}",
        f"\x1d01{GTIN}1726060010{LOT}\u241d21{SERIAL}\t",
        f"]C101{GTIN}1726060010{LOT}{GS}21{SERIAL}",
    ],
)
def test_order_and_form_are_free(typed: str) -> None:
    assert fields(read(typed)) == READ


def test_an_unknown_element_written_for_people_is_put_aside_alone() -> None:
    scan = read(f"(01){GTIN}(92)ABC(10){LOT}(8005)12(17)260600")
    assert (scan.gtin, scan.lot, scan.expiry) == (GTIN, LOT, Gs1Date(2026, 6, None))
    assert "scan.gs1_unknown" in codes(scan)


@pytest.mark.parametrize("start", ["]d2", "]C1", "]d2\x1d"])
def test_a_declared_code_without_article_gives_what_it_has(start: str) -> None:
    scan = read(f"{start}17260600{GS}10{LOT}")
    assert (scan.gtin, scan.lot) == (None, LOT)
    assert "scan.gs1_no_gtin" in codes(scan)
    assert codes(read(f"17260600{GS}10{LOT}")) == {"scan.not_gs1"}


def test_a_linear_code_of_an_old_box_gives_its_cip() -> None:
    scan = read("3400930000120\r")
    assert (scan.gtin, scan.cip13, scan.lot) == (GTIN, "3400930000120", None)
    assert codes(scan) == {"scan.gs1_no_lot", "scan.gs1_no_expiry"}


def test_an_expired_batch_is_said_and_does_not_block() -> None:
    assert "scan.gs1_expired" not in codes(read(WHOLE, today=date(2026, 6, 30)))
    scan = read(WHOLE, today=date(2026, 7, 1))
    (expired,) = [one for one in scan.findings if one.code == "scan.gs1_expired"]
    assert expired.disposition is Disposition.PUBLISH
    assert fields(scan) == READ


def test_an_article_that_is_no_french_medicine_is_said_and_does_not_block() -> None:
    scan = read("]d20104150123456782")
    assert (scan.gtin, scan.cip13) == ("04150123456782", None)
    assert "scan.gs1_no_cip" in codes(scan)


def test_national_numbers_are_named_and_a_french_one_must_be_that_of_the_article() -> None:
    scan = read(f"01{GTIN}7113400930000120{GS}71412345{GS}17260600")
    assert [(one.identifier, one.country) for one in scan.national_numbers] == [
        ("711", "France (CIP)"),
        ("714", "Portugal (AIM)"),
    ]
    assert "scan.gs1_codes_differ" not in codes(scan)
    assert "scan.gs1_codes_differ" in codes(read(f"01{GTIN}7113400935955838{GS}"))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (f"01{GTIN[:-1]}1", "scan.gs1_key"),
        ("]d20100000000000000", "scan.gs1_key"),
        (f"01{GTIN}17261301{GS}", "scan.gs1_date"),
        (f"01{GTIN}17260631{GS}", "scan.gs1_date"),
        (f"01{GTIN}10{'A' * 21}{GS}", "scan.gs1_value"),
        (f"01{GTIN}21{'A' * 21}{GS}", "scan.gs1_value"),
        (f"01{GTIN}10{GS}17260630", "scan.gs1_value"),
        (f"01{GTIN}10A{GS}10B", "scan.gs1_repeated"),
        (f"01{GTIN}99XYZ{GS}10A", "scan.gs1_unknown"),
        ("", "scan.empty"),
        ("bonjour", "scan.not_gs1"),
        ("IS01" + "0" * 22 + "S1285039900000193", "scan.is_ins"),
    ],
)
def test_what_is_wrong_is_said(typed: str, code: str) -> None:
    assert code in codes(read(typed))


def test_a_wrong_element_takes_no_other_with_it() -> None:
    scan = read(f"01{GTIN[:-1]}117261301{GS}10{LOT}")
    assert (scan.gtin, scan.expiry, scan.lot) == (None, None, LOT)
    assert {"scan.gs1_key", "scan.gs1_date"} <= codes(scan)


def test_a_wrong_value_does_not_make_a_doubtful_one_believed() -> None:
    scan = read(f"01{GTIN[:-1]}11726133110{LOT}21{SERIAL}")
    assert (scan.gtin, scan.expiry, scan.lot, scan.serial) == (None, None, None, None)
    assert {"scan.gs1_key", "scan.gs1_date", "scan.ambiguous"} <= codes(scan)


def test_an_impossible_date_is_part_of_the_lot_it_stands_in() -> None:
    scan = read(f"01{GTIN}1726063010AB17991399")
    assert scan.lot == "AB17991399"
    assert scan.findings == ()


def test_a_text_that_can_be_cut_in_too_many_ways_gives_its_sure_beginning_only() -> None:
    scan = read(f"01{GTIN}1726063010A" + "".join(f"{code}A" for code in (*range(710, 717), 21)))
    assert (scan.gtin, scan.expiry, scan.lot) == (GTIN, Gs1Date(2026, 6, 30), None)
    assert "scan.gs1_uncut" in codes(scan)


def test_a_text_made_to_be_cut_endlessly_is_given_up() -> None:
    scan = read(f"01{GTIN}10" + "".join(f"71{rank}" * 6 for rank in range(7)) + "\u00a0?")
    assert (scan.gtin, scan.lot) == (GTIN, None)
    assert codes(scan) == {"scan.gs1_uncut"}


@pytest.mark.parametrize(
    ("digits", "today", "year"),
    [("991231", None, 2099), ("991231", date(2026, 1, 1), 1999), ("751231", date(2026, 1, 1), 2075)],
)
def test_the_century_is_the_nearest_one(digits: str, today: date | None, year: int) -> None:
    found = gs1_date(digits, today=today)
    assert found is not None
    assert found.year == year


@pytest.mark.parametrize(
    ("digits", "today", "year"),
    [("76", 2026, 2076), ("77", 2026, 1977), ("10", 2060, 2110), ("11", 2060, 2011), ("01", 2060, 2101)],
)
def test_a_year_is_never_further_than_half_a_century(digits: str, today: int, year: int) -> None:
    assert gs1_date(f"{digits}0101", today=date(today, 1, 1)) == Gs1Date(year, 1, 1)


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{13}", fullmatch=True))
def test_one_key_only_is_right(digits: str) -> None:
    assert sum(key_is_right(f"{digits}{key}") for key in range(10)) == 1


def test_digits_of_another_script_are_no_key() -> None:
    assert key_is_right("4006381333931")
    assert not key_is_right("٤٠٠٦٣٨١٣٣٣٩٣١")


def test_only_a_french_medicine_has_a_cip() -> None:
    assert (cip13("03400892000000"), cip7("03400892000000")) == (None, None)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_judged_and_nothing_of_it_is_lost(text: str) -> None:
    read(text)


@settings(deadline=None)
@given(st.from_regex(r"(01|10|11|17|21|711|30|\(|\x1d|[0-9]{2,6}|[A-Z]){0,20}", fullmatch=True))
def test_any_run_of_elements_is_judged_and_nothing_of_it_is_lost(text: str) -> None:
    read(text)


VALUES = st.from_regex(r"[A-Z0-9/._-]{1,20}", fullmatch=True)


@settings(max_examples=200, deadline=None)
@given(
    cip=st.integers(0, 9_999_999),
    lot=VALUES,
    serial=VALUES,
    expiry=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    dayless=st.booleans(),
    order=st.permutations(["01", "17", "10", "21"]),
    last_separator=st.booleans(),
)
def test_what_is_written_is_what_is_read(
    cip: int, lot: str, serial: str, expiry: date, dayless: bool, order: list[str], last_separator: bool
) -> None:
    body = f"034009{cip:07}"
    gtin = next(f"{body}{key}" for key in range(10) if key_is_right(f"{body}{key}"))
    day = "00" if dayless else f"{expiry.day:02}"
    values = {"01": gtin, "17": f"{expiry.year % 100:02}{expiry.month:02}{day}", "10": lot, "21": serial}
    text = "".join(key + values[key] + (GS if key in {"10", "21"} else "") for key in order)
    scan = read("]d2" + (text if last_separator else text.removesuffix(GS)))
    assert fields(scan) == (gtin, lot, serial, Gs1Date(expiry.year, expiry.month, None if dayless else expiry.day))
    assert scan.findings == ()


@settings(max_examples=200, deadline=None)
@given(lot=VALUES, serial=VALUES, order=st.permutations(["17", "10", "21"]))
def test_without_separators_a_value_is_the_right_one_or_none(lot: str, serial: str, order: list[str]) -> None:
    values = {"17": "260630", "10": lot, "21": serial}
    scan = read(f"01{GTIN}" + "".join(key + values[key] for key in order))
    assert scan.gtin == GTIN
    assert scan.lot in {lot, None}
    assert scan.serial in {serial, None}
