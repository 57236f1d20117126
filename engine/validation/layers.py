"""The official layers of a pack, in the order of the official run (ANS TestContenuCDA v3)."""

from __future__ import annotations

XSD = "infrastructure/cda/CDA_extended.xsd"

PROFILES = {
    "sm": "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch",
    "ihe": "schematrons/profils/IHE.sch",
    "mc": "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch",
    "ans": "schematrons/profils/CI-SIS_Modeles_ANS.sch",
    "term": "schematrons/profils/terminologies/schematron/terminologie.sch",
}
"""Layer → schema of the profiles that apply to every document."""
