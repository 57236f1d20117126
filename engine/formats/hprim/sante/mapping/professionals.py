"""CNA and its like → Professional: what the message says of someone, completed by the laboratory's directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.formats.hprim.sante.datatypes import address, person_name, telecoms
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.segments import Segment
from engine.formats.terminology.words import folded
from engine.model.parties import PROFESSIONAL_OID, Professional
from engine.model.values import Address, Identifier, PersonName


@dataclass(frozen=True, slots=True)
class Named:
    """Someone as sent: code, name, kind of code (R RPPS, A ADELI, L local)."""

    code: str
    name: PersonName | None
    kind: str

    @property
    def national_id(self) -> Identifier | None:
        """`8` + RPPS or `0` + ADELI under 1.2.250.1.71.4.2.1; None for a local code."""
        if not (self.code.isascii() and self.code.isalnum()):
            return None
        if self.kind == "R" and len(self.code) == 11 and self.code.isdigit():
            return Identifier(PROFESSIONAL_OID, "8" + self.code)
        if self.kind == "A" and len(self.code) == 9:
            return Identifier(PROFESSIONAL_OID, "0" + self.code)
        return None


def named(segment: Segment, field: int, *, repetition: int = 1) -> Named | None:
    """code ~ PN ~ kind of code. None when neither a code nor a name was sent."""
    code = segment.get(field, 1, repetition=repetition)
    name = person_name(segment, field, 2, repetition=repetition)
    kind = segment.get(field, 3, repetition=repetition).upper()
    return Named(code, name, kind) if code or name else None


def in_directory(one: Named, directory: Mapping[str, Professional]) -> Professional | None:
    """Who the directory knows under this code, or under this national identifier."""
    if one.code in directory:
        return directory[one.code]
    wanted = one.national_id
    return None if wanted is None else next((known for known in directory.values() if known.id == wanted), None)


def same_person(one: Named, known: Professional) -> bool:
    """False when both have a family name and these differ: a code may be given to someone else."""
    if one.name is None or known.name is None:
        return True
    return folded(one.name.family) == folded(known.name.family)


def correspondent(segment: Segment, field: int, scope: Scope, *, repetition: int = 1) -> Professional | None:
    """A prescriber, a doctor or a collector: 9.17, 8.14, 9.29, 9.11. None, with a finding, when nobody is named."""
    one = named(segment, field, repetition=repetition)
    if one is None:
        return None
    known = in_directory(one, scope.laboratory.prescribers)
    if known is not None and not same_person(one, known):
        scope.remarks.add("mapping.professional_differs", segment, field)
        known = None
    if known is None and one.name is None:
        scope.remarks.add("mapping.professional_unnamed", segment, field)
        return None
    sent = Professional(one.national_id, one.name, addresses=_addresses(segment, field, repetition))
    return sent if known is None else _completed(sent, known)


def with_phones(one: Professional, segment: Segment, field: int) -> Professional:
    """The same, with the phone numbers of a field it does not have yet."""
    had = {telecom.value for telecom in one.telecoms}
    more = tuple(phone for phone in telecoms(segment, field, "WP") if phone.value not in had)
    return replace(one, telecoms=one.telecoms + more)


def _completed(sent: Professional, known: Professional) -> Professional:
    return replace(
        known,
        id=known.id or sent.id,
        name=known.name or sent.name,
        addresses=known.addresses or sent.addresses,
    )


def _addresses(segment: Segment, field: int, repetition: int) -> tuple[Address, ...]:
    """Sub-field 4 when it is an address (AD in sub-sub-fields); senders also put a service code there."""
    parts = tuple(segment.get(field, 4, repetition=repetition, subsub=n) for n in range(1, 7))
    found = address(parts, "WP") if any(parts[1:]) else None
    return () if found is None else (found,)
