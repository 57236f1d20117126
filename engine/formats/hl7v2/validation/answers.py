"""ZAM: what became of a document, at the DMP (Z01), in a mailbox (Z02), under a reader's eyes (Z03)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.path import Path
from engine.formats.hl7v2.validation.profile import Profile
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said

_SUBJECTS: Mapping[str, tuple[str, str]] = {
    "Z01": ("ACK_RECEPTION_DMP", ""),
    "Z02": ("ACK_RECEPTION_MSS", "DESTINATAIRE_MSS"),
    "Z03": ("ACK_LECTURE_MSS", "LECTEUR_MSS"),
}
"""OBX-3.1 of the answer and, where a mailbox is concerned, of whose it is."""


def check_answer(message: Message, profile: Profile, remarks: Remarks) -> None:
    answer, mailbox = _SUBJECTS.get(profile.event, ("", ""))
    observations = {said(one, "3.1").upper(): one for one in message.all("OBX")}
    if answer:
        _check_answer(message, answer, observations.get(answer), remarks)
    if mailbox:
        whose = observations.get(mailbox)
        if whose is None:
            remarks.add("hl7v2.segment_missing", Path("OBX", 2))
        elif not said(whose, "5.4"):
            remarks.add("hl7v2.required", whose.path("5.4"))


def _check_answer(message: Message, name: str, given: Segment | None, remarks: Remarks) -> None:
    if given is None:
        remarks.add("hl7v2.answer", Path("OBX"), expected=name)
        return
    if not said(given, "4"):
        remarks.add("hl7v2.required", given.path("4"))
    value = said(given, "5.1").upper()
    if value not in {"Y", "N"}:
        remarks.add("hl7v2.answer", given.path("5.1"), expected="Y, N")
    if value == "N" and message.first("ERR") is None:
        remarks.add("hl7v2.no_reason", Path("ERR"))
