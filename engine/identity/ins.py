"""Identité nationale de santé (INS): shape and key of a matricule, and what it says against the traits beside it.

A matricule is a NIR or a NIA: 13 signs and a key of two digits, `97 − (number modulo 97)`; in Corsica `2A` counts as 19
and `2B` as 18.
"""

from __future__ import annotations

import re
from datetime import date

from engine.findings import Disposition, Finding, Severity
from engine.model.parties import Ins

_MATRICULE = re.compile(r"([1-478])([0-9]{2})([0-9]{2})([0-9]{2}|2[AB])([0-9]{3})([0-9]{3})([0-9]{2})")
_CORSICA = {"2A": "19", "2B": "18"}
_GENDERS = {"1": "M", "3": "M", "7": "M", "2": "F", "4": "F", "8": "F"}


def nir_key_is_valid(matricule: str) -> bool:
    """True when the 15 signs have the shape of a NIR or NIA and end with the right key."""
    match = _MATRICULE.fullmatch(matricule)
    if match is None:
        return False
    department = _CORSICA.get(match.group(4), match.group(4))
    number = int(matricule[:5] + department + matricule[7:13])
    return int(match.group(7)) == 97 - number % 97


def ins_findings(
    ins: Ins, *, gender: str | None, birth_date: date | None, where: str = "", line: int | None = None
) -> tuple[Finding, ...]:
    """What forbids to trust a matricule: its shape or key, the sex or the birth month it says against those sent.

    `gender` is F, M or UN; a trait that was not sent is not compared, nor a birth month above 12 (unknown month).
    """
    if not nir_key_is_valid(ins.matricule):
        message = "Le matricule INS est mal formé ou sa clé est fausse."
        return (_held("identity.ins_invalid", message, where, line),)
    if _traits_agree(ins.matricule, gender, birth_date):
        return ()
    message = "Le matricule INS ne concorde pas avec le sexe ou la date de naissance transmis."
    return (_held("identity.ins_traits_inconsistent", message, where, line),)


def _traits_agree(matricule: str, gender: str | None, birth_date: date | None) -> bool:
    said = _GENDERS[matricule[0]]
    if gender in {"M", "F"} and gender != said:
        return False
    if birth_date is None:
        return True
    month = int(matricule[3:5])
    return int(matricule[1:3]) == birth_date.year % 100 and (not 1 <= month <= 12 or month == birth_date.month)


def _held(code: str, message: str, where: str, line: int | None) -> Finding:
    return Finding(
        code,
        Severity.ERROR,
        where,
        message,
        "Vérifiez l'identité du patient auprès de l'émetteur avant toute publication.",
        "identity",
        Disposition.HOLD,
        line=line,
    )
