"""9.33 and 10.17 → who validated: the biologists of the laboratory's directory, nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.formats.hprim.sante.mapping.professionals import Named, in_directory, named, same_person
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.segments import Segment
from engine.model.parties import Professional

NOBODY = Professional(None, None)
"""Stands for a validator nobody knows, in a document that is held for that very reason."""


@dataclass(frozen=True, slots=True)
class Validators:
    """Who takes responsibility for the report, and who else validated a part of it."""

    main: Professional
    others: tuple[Professional, ...] = ()


def request_validator(segment: Segment, scope: Scope) -> Professional | None:
    """9.33 of an OBR, resolved; None when it is empty, NOBODY when unknown (then said)."""
    one = named(segment, 33)
    return None if one is None else _resolved(one, segment, 33, scope)


def result_validator(segment: Segment, scope: Scope) -> Professional | None:
    """10.17 of an OBX, resolved; None when it is empty, NOBODY when unknown (then said)."""
    code, label = segment.get(17, 1), segment.get(17, 2)
    if not (code or label):
        return None
    kind = "R" if len(code) == 11 and code.isascii() and code.isdigit() else "L"
    return _resolved(Named(code, None, kind), segment, 17, scope)


def validators(
    requests: tuple[Professional | None, ...], results: tuple[Professional | None, ...], scope: Scope
) -> Validators:
    """The requests' validator, else the results' when all have the same, else the laboratory's by agreement.

    Findings that hold: nobody at all, or several biologists and none of them main.
    """
    mains, others = _distinct(requests), _distinct(results)
    if not mains and others:
        mains, others = others, []
        if None in results:
            scope.remarks.add("mapping.validator_partial")
    known = [one for one in mains if one is not NOBODY]
    if len(known) > 1:
        scope.remarks.add("mapping.several_validators")
    if known:
        more = [*known[1:], *(one for one in others if one is not NOBODY and one not in known)]
        return Validators(_at_laboratory(known[0], scope), tuple(_at_laboratory(one, scope) for one in more))
    if mains:
        return Validators(_at_laboratory(NOBODY, scope))
    default = scope.laboratory.default_biologist
    scope.remarks.add("mapping.default_biologist" if default else "mapping.validator_missing")
    return Validators(_at_laboratory(default or NOBODY, scope))


def _distinct(found: tuple[Professional | None, ...]) -> list[Professional]:
    return [one for one in dict.fromkeys(found) if one is not None]


def _resolved(one: Named, segment: Segment, field: int, scope: Scope) -> Professional:
    known = in_directory(one, scope.laboratory.biologists)
    if known is None:
        scope.remarks.once("mapping.validator_unknown", segment, field, code=one.code or "sans code")
        return NOBODY
    if not same_person(one, known):
        scope.remarks.add("mapping.professional_differs", segment, field)
        return NOBODY
    return known


def _at_laboratory(one: Professional, scope: Scope) -> Professional:
    return one if one.organization is not None else replace(one, organization=scope.laboratory.organization)
