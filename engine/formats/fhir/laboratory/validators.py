"""resultsInterpreter, performer and attester → who validated: the biologists of the laboratory's directory alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.professionals import PEOPLE, Named, named
from engine.model.parties import Professional

NOBODY = Professional(None, None)
"""Stands for a validator nobody knows, in a document that is held for that very reason."""


@dataclass(frozen=True, slots=True)
class Validators:
    """Who takes responsibility for the report, and who else validated a part of it."""

    main: Professional
    others: tuple[Professional, ...] = ()


def observer(observation: Node, scope: LabScope) -> Professional | None:
    """The biologist among the performers of an Observation; others measured, they did not validate."""
    for reference in observation.nodes("performer"):
        one = _person(reference, scope)
        known = one.known(scope.laboratory.biologists) if one is not None else None
        if one is not None and known is not None and one.is_same_person(known):
            return _at_laboratory(known, scope)
    return None


def validators(report: Node, by_result: tuple[Professional, ...], scope: LabScope) -> Validators:
    """The interpreters, else the legal attester, else the performers who are biologists, else those of the results
    when they are one, else the laboratory's by agreement. Findings that hold: nobody at all, or several."""
    found = _resolved(report.nodes("resultsInterpreter"), scope) or _attesters(scope)
    if not found:
        found = _biologists(report.nodes("performer"), scope)
    found = list(dict.fromkeys(found or by_result))
    biologists = [one for one in found if one is not NOBODY]
    if len(biologists) > 1:
        scope.remarks.add("mapping.several_validators", report.at("resultsInterpreter"))
    if found:
        main = biologists[0] if biologists else NOBODY
        return Validators(_at_laboratory(main, scope), tuple(_at_laboratory(one, scope) for one in biologists[1:]))
    default = scope.laboratory.default_biologist
    code = "mapping.default_biologist" if default else "mapping.validator_missing"
    scope.remarks.add(code, report.at("resultsInterpreter"))
    return Validators(_at_laboratory(default or NOBODY, scope))


def _biologists(performers: tuple[Node, ...], scope: LabScope) -> list[Professional]:
    """Those of the directory among the performers."""
    people = (_person(one, scope) for one in performers)
    found = ((one, one.known(scope.laboratory.biologists)) for one in people if one is not None)
    return [known for one, known in found if known is not None and one.is_same_person(known)]


def _attesters(scope: LabScope) -> list[Professional]:
    """Composition.attester of mode legal."""
    held = [one for whole in scope.bundle.of_type("Composition") for one in whole.nodes("attester")]
    parties = [one.node("party") for one in held if one.text("mode") == "legal"]
    return _resolved(tuple(one for one in parties if one is not None), scope)


def _resolved(references: tuple[Node, ...], scope: LabScope) -> list[Professional]:
    found = []
    for reference in references:
        one = _person(reference, scope)
        if one is None:
            if not _is_organization(reference, scope):
                scope.remarks.add("mapping.validator_unknown", reference.where, code="sans numéro")
                found.append(NOBODY)
            continue
        found.append(_biologist(one, scope))
    return found


def _biologist(one: Named, scope: LabScope) -> Professional:
    known = one.known(scope.laboratory.biologists)
    if known is None:
        scope.remarks.once("mapping.validator_unknown", one.where, code=one.label)
        return NOBODY
    if not one.is_same_person(known):
        scope.remarks.add("mapping.professional_differs", one.where)
        return NOBODY
    return known


def _person(reference: Node, scope: LabScope) -> Named | None:
    if not reference.text("reference"):
        return named(reference, scope.whole)
    found = scope.bundle.followed(reference, *PEOPLE, "Organization")
    return None if found is None or found.type == "Organization" else named(reference, scope.whole)


def _is_organization(reference: Node, scope: LabScope) -> bool:
    return scope.bundle.found(reference, "Organization") is not None


def _at_laboratory(one: Professional, scope: LabScope) -> Professional:
    return one if one.organization is not None else replace(one, organization=scope.laboratory.organization)
