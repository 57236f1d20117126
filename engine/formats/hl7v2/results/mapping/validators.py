"""OBR-32 and OBX-16 → who validated: the biologists of the laboratory's directory, nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.professionals import (
    Named,
    in_directory,
    interpreter,
    named,
    same_person,
)
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.fields import repetitions
from engine.model.parties import Professional

NOBODY = Professional(None, None)
"""Stands for a validator nobody knows, in a document that is held for that very reason."""


@dataclass(frozen=True, slots=True)
class Validators:
    """Who takes responsibility for the report, and who else validated a part of it."""

    main: Professional
    others: tuple[Professional, ...] = ()


def request_validator(segment: Segment, scope: Scope) -> Professional | None:
    """OBR-32, resolved; None when it is empty, NOBODY when unknown (then said)."""
    one = interpreter(segment, "32[1]") or named(segment, "32[1]")
    return None if one is None else _resolved(one, segment, "32", scope)


def result_validators(segment: Segment, answered: bool, scope: Scope) -> tuple[Professional, ...]:
    """OBX-16, each resolved; NOBODY among them when one is unknown (then said).

    OBX-16 may name who did the test. Where the request has its biologist (`answered`), someone else is only said.
    """
    found = []
    for rank in repetitions(segment, 16):
        one = named(segment, f"16[{rank}]")
        if one is None:
            continue
        if answered and in_directory(one, scope.laboratory.biologists) is None:
            scope.remarks.once("mapping.observer_unknown", segment, "16", code=one.code or "sans code")
        else:
            found.append(_resolved(one, segment, "16", scope))
    return tuple(dict.fromkeys(found))


def validators(
    requests: Iterable[Professional | None], results: Iterable[tuple[Professional, ...]], scope: Scope
) -> Validators:
    """The requests' validator, else the results' when all have the same, else the laboratory's by agreement.

    Findings that hold: nobody at all, or several biologists and none of them main.
    """
    by_result = tuple(results)
    mains, others = _distinct(requests), _distinct(one for several in by_result for one in several)
    if not mains and others:
        mains, others = others, []
        if () in by_result:
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


def _distinct(found: Iterable[Professional | None]) -> list[Professional]:
    return [one for one in dict.fromkeys(found) if one is not None]


def _resolved(one: Named, segment: Segment, inside: str, scope: Scope) -> Professional:
    known = in_directory(one, scope.laboratory.biologists)
    if known is None:
        scope.remarks.once("mapping.validator_unknown", segment, inside, code=one.code or "sans code")
        return NOBODY
    if not same_person(one, known):
        scope.remarks.add("mapping.professional_differs", segment, inside)
        return NOBODY
    return known


def _at_laboratory(one: Professional, scope: Scope) -> Professional:
    return one if one.organization is not None else replace(one, organization=scope.laboratory.organization)
