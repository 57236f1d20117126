"""The INS on a page: strict traits, matricule and its nature, datamatrix; for qualified identities alone.

Ségur wave 1, DOC.03, DOC.04, INS.55 to INS.57 (rule 32): no matricule and no datamatrix for any other identity, and no
datamatrix on the prescriptions of wave 1.
"""

from __future__ import annotations

from engine.model.parties import INS_NIA, INS_NIR, INS_NIR_DEMO, INS_NIR_TEST, Ins, Patient
from engine.rendering.datamatrix import datamatrix, drawn
from engine.rendering.french_dates import french_date
from engine.rendering.typesetting import Data

PRESCRIPTION_CLASS = "42"
"""XDS classCode of prescriptions (TRE_A03, 1.2.250.1.213.1.1.4.1)."""
NATURES = {
    INS_NIR: "INS (NIR)",
    INS_NIA: "INS (NIA)",
    INS_NIR_TEST: "INS (NIR de test)",
    INS_NIR_DEMO: "INS (NIR de démonstration)",
}
_GENDERS = {"F": "Féminin", "M": "Masculin"}


def may_show_datamatrix(patient: Patient, *, class_code: str, wave: int) -> bool:
    """Whether a document of this class may carry the INS datamatrix of this patient, under this Ségur wave."""
    qualified = patient.ins is not None and patient.ins.qualified
    return qualified and not (wave == 1 and class_code == PRESCRIPTION_CLASS)


def identity_block(patient: Patient, content: str, *, class_code: str, wave: int) -> dict[str, Data]:
    """The data of the block: `rows` (label, text) and `symbol`; empty where none may be shown.

    `content` is the text of the datamatrix (`engine.identity.datamatrix`). Raises ValueError when it is not about the
    matricule of this very patient, so that a page never shows one patient and encodes another.
    """
    if patient.ins is None or not may_show_datamatrix(patient, class_code=class_code, wave=wave):
        return {}
    return {"rows": _rows(patient, patient.ins), "symbol": ins_symbol(patient, content)}


def ins_symbol(patient: Patient, content: str) -> dict[str, Data]:
    """The drawing of an INS datamatrix. Raises ValueError when the text is not about this patient."""
    if patient.ins is None or f"S1{patient.ins.matricule}S2{patient.ins.oid}" not in content:
        raise ValueError("the datamatrix is not about this patient")
    return drawn(datamatrix(content))


def _rows(patient: Patient, ins: Ins) -> list[Data]:
    place = patient.birth_place
    rows = [
        ("Nom de naissance", patient.birth_name),
        ("Sexe", _GENDERS.get(patient.gender or "")),
        ("Premier prénom", patient.first_given_name),
        ("Né(e) le", french_date(patient.birth_time) if patient.birth_time else None),
        ("Prénoms", " ".join(patient.birth_given_names)),
        ("Lieu (code INSEE)", place.cog if place else None),
        (NATURES.get(ins.oid, "INS"), ins.matricule),
    ]
    return [{"label": label, "text": text} for label, text in rows if text]
