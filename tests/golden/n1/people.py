"""Invented people and places of the golden documents of level 1: one author for each profession and profile."""

from __future__ import annotations

from engine.catalogue.entry import CatalogueEntry
from engine.model.parties import (
    INS_NIR_TEST,
    PROFESSIONAL_OID,
    STRUCTURE_OID,
    BirthPlace,
    Ins,
    Organization,
    Patient,
    Professional,
)
from engine.model.values import Address, Code, Identifier, PersonName, Telecom, Timestamp

HOST_OID = "2.25.200.1"
"""Authority of the numbers the host software gives."""

PATIENT = Patient(
    ids=(Identifier(HOST_OID, "DOSSIER-17"),),
    ins=Ins("279067635199112", INS_NIR_TEST, qualified=True),
    birth_name="D'ESSAI-ÉCRIT",
    used_name="EXEMPLE",
    birth_given_names=("CLAIRE", "ANNE"),
    first_given_name="CLAIRE",
    used_given_name="CLAIRE",
    gender="F",
    birth_time=Timestamp("19790612"),
    birth_place=BirthPlace("76351", "LE HAVRE"),
    addresses=(Address(("10 impasse du Test",), "76600", "LE HAVRE", "FRANCE", "H"),),
)


def structure(sector: Code, setting: str = "AMBULATOIRE") -> Organization:
    return Organization(
        id=Identifier(STRUCTURE_OID, "1990000028"),
        name="Cabinet de l'Exemple",
        addresses=(Address(("3 place de l'Essai",), "76600", "LE HAVRE", "FRANCE", "WP"),),
        telecoms=(Telecom("tel:0235000002", "WP"),),
        practice_setting=Code(setting, "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
        facility_type=sector,
    )


def _sector(code: str, display: str) -> Code:
    return Code(code, "1.2.250.1.71.4.2.4", display)


OFFICE = structure(_sector("SA07", "Cabinet individuel"))
PHARMACY = structure(_sector("SA33", "Pharmacie d'officine"))
LABORATORY = structure(_sector("SA25", "Laboratoire de biologie médicale"))

_SPECIALTIES = {
    "medecin": ("G15_10/SM26", "Médecin - Qualifié en Médecine Générale (SM)"),
    "sage-femme": ("G15_50", "Sage-Femme"),
    "pharmacien": ("G15_21/A", "Pharmacien titulaire d'officine"),
    "biologiste": ("G15_10/SM03", "Médecin - Biologie médicale (SM)"),
    "ide": ("G15_60", "Infirmier"),
    "ipa": (
        "G15_60/SI01",
        "Infirmier - Exercice infirmier en pratique avancée pathologies chroniques stabilisées (SI)",
    ),
    "orthophoniste": ("G15_91", "Orthophoniste"),
    "orthoptiste": ("G15_92", "Orthoptiste"),
    "podologue": ("G15_80", "Pédicure-Podologue"),
    "kinesitherapeute": ("G15_70", "Masseur-Kinésithérapeute"),
}
"""Profession, or paramedical profile → JDV_J01."""
_STRUCTURES = {"pharmacien": PHARMACY, "biologiste": LABORATORY}

GP = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000052"),
    name=PersonName("GARNIER", "Louise", "MME", "DR"),
    telecoms=(Telecom("mailto:louise.garnier@medecin.exemple.mssante.fr"),),
)


def author(entry: CatalogueEntry) -> Professional:
    """Who makes the documents of a line."""
    trade = entry.profiles[0] if entry.profession == "paramedical" else entry.profession
    code, display = _SPECIALTIES[trade]
    return Professional(
        id=Identifier(PROFESSIONAL_OID, "899900000045"),
        name=PersonName("BERNARD", "Émile", "M"),
        specialty=Code(code, "1.2.250.1.213.1.1.4.5", display),
        organization=_STRUCTURES.get(entry.profession, OFFICE),
    )
