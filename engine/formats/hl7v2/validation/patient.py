"""PID: identifiers, the INS and its traits (PAM-FR; INS annex of the CI-SIS), the same for every flow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.formats.hl7v2.er7 import Component, Message, Segment, Sub
from engine.formats.hl7v2.path import Path, Place
from engine.formats.hl7v2.validation.remarks import Remarks
from engine.formats.hl7v2.values import filled, said
from engine.model.parties import INS_OIDS

_INS_NIR_LENGTH = 15
VALIDATED = "VALI"
"""PID-32: the identity was validated."""


@dataclass(frozen=True, slots=True)
class PatientId:
    """One repetition of PID-3."""

    value: str
    root: str
    """PID-3.4.2 when the assigning authority says so, else what PID-3.4.1 holds if it is an OID, else empty."""
    authority: str
    """The assigning authority as it was named: OID, else namespace."""
    type: str
    where: Path

    @property
    def is_ins(self) -> bool:
        return self.root in INS_OIDS


def patient_ids(message: Message) -> tuple[PatientId, ...]:
    """Identifiers of the first PID, empty repetitions left out."""
    segment = message.first("PID")
    return () if segment is None else tuple(_ids(segment))


def check_patient(message: Message, remarks: Remarks) -> None:
    """Nothing is said of an identity without an INS: the tables did."""
    ids = patient_ids(message)
    for one in ids:
        if not one.type:
            remarks.add("hl7v2.required", _component(one.where, 5))
        if not one.authority:
            remarks.add("hl7v2.required", _component(one.where, 4))
    national = [one for one in ids if one.is_ins]
    if len({(one.value, one.root) for one in national}) > 1:
        remarks.add("hl7v2.several_ins", national[1].where)
    for one in national:
        if not ins_key_is_right(one.value):
            remarks.add("hl7v2.ins_key", one.where)
    if national:
        _check_traits(message, remarks)


def ins_key_is_right(matricule: str) -> bool:
    """13 signs and their key, 97 minus the number modulo 97; 2A and 2B (Corsica) count as 19 and 18."""
    number, key = matricule[:13].upper(), matricule[13:]
    number = number[:5] + number[5:7].replace("2A", "19").replace("2B", "18") + number[7:]
    if len(matricule) != _INS_NIR_LENGTH or not (number.isascii() and number.isdigit() and key.isdigit()):
        return False
    return int(key) == 97 - int(number) % 97


def _ids(segment: Segment) -> Iterator[PatientId]:
    field = segment.field(3)
    for rank, repetition in enumerate(field.repetitions if field is not None else (), start=1):
        value = _text(repetition.component(1))
        authority = repetition.component(4)
        if not filled(value):
            continue
        namespace, oid = (_text(authority.sub(number)) if authority is not None else "" for number in (1, 2))
        root = oid or (namespace if _is_oid(namespace) else "")
        type_ = _text(repetition.component(5)).upper()
        yield PatientId(value, root, oid or namespace, type_, segment.path(f"3[{rank}]"))


def _is_oid(text: str) -> bool:
    return "." in text and text.replace(".", "").isdigit()


def _component(where: Path, number: int) -> Path:
    return replace(where, place=replace(where.place, component=number))


def _check_traits(message: Message, remarks: Remarks) -> None:
    """The strict traits that go with an INS: birth name, given names, birth date, sex, place of birth (COG)."""
    missing = [place for place in ("PID-5.1.1", "PID-5.2", "PID-7", "PID-8") if not said(message, place)]
    segment = message.first("PID")
    addresses = segment.field(11) if segment is not None else None
    births = [one for one in (addresses.repetitions if addresses else ()) if _text(one.component(7)) == "BDL"]
    if not any(_text(one.component(9)) for one in births):
        missing.append("PID-11.9 (BDL)")
    if missing:
        remarks.add("hl7v2.ins_traits", Path("PID"), expected=", ".join(missing))
    if VALIDATED not in said(message, "PID-32").upper().split(message.separators.repetition or None):
        remarks.add("hl7v2.ins_not_validated", Path("PID", 1, Place(32)))


def _text(part: Component | Sub | None) -> str:
    return "" if part is None else part.text.strip()
