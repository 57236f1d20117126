"""The invented laboratory that sends the HPRIM samples: its people, its tables, its circumstances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from engine.context import Context
from engine.model.directory import Laboratory, MappedCode, MappedTest
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Address, Code, Identifier, PersonName, Telecom

RECEIVED_AT = datetime(2025, 3, 10, 14, 0, 5, tzinfo=UTC)
PRACTICE_SETTING = Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire")
FACILITY_TYPE = Code("SA25", "1.2.250.1.71.4.2.4", "Laboratoire de biologie médicale")
SNOMED = "2.16.840.1.113883.6.96"
BIOLOGIST_SPECIALTY = Code("G15_10/SM03", "1.2.250.1.213.1.1.4.5", "Médecin - Biologie médicale (SM)")
GENERALIST_SPECIALTY = Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Qualifié en Médecine Générale (SM)")

LABORATORY_ADDRESS = Address(("1 rue du Test",), "00000", "VILLETEST", "FR", "WP")
ORGANIZATION = Organization(
    id=Identifier(STRUCTURE_OID, "1990000002"),
    name="LABORATOIRE FICTIF",
    addresses=(LABORATORY_ADDRESS,),
    telecoms=(Telecom("tel:0100000000", "WP"),),
    practice_setting=PRACTICE_SETTING,
    facility_type=FACILITY_TYPE,
)
BIOLOGIST = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000029"),
    name=PersonName("BIOTEST", "Andréa", "M", "DR"),
    specialty=BIOLOGIST_SPECIALTY,
    addresses=(LABORATORY_ADDRESS,),
    telecoms=(Telecom("tel:0100000000", "WP"),),
    organization=ORGANIZATION,
)
PRESCRIBER = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000011"),
    name=PersonName("MEDTEST", "Françoise", "MME", "DR"),
    specialty=GENERALIST_SPECIALTY,
    addresses=(Address(("2 rue du Test",), "00000", "VILLETEST", "FR", "WP"),),
    telecoms=(
        Telecom("tel:0100000002", "WP"),
        Telecom("mailto:francoise.medtest@medecin.mssante.example"),
    ),
)

TESTS = (
    MappedTest("GLU", "40193-5", "Glucose à jeun [Moles/Volume] Sérum/Plasma ; Numérique", unit_sent="mmol/L"),
    MappedTest("CREA", "14682-9", "Créatinine [Moles/Volume] Sérum/Plasma ; Numérique", unit_sent="µmol/L"),
    MappedTest("UREE", "22664-7", "Urée [Moles/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("NA", "2951-2", "Sodium [Moles/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("K", "2823-3", "Potassium [Moles/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("CRP", "1988-5", "Protéine C réactive [Masse/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("FER", "2276-4", "Ferritine [Masse/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("CLAI", "35591-7", "Clairance de la créatinine selon Cockcroft-Gault ; Numérique"),
    MappedTest("HBA1C", "4548-4", "Hémoglobine A1c/Hémoglobine totale ; Numérique"),
    MappedTest("TSH", "3016-3", "TSH [Unités/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("BILI", "14631-6", "Bilirubine totale [Moles/Volume] Sérum/Plasma ; Numérique"),
    MappedTest("ASPU", "5767-9", "Aspect [Aspect] Urine ; Résultat textuel"),
    MappedTest("LEUU", "30405-5", "Leucocytes [Nombre/Volume] Urine ; Numérique"),
    MappedTest("HEMU", "30391-7", "Érythrocytes [Nombre/Volume] Urine ; Numérique"),
    MappedTest("GERME", "630-4", "Bactérie identifiée dans les urines par culture"),
    MappedTest("AMX", "18861-5", "Amoxicilline [Sensibilité]"),
    MappedTest("AMC", "18862-3", "Amoxicilline + clavulanate [Sensibilité]"),
    MappedTest("CTX", "18886-2", "Céfotaxime [Sensibilité]"),
    MappedTest("NOR", "18956-3", "Norfloxacine [Sensibilité]"),
    MappedTest("FOS", "25596-8", "Fosfomycine [Sensibilité]"),
    MappedTest("SXT", "18998-5", "Triméthoprime + sulfaméthoxazole [Sensibilité]"),
    MappedTest("NIT", "18955-5", "Nitrofurantoïne [Sensibilité]"),
    MappedTest("LEV", "20629-2", "Lévofloxacine [Sensibilité]"),
    MappedTest("CMIAMC", "20-8", "Amoxicilline + clavulanate [Sensibilité] par CMI"),
)
VALUES = (
    MappedCode("ECO", Code("112283007", SNOMED, "Escherichia coli")),
    MappedCode("EFA", Code("78065002", SNOMED, "Enterococcus faecalis")),
)

LABORATORY = Laboratory(
    name="labo-fictif",
    sender_codes=("990000002",),
    organization=ORGANIZATION,
    oid="1.2.250.1.999.1.1",
    local_codes_oid="1.2.250.1.999.1.1.1",
    patient_ids_oid="1.2.250.1.999.1.1.2",
    requester_patient_ids_oid="1.2.250.1.999.1.2.1",
    biologists={"99900000029": BIOLOGIST, "VBIO": BIOLOGIST},
    prescribers={"99900000011": PRESCRIBER},
    tests=TESTS,
    values=VALUES,
)
"""Sender 990000002 of the samples; its tables map the samples' local codes, FROT, GRP and NUMU excepted on purpose."""


def context(laboratory: Laboratory = LABORATORY, *, default_laboratory: str | None = None) -> Context:
    """The circumstances of one message from that laboratory, in test."""
    return Context(
        received_at=RECEIVED_AT,
        instance_oid="1.2.250.1.999.9",
        production=False,
        laboratories=(laboratory,),
        default_laboratory=default_laboratory,
    )


def with_policy(policy: Mapping[str, str]) -> Laboratory:
    """The same laboratory, with its own choices about findings."""
    return replace(LABORATORY, policy=policy)
