"""ADT of PAM-FR: the patient's choices about the DMP (ZFA), the movement (ZBE), the dates of the stay (PV2)."""

from __future__ import annotations

import zoneinfo

from engine.formats.hl7v2.consents import CHOICES, ChoiceField, answers, period, usable_numbers
from engine.formats.hl7v2.er7 import NULL, Message, Segment
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import said
from engine.model.consent import ConsentAnswer

_ACTIONS = frozenset({"INSERT", "UPDATE", "CANCEL"})
_DAY = 8
"""Digits of a date without an hour."""
_UTC = zoneinfo.ZoneInfo("UTC")


def check_admission(message: Message, remarks: Remarks) -> None:
    for field in CHOICES:
        _check_choice(message, field, remarks)
    if any(answers(message, field) for field in CHOICES) and not usable_numbers(message.first("PID")):
        remarks.add("hl7v2.consent_of_nobody", path("PID-3"))
    for movement in message.all("ZBE"):
        if said(movement, "5").upper() in _ACTIONS and not said(movement, "4"):
            remarks.add("hl7v2.movement_shifted", movement.path("4"))
    admitted, left = said(message, "PV2-8"), said(message, "PV2-9")
    if admitted and left and left[:8] < admitted[:8]:
        remarks.add("hl7v2.dates_order", path("PV2-9"))


def _check_choice(message: Message, field: ChoiceField, remarks: Remarks) -> None:
    found = answers(message, field)
    understood = {segment.number for segment, _ in found}
    if len({answer for _, answer in found}) > 1:
        remarks.add("hl7v2.consent_contradicted", found[1][0].path(field.place))
    for segment, answer in found:
        _check_date(segment, field, answer, remarks)
    for segment in message.all("ZFA"):
        if said(segment, field.place) and segment.number not in understood:
            remarks.add("hl7v2.consent", segment.path(field.place), expected=", ".join(field.answers))
        if (segment.text(field.place) or "").strip() == NULL:
            remarks.add("hl7v2.consent_erased", segment.path(field.place))


def _check_date(segment: Segment, field: ChoiceField, answer: ConsentAnswer, remarks: Remarks) -> None:
    sent, place = said(segment, f"{field.dated}.1"), segment.path(field.dated)
    if not sent:
        if answer is not ConsentAnswer.NOT_COLLECTED:
            remarks.add("hl7v2.consent_date", place)
    elif period(sent, _UTC) is None:
        remarks.add("hl7v2.consent_date_form", place)
    elif len(sent.split("+")[0].split("-")[0]) <= _DAY:
        remarks.add("hl7v2.consent_day", place)
