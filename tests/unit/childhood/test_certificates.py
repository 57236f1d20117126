"""`certificate_due`: said at the ninth and twenty-fourth month, again until it is done, and it holds nothing."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.catalogue.child_exams import CODES, Age, Certificate, child_exam, child_exams
from engine.childhood.certificates import DoneExam, SettledCertificate, certificates_due, due_finding
from engine.errors import DocumentError
from engine.findings import Disposition

BIRTH = date(2025, 3, 1)
NINTH = DoneExam(8, date(2025, 11, 20))
OFFICIAL = (
    Path(__file__).resolve().parents[3]
    / ".."
    / "shared/ans/TestContenuCDA-3-0/jeuxDeValeurs/JDV_ExamenEnfantObligatoire_CISIS.xml"
)


def test_the_examination_of_the_ninth_month_calls_for_its_certificate_within_eight_days() -> None:
    """R-PMI-05, LGC.CSE.09."""
    (due,) = certificates_due([NINTH], BIRTH, [])
    assert (due.certificate, due.exam, due.exam_on) == (Certificate.CS9, 8, NINTH.on)
    assert due.deadline == date(2025, 11, 28)
    assert due.age_limit == date(2025, 12, 1)
    assert not due.late(date(2025, 11, 28))
    assert due.late(date(2025, 11, 29))


def test_the_examination_of_the_twenty_fourth_month_calls_for_its_own() -> None:
    """R-PMI-05."""
    (due,) = certificates_due([DoneExam(12, date(2027, 3, 10))], BIRTH, [])
    assert (due.certificate, due.deadline, due.age_limit) == (Certificate.CS24, date(2027, 3, 18), date(2027, 4, 1))


@pytest.mark.parametrize("rank", [rank for rank in range(1, 21) if rank not in (8, 12)])
def test_no_other_examination_calls_for_one(rank: int) -> None:
    assert certificates_due([DoneExam(rank, date(2026, 1, 1))], BIRTH, []) == ()


def test_the_certificate_of_the_eighth_day_is_reminded_where_it_is_asked_for() -> None:
    first = DoneExam(1, date(2025, 3, 5))
    (due,) = certificates_due([first], BIRTH, [], frozenset(Certificate))
    assert (due.certificate, due.age_limit) == (Certificate.CS8, date(2025, 3, 9))


@pytest.mark.parametrize("dismissed", [False, True])
def test_it_is_said_again_until_the_certificate_is_done_or_set_aside(dismissed: bool) -> None:
    """R-PMI-05."""
    exams = [NINTH, DoneExam(9, date(2026, 2, 20)), DoneExam(12, date(2027, 3, 10))]
    assert [due.certificate for due in certificates_due(exams, BIRTH, [])] == [Certificate.CS9, Certificate.CS24]
    settled = [SettledCertificate(Certificate.CS9, date(2027, 3, 10), dismissed)]
    assert [due.certificate for due in certificates_due(exams, BIRTH, settled)] == [Certificate.CS24]


def test_a_report_corrected_later_does_not_move_the_deadline() -> None:
    again = DoneExam(8, date(2025, 12, 24))
    (due,) = certificates_due([again, NINTH], None, [])
    assert (due.exam_on, due.age_limit) == (NINTH.on, None)


def test_the_report_leaves_whatever_is_due() -> None:
    """R-PMI-05: the event is non-blocking."""
    (due,) = certificates_due([NINTH], BIRTH, [])
    finding = due_finding(due)
    assert (finding.code, finding.disposition) == ("childhood.certificate_due", Disposition.PUBLISH)
    assert "CS9" in finding.message
    assert "9e mois" in finding.remedy


def test_a_rank_of_no_calendar_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"childhood\.unknown_exam"):
        certificates_due([DoneExam(21, date(2026, 1, 1))], BIRTH, [])


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.integers(0, 200))
def test_an_age_in_months_falls_on_the_birth_day_or_the_last_of_a_short_month(birth: date, months: int) -> None:
    reached = Age(months=months).reached_on(birth)
    assert (reached.year - birth.year) * 12 + reached.month - birth.month == months
    assert reached.day <= birth.day


def test_examinations_follow_one_another_and_only_three_call_for_a_certificate() -> None:
    ages = [(one.opens.reached_on(BIRTH), one.closes.reached_on(BIRTH)) for one in child_exams()]
    assert all(opens < closes for opens, closes in ages)
    assert all(before[1] <= after[0] for before, after in pairwise(ages))
    assert {one.rank: one.certificate for one in child_exams() if one.certificate} == {
        1: Certificate.CS8,
        8: Certificate.CS9,
        12: Certificate.CS24,
    }


def test_a_day_before_the_first_calendar_known_is_read_by_it() -> None:
    assert child_exam(8, date(2019, 1, 1)) == child_exam(8)


@pytest.mark.skipif(not OFFICIAL.exists(), reason="official value sets are not beside the checkout")
def test_the_codes_are_those_of_the_official_value_set() -> None:
    """JDV_ExamenEnfantObligatoire; it still holds the examination of the first month, which the calendar merged."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    concepts = etree.parse(OFFICIAL, parser).iterfind(".//{urn:ihe:iti:svs:2008}Concept")
    official = {one.get("code"): one.get("codeSystem") for one in concepts}
    ours = {one.code.code for one in child_exams()}
    assert ours == set(official) - {"MED-1226"}
    assert set(official.values()) == {CODES}
