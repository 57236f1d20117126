"""P, patient (8.x), of HPRIM Santé 2.4 with the identity fields of 2.5 (8.7, 8.12, 8.35–8.42)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment

_FIRST_OF_25 = 35
"""First field that only HPRIM Santé 2.5 has."""


@dataclass(frozen=True, slots=True)
class InsField:
    """8.12, one repetition: id, kind (INS-C, INS-A, INS-NIR, INS-NIA), OID in 2.5."""

    value: str
    kind: str
    oid: str
    repetition: int


@dataclass(frozen=True, slots=True)
class PatientView:
    """The patient as sent; texts are empty when absent."""

    segment: Segment
    requester_id: str
    """8.3.1 (IPP)."""
    merged_id: str
    """8.3.2, only when 8.3.3 is FU (ADM): the number that this patient's replaces."""
    laboratory_id: str
    """8.4."""
    admission: str
    """8.5.1."""
    birth_rank: str
    """8.5.2, for a new-born: 8.3 and 8.5.1 are then the mother's."""
    usual_name: str
    """8.6.1."""
    given_name: str
    """8.6.2."""
    second_given_name: str
    """8.6.3."""
    civility: str
    """8.6.5."""
    birth_name: str
    """8.7 (2.5: 8.7.1)."""
    first_birth_given_name: str
    """8.7.2, 2.5."""
    birth_given_names: str
    """8.7.3, 2.5: all of them, parted by blanks."""
    birth_date: str
    """8.8."""
    gender: str
    """8.9."""
    ins: tuple[InsField, ...]
    """8.12."""
    admission_status: str
    """8.25."""
    birth_place: str
    """8.35.1."""
    birth_cog: str
    """8.35.2."""
    identity_status: str
    """8.39; its list of values was not found: opaque."""
    mail: str
    """8.42."""


def patient_view(segment: Segment) -> PatientView:
    """Name the fields of a P."""
    merge = segment.get(3, 3).upper() == "FU"
    return PatientView(
        segment=segment,
        requester_id=segment.get(3, 1),
        merged_id=segment.get(3, 2) if merge else "",
        laboratory_id=segment.whole(4),
        admission=segment.get(5, 1),
        birth_rank=segment.get(5, 2),
        usual_name=segment.get(6, 1),
        given_name=segment.get(6, 2),
        second_given_name=segment.get(6, 3),
        civility=segment.get(6, 5),
        birth_name=segment.get(7, 1),
        first_birth_given_name=segment.get(7, 2),
        birth_given_names=segment.get(7, 3),
        birth_date=segment.get(8),
        gender=segment.get(9).upper(),
        ins=_ins(segment),
        admission_status=segment.get(25).upper(),
        birth_place=segment.get(35, 1),
        birth_cog=segment.get(35, 2),
        identity_status=segment.get(39),
        mail=segment.get(42),
    )


def merges(patients: tuple[PatientView, ...]) -> tuple[tuple[str, str], ...]:
    """(number kept, number merged into it) of each patient of an ADM whose 8.3.3 is FU."""
    return tuple((one.requester_id, one.merged_id) for one in patients if one.merged_id)


def _ins(segment: Segment) -> tuple[InsField, ...]:
    found = []
    for repetition in range(1, segment.repetitions(12) + 1):
        value, kind, oid = (segment.get(12, sub, repetition=repetition) for sub in (1, 2, 6))
        if value:
            found.append(InsField(value, kind.upper(), oid, repetition))
    return tuple(found)


def shift_findings(segment: Segment, version: str, remarks: Remarks) -> None:
    """A P that holds what its version does not have, or no date where one must be: lines lost, glued or out of order.

    8.35 and after exist from 2.5 on; 8.33 and 8.34 are instants.
    """
    old = re.fullmatch(r"H2\.[0-4]", version) is not None
    beyond = [n for n in range(_FIRST_OF_25, len(segment.fields) + 1) if segment.filled(n)]
    undated = [n for n in (33, 34) if (text := segment.get(n)) and not (text.isascii() and text.isdigit())]
    if (old and beyond) or undated:
        remarks.add("hprim.patient_shifted", segment, min(beyond + undated))
