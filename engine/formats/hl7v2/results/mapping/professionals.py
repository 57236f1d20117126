"""XCN, and the CNN of OBR-32 → Professional: someone as sent, completed by the laboratory's directory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.datatypes import professional_name
from engine.formats.hl7v2.results.view.fields import text
from engine.formats.terminology.words import folded
from engine.model.directory import Laboratory
from engine.model.parties import PROFESSIONAL_OID, Professional
from engine.model.values import Identifier, PersonName


@dataclass(frozen=True, slots=True)
class Named:
    """Someone as sent: number, name, kind of number (RPPS, ADELI, IDNPS…) and OID of who gave it."""

    code: str
    name: PersonName | None
    kind: str
    authority: str

    @property
    def national_id(self) -> Identifier | None:
        """`8` + RPPS or `0` + ADELI under 1.2.250.1.71.4.2.1; None for a local number, or one whose length is not that
        of its kind."""
        code = self.code
        if not (code.isascii() and code.isalnum()):
            return None
        national = self.authority == PROFESSIONAL_OID
        if (self.kind in {"IDNPS", "RPPS"} or (national and not self.kind)) and _is_prefixed(code):
            return Identifier(PROFESSIONAL_OID, code)
        if (self.kind == "RPPS" or national) and len(code) == 11 and code.isdigit():
            return Identifier(PROFESSIONAL_OID, "8" + code)
        if self.kind == "ADELI" and len(code) == 9:
            return Identifier(PROFESSIONAL_OID, "0" + code)
        return None


def _is_prefixed(code: str) -> bool:
    return (len(code) == 12 and code[0] == "8" and code.isdigit()) or (len(code) == 10 and code[0] == "0")


def named(segment: Segment | None, inside: str) -> Named | None:
    """XCN at `16[1]`: number, name, authority, kind. None when neither a number nor a name was sent."""
    if segment is None:
        return None
    code, given, prefix, suffix, degree = (text(segment, f"{inside}.{rank}") for rank in (1, 3, 6, 5, 7))
    family = text(segment, f"{inside}.2.1")
    name = professional_name(family, given, (prefix, suffix, degree))
    authority = text(segment, f"{inside}.9.2") or text(segment, f"{inside}.9.1")
    kind = text(segment, f"{inside}.13.1").upper()
    return Named(code, name, kind, authority) if code or name else None


def interpreter(segment: Segment, inside: str) -> Named | None:
    """NDL at `32[1]`: its first component is the person (CNN), in sub-components."""
    code, family, given, suffix, prefix, degree = (text(segment, f"{inside}.1.{rank}") for rank in (1, 2, 3, 5, 6, 7))
    name = professional_name(family, given, (prefix, suffix, degree))
    authority = text(segment, f"{inside}.1.10") or text(segment, f"{inside}.1.9")
    return Named(code, name, "", authority) if code or name else None


def in_directory(one: Named, directory: Mapping[str, Professional]) -> Professional | None:
    """Who the directory knows under this number, or under this national identifier."""
    if one.code in directory:
        return directory[one.code]
    wanted = one.national_id
    return None if wanted is None else next((known for known in directory.values() if known.id == wanted), None)


def same_person(one: Named, known: Professional) -> bool:
    """False when both have a family name and these differ: a number may be given to someone else."""
    if one.name is None or known.name is None:
        return True
    return folded(one.name.family) == folded(known.name.family)


def correspondent(segment: Segment | None, inside: str, scope: Scope) -> Professional | None:
    """A prescriber, a doctor, a collector or a recipient. None, with a finding, when nobody is named."""
    one = named(segment, inside)
    if segment is None or one is None:
        return None
    known = known_prescriber(one, segment, inside, scope)
    if known is None and one.name is None:
        scope.remarks.add("mapping.professional_unnamed", segment, inside)
        return None
    sent = Professional(one.national_id, one.name)
    return sent if known is None else replace(known, id=known.id or sent.id, name=known.name or sent.name)


def known_prescriber(one: Named, segment: Segment, inside: str, scope: Scope) -> Professional | None:
    """Whom the laboratory's directory has under this number; said, and None, when it is someone else's."""
    known = in_directory(one, _prescribers(scope.laboratory))
    if known is not None and not same_person(one, known):
        scope.remarks.add("mapping.professional_differs", segment, inside)
        return None
    return known


def _prescribers(laboratory: Laboratory) -> Mapping[str, Professional]:
    return laboratory.prescribers
