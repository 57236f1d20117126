"""Abnormal flags (HPRIM Santé 10.9, HPRIM Médecin RES field 9) → HL7 ObservationInterpretation."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.directory import Laboratory
from engine.model.laboratory import Interpretation
from engine.model.values import Code

INTERPRETATION_OID = "2.16.840.1.113883.5.83"

DISPLAYS: Mapping[str, str] = {
    "L": "Anormalement bas",
    "H": "Anormalement haut",
    "LL": "Très anormalement bas, alerte",
    "HH": "Très anormalement haut, alerte",
    "<": "Inférieur à la limite de détection",
    ">": "Supérieur à la limite maximale de mesure",
    "N": "Normal",
    "A": "Anormal",
    "AA": "Très anormal, alerte",
    "U": "Augmentation significative par rapport au résultat antérieur",
    "D": "Diminution significative par rapport au résultat antérieur",
    "B": "Amélioration",
    "W": "Dégradation",
    "R": "Résistant",
    "I": "Intermédiaire",
    "S": "Sensible",
}
"""Flags of HPRIM Santé 2.4 (10.9) that are codes of JDV_HL7_ObservationInterpretation-CISIS, with its French words."""


def interpretation(flag: str, laboratory: Laboratory) -> Interpretation:
    """The flag as sent, with its official code when it has one; a flag is never computed nor corrected.

    `MS` (slightly susceptible) and `VS` (very susceptible) have no official code: the laboratory says which one it
    means (`flags`), else they stay text. `Null` (no range) has none either.
    """
    key = flag.strip()
    code = laboratory.flags.get(key)
    if code is None and (display := DISPLAYS.get(key.upper())) is not None:
        code = Code(key.upper(), INTERPRETATION_OID, display, "ObservationInterpretation")
    return Interpretation(flag, code)
