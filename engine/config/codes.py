"""Codes that routes.yaml gives by their code alone, with the label CDA wants beside them.

A small own set, for what a laboratory's installation names; source: JDV_J01, J02 and J04 of the CI-SIS, read in the
official pack of February 2025. A code absent here is taken with the label routes.yaml gives, or with the code itself.
"""

from __future__ import annotations

from engine.model.values import Code

_PRACTICE_SETTINGS = {
    "AMBULATOIRE": "Ambulatoire",
    "AMO": "Organisme d'assurance maladie obligatoire",
    "DEPISTAGE": "Dépistage",
    "ESSMS": "Etablissement ou Service Social ou Médico-Social",
    "ETABLISSEMENT": "Etablissement de santé",
    "HAD": "Hospitalisation à domicile",
    "MAD": "Maintien à domicile",
    "PALLIATIF": "Soins palliatifs",
    "SAD": "Soins à domicile",
    "SAMU_SMUR": "SAMU/SMUR",
}
_FACILITY_TYPES = {
    "SA01": "Etablissement public de santé",
    "SA05": "Centre de santé",
    "SA07": "Cabinet individuel",
    "SA08": "Cabinet de groupe",
    "SA09": "Exercice en société",
    "SA25": "Laboratoire de biologie médicale",
}
_SPECIALTIES = {
    "G15_10": "Médecin",
    "G15_10/SM03": "Médecin - Biologie médicale (SM)",
    "G15_10/SM26": "Médecin - Qualifié en Médecine Générale (SM)",
    "G15_10/SM53": "Médecin - Spécialiste en Médecine Générale (SM)",
    "G15_10/SM54": "Médecin - Médecine Générale (SM)",
    "G15_10/SM63": "Médecin - Biologie médicale option biologie générale (SM)",
    "G15_21": "Pharmacien",
    "G15_21/G": "Pharmacien biologiste",
    "G15_50": "Sage-Femme",
    "G15_60": "Infirmier",
}


def practice_setting(code: str) -> Code:
    """Cadre d'exercice (JDV_J04)."""
    return Code(code, "1.2.250.1.213.1.1.4.9", _PRACTICE_SETTINGS.get(code, code))


def facility_type(code: str) -> Code:
    """Secteur d'activité (JDV_J02)."""
    return Code(code, "1.2.250.1.71.4.2.4", _FACILITY_TYPES.get(code, code))


def specialty(code: str, label: str | None) -> Code:
    """Profession and speciality (JDV_J01)."""
    return Code(code, "1.2.250.1.213.1.1.4.5", label or _SPECIALTIES.get(code, code))


def known_practice_settings() -> tuple[str, ...]:
    return tuple(_PRACTICE_SETTINGS)
