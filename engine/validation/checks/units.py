"""Units of measures: each must be a unit of UCUM (HL7 CDA R2, type PQ; CI-SIS, terminology of units).

A dose may be counted in units of presentation (EDQM, eight digits), which the CI-SIS admits there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.remark import error
from engine.validation.checks.ucum import is_ucum

_MEASURES = etree.XPath(".//*[@unit]")
_PRESENTATION = re.compile(r"^\d{8}$")


def units(cda: etree._Element) -> Iterator[Finding]:
    """Every element that carries `@unit`."""
    for element in _MEASURES(cda):  # type: ignore[union-attr]
        unit = element.get("unit", "")  # type: ignore[union-attr]
        if not is_ucum(unit) and not _PRESENTATION.match(unit):
            yield error(
                "unit",
                element,  # type: ignore[arg-type]
                "L’unité de cette mesure n’existe pas dans UCUM : la valeur ne peut pas être comprise.",
                "Corriger la table des unités du logiciel émetteur ; ne jamais convertir ni deviner une unité.",
            )
