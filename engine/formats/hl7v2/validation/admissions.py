"""ADT of PAM-FR: the patient's choices about the DMP (ZFA), the movement (ZBE), the dates of the stay (PV2)."""

from __future__ import annotations

from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said

_COLLECTED = {"9": ("10", frozenset({"INO", "IO"})), "11": ("12", frozenset({"IC", "INC"}))}
"""ZFA: choice → its date, and the values that were really collected from the patient."""
_ACTIONS = frozenset({"INSERT", "UPDATE", "CANCEL"})


def check_admission(message: Message, remarks: Remarks) -> None:
    for choices in message.all("ZFA"):
        for place, (dated, collected) in _COLLECTED.items():
            if said(choices, place).upper() in collected and not said(choices, dated):
                remarks.add("hl7v2.consent_date", choices.path(dated))
    for movement in message.all("ZBE"):
        if said(movement, "5").upper() in _ACTIONS and not said(movement, "4"):
            remarks.add("hl7v2.movement_shifted", movement.path("4"))
    admitted, left = said(message, "PV2-8"), said(message, "PV2-9")
    if admitted and left and left[:8] < admitted[:8]:
        remarks.add("hl7v2.dates_order", path("PV2-9"))
