"""DTM, CX, XCN, XON as the French profile writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.values import Code, Identifier, Timestamp
from engine.xds import datatypes

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("20210401171000+0100", "20210401161000"),
        ("20210101003000+0100", "20201231233000"),
        ("20240229233000-0330", "20240301030000"),
        ("202101040735+0100", "20210104063500"),
        ("2021010407+0100", "20210104060000"),
        ("2021010407-0930", "20210104163000"),
        ("20210104", "20210103230000"),
        ("2021", "20201231230000"),
        ("20210704120000", "20210704100000"),
        ("20210104120000", "20210104110000"),
    ],
)
def test_times_are_the_start_in_utc_of_the_period_that_was_sent(sent: str, expected: str) -> None:
    assert datatypes.dtm(Timestamp(sent), PARIS) == expected


def test_an_hour_without_an_offset_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="no offset"):
        datatypes.dtm(Timestamp("20210104120000"), None)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_the_offset_never_changes_the_instant(local: datetime, minutes: int) -> None:
    sign = "+" if minutes >= 0 else "-"
    offset = f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
    sent = Timestamp(local.strftime("%Y%m%d%H%M%S") + offset)
    written = datetime.strptime(datatypes.dtm(sent, None) + "+0000", "%Y%m%d%H%M%S%z")
    assert written == sent.instant().astimezone(UTC)


def test_a_national_professional_is_idnps_and_an_internal_one_ei() -> None:
    national = Identifier("1.2.250.1.71.4.2.1", "801234534765")
    assert datatypes.person(national, "DURAND", "Anne") == (
        "801234534765^DURAND^Anne^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    )
    internal = Identifier("1.2.250.1.71.4.2.1", "1120459876/42")
    assert datatypes.person(internal, "DURAND", "Anne").endswith("^D^^^EI")


def test_a_structure_is_idnst_with_its_number_in_tenth_place() -> None:
    written = datatypes.institution(Identifier("1.2.250.1.71.4.2.2", "1120459876"), "Labo")
    assert written == "Labo^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1120459876"


def test_a_structure_without_a_number_is_its_name() -> None:
    assert datatypes.institution(None, "Labo") == "Labo"


def test_the_ins_is_nh_and_a_local_number_pi() -> None:
    assert datatypes.patient_id(Identifier("1.2.250.1.213.1.4.8", "1")) == "1^^^&1.2.250.1.213.1.4.8&ISO^NH"
    assert datatypes.patient_id(Identifier("1.2.3", "1")) == "1^^^&1.2.3&ISO^PI"


def test_an_order_is_told_from_an_accession() -> None:
    assert datatypes.order_reference(Identifier("1.2.3", "42")) == "42^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order"
    assert datatypes.accession_reference(Identifier("1.2.3")) == "1.2.3^^^^urn:ihe:iti:xds:2013:accession"


@given(st.text(max_size=40))
def test_separators_inside_a_value_never_split_it(text: str) -> None:
    written = datatypes.escaped(text)
    assert not set(written) & set("^|~&")
    for escape, sign in (("\\F\\", "|"), ("\\S\\", "^"), ("\\R\\", "~"), ("\\T\\", "&"), ("\\E\\", "\\")):
        written = written.replace(escape, sign)
    assert written == " ".join(text.split())


def test_a_specialty_carries_code_label_and_system() -> None:
    code = Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin")
    assert datatypes.specialty(code) == "G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5"
