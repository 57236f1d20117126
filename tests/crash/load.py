"""HPRIM reports made from the demonstration's own: as many as wanted, no two alike, each known again by its values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tests.routes.installation import sample

PRESCRIBER = "francoise.medtest@medecin.mssante.example"
PATIENTS = ("285039900000193@patient.mssante.example", "162079900000272@patient.mssante.example")
_CODING = "iso-8859-1"
_SECOND_PATIENT = "P|1|IPP0002|LAB0002|DOS0002|FICTIF~Jean-Noël~~~M|FICTIF|19620714|M"


@dataclass(frozen=True, slots=True)
class Report:
    """One version of one report, as a laboratory sends it."""

    number: str
    """What the laboratory calls the report (9.4.2), the same in each version."""
    version: int
    """From 1; those above 1 correct the one before."""
    content: bytes
    values: tuple[str, ...]
    """Results that only this version of this report holds together: creatinine, then potassium."""
    mailboxes: tuple[str, ...] = ()
    """Those that get it: the prescriber's, then the patient's."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def name(self) -> str:
        return f"{self.number}-{self.version}.hpr"


def report(rank: int, version: int = 1) -> Report:
    """The report of this rank, of one of two patients: both have a qualified INS."""
    number = f"2503{rank:07}"
    creatinine, potassium = str(91 + rank % 800), f"3.{50 + version}" if version > 1 else "6.8"
    text = sample(1 if version == 1 else 4).decode(_CODING)
    for before, after in (
        ("25031000001", number),
        ("DEM0001", f"DEM{rank:07}"),
        ("ECH0001", f"ECH{rank:07}"),
        ("|112|", f"|{creatinine}|"),
        ("|4.2|", f"|{potassium}|"),
    ):
        text = text.replace(before, after)
    second = rank // 2 % 2 == 1
    if second:
        text = _of_second_patient(text)
    mailboxes = (PRESCRIBER, PATIENTS[second])
    return Report(number, version, text.encode(_CODING), (creatinine, potassium), mailboxes)


def truncated(rank: int) -> Report:
    """A file cut on its way: nothing of it may leave, and its sender must be told."""
    text = sample(6).decode(_CODING).replace("FICT", f"F{rank:07}-", 1)
    return Report(f"tronque-{rank:07}", 1, text.encode(_CODING), ())


def _of_second_patient(text: str) -> str:
    return "\r\n".join(_SECOND_PATIENT if line.startswith("P|") else line for line in text.split("\r\n"))
