"""What the INS datamatrix of a readable copy says, for the documents that may carry one."""

from __future__ import annotations

from engine.identity.datamatrix import ins_datamatrix
from engine.identity.traits import strict_traits
from engine.model.document import ClinicalDocument
from engine.rendering.identity_block import may_show_datamatrix

_WAVE = 1
"""The stricter of the two: prescriptions never carry the symbol."""


def ins_content(document: ClinicalDocument, class_code: str) -> str:
    """The text to encode (R-DOC-09: qualified identities only, no prescription); empty where there is none."""
    patient = document.patient
    if patient.ins is None or not may_show_datamatrix(patient, class_code=class_code, wave=_WAVE):
        return ""
    return ins_datamatrix(patient.ins, strict_traits(patient)).text or ""
