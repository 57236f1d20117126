"""LOINC codes: the form and the check digit, which catches a mistyped code (LOINC Users' Guide: mod 10 check digit)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.national_ids import luhn
from engine.validation.checks.remark import warning

LOINC = "2.16.840.1.113883.6.1"
_NUMERIC = re.compile(r"^(\d{1,7})-(\d)$")
_OTHER = re.compile(r"^(?:L[AGLP]\d+-\d|[xX][xX]-[\w-]+)$")
"""Answers, groups and parts; provisional codes of IHE profiles (`xx-MCH-PsychoMDev`)."""


def loinc_codes(cda: etree._Element) -> Iterator[Finding]:
    """Every coded element whose code system is LOINC."""
    for element in cda.iter(etree.Element):
        code = element.get("code")
        if element.get("codeSystem") == LOINC and code is not None and not _is_right(code):
            yield warning(
                "loinc_code",
                element,
                "Ce code LOINC ne peut pas exister : sa forme ou sa clé de contrôle est fausse.",
                "Corriger la table de correspondance LOINC du laboratoire.",
            )


def _is_right(code: str) -> bool:
    found = _NUMERIC.match(code)
    return luhn(found.group(1) + found.group(2)) if found else bool(_OTHER.match(code))
