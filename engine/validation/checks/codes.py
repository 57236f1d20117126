"""Codes: the form of each code system, and the check digit where there is one, which catches a mistyped code.

LOINC Users' Guide (mod 10 check digit), SNOMED CT Technical Implementation Guide (SCTID, Verhoeff check digit); WHO for
CIM-10, CIM-11 and ATC; ANS for TA_ASIP; EDQM Standard Terms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.national_ids import luhn
from engine.validation.checks.remark import error

LOINC = "2.16.840.1.113883.6.1"
SNOMED_CT = "2.16.840.1.113883.6.96"
_LOINC = re.compile(r"^(\d{1,7})-(\d)$")
_LOINC_OTHER = re.compile(r"^(?:L[AGLP]\d+-\d|[xX][xX]-[\w-]+)$")
"""Answers, groups and parts; provisional codes of IHE profiles (`xx-MCH-PsychoMDev`)."""
_SNOMED = re.compile(r"^[1-9]\d{5,17}$")
_FORMS = {
    "2.16.840.1.113883.6.3": re.compile(r"^[A-Z]\d{2}(?:\.?[\d+-]{1,5})?[*†]?$"),
    "2.16.840.1.113883.6.347": re.compile(r"^[0-9A-Z]{3,}(?:\.[0-9A-Z]+)?(?:[&/][0-9A-Z.]+)*$"),
    "2.16.840.1.113883.6.73": re.compile(r"^[A-Z](?:\d{2}(?:[A-Z](?:[A-Z](?:\d{2})?)?)?)?$"),
    "0.4.0.127.0.16.1.1.2.1": re.compile(r"^(?:[A-Z]{3}-)?\d{4,8}$"),
}
"""CIM-10, CIM-11, ATC, EDQM."""
_CODED = etree.XPath(".//*[@code and @codeSystem]")


def codes(cda: etree._Element) -> Iterator[Finding]:
    """Every coded element whose code system is one of those known here."""
    for element in _CODED(cda):  # type: ignore[union-attr]
        said = _fault(element.get("codeSystem", ""), element.get("code", ""))  # type: ignore[union-attr]
        if said is not None:
            yield said(element)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def _fault(system: str, code: str) -> Callable[[etree._Element], Finding] | None:
    if system == LOINC:
        return None if _is_loinc(code) else _loinc
    if system == SNOMED_CT:
        return None if _SNOMED.match(code) and verhoeff(code) else _snomed
    form = _FORMS.get(system)
    return _form if form is not None and not form.match(code) else None


def _is_loinc(code: str) -> bool:
    found = _LOINC.match(code)
    return luhn(found.group(1) + found.group(2)) if found else bool(_LOINC_OTHER.match(code))


def _loinc(element: etree._Element) -> Finding:
    return error(
        "loinc_code",
        element,
        "Ce code LOINC ne peut pas exister : sa forme ou sa clé de contrôle est fausse.",
        "Corriger la table de correspondance LOINC du laboratoire.",
    )


def _snomed(element: etree._Element) -> Finding:
    return error(
        "snomed_code",
        element,
        "Ce code SNOMED CT ne peut pas exister : sa forme ou sa clé de contrôle est fausse.",
        "Corriger le code dans le logiciel émetteur, à partir de la nomenclature.",
    )


def _form(element: etree._Element) -> Finding:
    return error(
        "code_form",
        element,
        "Ce code n’a pas la forme des codes de son système de codage.",
        "Corriger le code ou le système de codage dans le logiciel émetteur.",
    )


def verhoeff(digits: str) -> bool:
    """True when the last digit is the Verhoeff check digit of the others (dihedral group D5)."""
    check = 0
    for rank, digit in enumerate(reversed(digits)):
        check = _D5[check][_PERMUTED[rank % 8][int(digit)]]
    return check == 0


def _product(a: int, b: int) -> int:
    """The operation of D5, rotations being 0 to 4 and reflections 5 to 9."""
    rotation = (a + b) % 5 if a < 5 else (a - b) % 5
    return rotation + (5 if (a < 5) != (b < 5) else 0)


_D5 = tuple(tuple(_product(a, b) for b in range(10)) for a in range(10))
_SWAP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permutations() -> tuple[tuple[int, ...], ...]:
    rows: list[tuple[int, ...]] = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(_SWAP[digit] for digit in rows[-1]))
    return tuple(rows)


_PERMUTED = _permutations()
