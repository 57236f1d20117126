"""The twenty mandatory examinations of the child, read once from `child_exams.csv`: dated reference data, because the
calendar moved once and will move again.

One document type serves them all (`cr-examen-enfant`, 59283-2), so the rank stands in the title. Ages and certificates
follow the calendar of 2025 as our requirements give it (2.4, where the wording still waits for a check against the
decree); the codes are those of JDV_ExamenEnfantObligatoire (1.2.250.1.213.1.1.5.730).
"""

from __future__ import annotations

import csv
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from engine.catalogue.unknown import refusal
from engine.model.values import Code

DOC_ID = "cr-examen-enfant"
"""Name, in the document catalogue, of the report of any of them."""
CODES = "1.2.250.1.213.1.1.4.322"
"""Code system of the examinations (TA_ASIP)."""
_AGE = re.compile(r"^P(\d+)([DM])$")


class Certificate(StrEnum):
    """Child health certificate (certificat de santé de l'enfant), by the age it is due at."""

    CS8 = "CS8"
    CS9 = "CS9"
    CS24 = "CS24"


@dataclass(frozen=True, slots=True)
class Age:
    """Whole days or whole calendar months."""

    days: int = 0
    months: int = 0

    def reached_on(self, birth: date) -> date:
        """The day somebody born that day is so old; the last of the month where the month is too short."""
        month = birth.month - 1 + self.months
        year, month = birth.year + month // 12, month % 12 + 1
        day = min(birth.day, monthrange(year, month)[1])
        return date(year, month, day) + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class ChildExam:
    """One examination of one calendar."""

    rank: int
    """1 to 20."""
    label: str
    """Its age, in French: « Au cours du 9e mois »."""
    opens: Age
    closes: Age
    """The age at which it should be done."""
    certificate: Certificate | None
    code: Code
    calendar_version: str
    valid_from: date
    """First day on which its calendar holds."""

    @property
    def title(self) -> str:
        """Title of its report."""
        age = self.label[0].lower() + self.label[1:]
        return f"CR d'examen de l'enfant n° {self.rank} : {age}"


@cache
def child_exams(on: date | None = None) -> tuple[ChildExam, ...]:
    """The calendar that holds on a day, by rank; the latest one when no day is given.

    An examination older than the first calendar known here is read by that one: it is the nearest there is.
    """
    known = _every()
    versions = sorted({exam.valid_from for exam in known})
    holding = [day for day in versions if on is None or day <= on]
    day = holding[-1] if holding else versions[0]
    return tuple(sorted((exam for exam in known if exam.valid_from == day), key=lambda exam: exam.rank))


def child_exam(rank: int, on: date | None = None) -> ChildExam:
    """One examination. Raises DocumentError (`childhood.unknown_exam`)."""
    found = next((exam for exam in child_exams(on) if exam.rank == rank), None)
    if found is None:
        ranks = f"de 1 à {len(child_exams(on))}"
        raise refusal(
            "childhood.unknown_exam", "exam", "Cet examen n'est pas au calendrier.", f"Rang attendu : {ranks}."
        )
    return found


@cache
def _every() -> tuple[ChildExam, ...]:
    with (Path(__file__).parent / "child_exams.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";", strict=True))
    return tuple(_exam(row) for row in rows)


def _exam(row: dict[str, str]) -> ChildExam:
    return ChildExam(
        rank=int(row["rank"]),
        label=row["label"],
        opens=_age(row["opens"]),
        closes=_age(row["closes"]),
        certificate=Certificate(row["certificate"]) if row["certificate"] else None,
        code=Code(row["code"], CODES, row["label"]),
        calendar_version=row["calendar_version"],
        valid_from=date.fromisoformat(row["valid_from"]),
    )


def _age(text: str) -> Age:
    match = _AGE.match(text)
    if match is None:
        raise ValueError("child_exams.csv: not an age")
    number = int(match.group(1))
    return Age(days=number) if match.group(2) == "D" else Age(months=number)
