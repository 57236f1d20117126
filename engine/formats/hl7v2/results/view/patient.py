"""PID, patient identification (HL7 v2.5, 3.4.2), as PAM France fills it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.view.fields import repetitions, text
from engine.model.parties import INS_OIDS

INS_KINDS = frozenset({"INS", "INS-NIR", "INS-NIA"})
OLD_INS_OID = "1.2.250.1.213.1.4.2"
OLD_INS_KINDS = frozenset({"INS-C", "INS-A"})
_NATIONAL_KINDS = frozenset({"NH", "NI", "SS", "SNS"})
"""Numbers of a national register or of social security, when nothing says that they are an INS."""


@dataclass(frozen=True, slots=True)
class PatientNumber:
    """CX: one repetition of PID-3."""

    value: str
    authority: str
    """CX-4.1, the name of who gave it."""
    oid: str
    """CX-4.2."""
    kind: str
    """CX-5: INS, PI, NH…"""
    place: str
    """`3[2]`."""

    @property
    def is_ins(self) -> bool:
        return self.oid in INS_OIDS or self.kind in INS_KINDS

    @property
    def is_old_ins(self) -> bool:
        return self.oid == OLD_INS_OID or self.kind in OLD_INS_KINDS

    @property
    def is_national(self) -> bool:
        return self.kind in _NATIONAL_KINDS


@dataclass(frozen=True, slots=True)
class SentName:
    """XPN: one repetition of PID-5."""

    family: str
    given: str
    given_names: str
    """XPN-3: in France, all the given names of birth."""
    prefix: str
    kind: str
    """XPN-7: L birth name, D used name."""


@dataclass(frozen=True, slots=True)
class PatientView:
    """The patient as sent; texts are empty when absent."""

    segment: Segment
    numbers: tuple[PatientNumber, ...]
    mother_numbers: frozenset[str]
    """PID-21."""
    birth_name: SentName | None
    """PID-5 of type L."""
    used_name: SentName | None
    """PID-5 of type D, else one whose type was not sent."""
    other_name_kinds: tuple[str, ...]
    """Types of the names that have no place (pseudonyms, aliases)."""
    birth_date: str
    gender: str
    birth_place: str
    """PID-23, else the city of the birth address."""
    birth_cog: str
    """PID-11.9 of the birth address (type BDL)."""
    is_multiple: bool
    """PID-24, or a rank above one."""
    birth_rank: str
    """PID-25."""
    reliabilities: tuple[str, ...]
    """PID-32: VALI, PROV, QUAL, DOUT, FICTI…"""


def patient_view(segment: Segment) -> PatientView:
    """Name the fields of a PID."""
    names = tuple(_name(segment, rank) for rank in repetitions(segment, 5))
    birth = next((one for one in names if one.kind == "L"), None)
    used = next((one for one in names if one.kind == "D"), None) or next((one for one in names if not one.kind), None)
    births = [f"11[{rank}]" for rank in repetitions(segment, 11) if text(segment, f"11[{rank}].7").upper() == "BDL"]
    birth_rank = text(segment, "25.1")
    return PatientView(
        segment=segment,
        numbers=tuple(number for rank in repetitions(segment, 3) if (number := _patient_number(segment, rank)).value),
        mother_numbers=frozenset(one for n in repetitions(segment, 21) if (one := text(segment, f"21[{n}].1"))),
        birth_name=birth,
        used_name=used,
        other_name_kinds=tuple(one.kind for one in names if one not in (birth, used)),
        birth_date=text(segment, "7.1"),
        gender=text(segment, "8.1").upper(),
        birth_place=text(segment, "23[1]") or next((one for at in births if (one := text(segment, f"{at}.3"))), ""),
        birth_cog=next((one for at in births if (one := text(segment, f"{at}.9"))), ""),
        is_multiple=text(segment, "24.1").upper() == "Y" or _is_above_one(birth_rank),
        birth_rank=birth_rank,
        reliabilities=tuple(one for n in repetitions(segment, 32) if (one := text(segment, f"32[{n}].1").upper())),
    )


def _is_above_one(rank: str) -> bool:
    return rank.isascii() and rank.isdigit() and rank.lstrip("0") not in {"", "1"}


def _patient_number(segment: Segment, rank: int) -> PatientNumber:
    at = f"3[{rank}]"
    authority, oid = text(segment, f"{at}.4.1"), text(segment, f"{at}.4.2")
    kind = text(segment, f"{at}.5").upper()
    return PatientNumber(text(segment, f"{at}.1"), authority, oid, kind, at)


def _name(segment: Segment, rank: int) -> SentName:
    at = f"5[{rank}]"
    family = text(segment, f"{at}.1.1")
    given, others, prefix, kind = (text(segment, f"{at}.{component}") for component in (2, 3, 5, 7))
    return SentName(family, given, others, prefix, kind.upper())
