"""What a Bundle holds that nothing here reads, said so that nobody thinks it was carried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.formats.fhir.labels import RECIPIENT, SENDING
from engine.formats.fhir.node import Node
from engine.formats.fhir.patient import BIRTH_NAMES, BIRTH_PLACE, INSEE_CODE, RELIABILITY
from engine.formats.fhir.scope import Scope

_KNOWN = frozenset({BIRTH_NAMES, BIRTH_PLACE, INSEE_CODE, RELIABILITY, RECIPIENT, SENDING})
_NOT_CARRIED: Mapping[str, Mapping[str, str]] = {
    "Observation": {"device": "l'appareil de mesure", "partOf": "l'acte dont vient le résultat"},
    "DocumentReference": {"custodian": "l'organisme de conservation : c'est la structure de l'appel"},
    "Specimen": {"parent": "l'échantillon d'origine", "processing": "le traitement de l'échantillon"},
    "ServiceRequest": {"supportingInfo": "les pièces de la demande", "bodySite": "le site demandé"},
    "Encounter": {"hospitalization": "le détail du séjour", "location": "le lieu du séjour"},
    "Patient": {"contact": "les proches", "maritalStatus": "la situation familiale"},
}
"""Type → element → what is lost, in French."""


def coverage_findings(scope: Scope) -> None:
    """Elements, extensions and resources left out; a result left out holds the document."""
    unread = {one.where for one in scope.bundle.unread}
    for entry in scope.bundle.entries:
        one = entry.resource
        if one.where in unread:
            code = "fhir.result_not_read" if one.type == "Observation" else "fhir.not_read"
            scope.remarks.add(code, one.where, type=one.type)
            continue
        for held in (one, *one.nodes("contained")):
            _resource_findings(held, scope)
        for where in _extensions(one.tree, one.where):
            scope.remarks.once("fhir.extension_ignored", where)


def _resource_findings(one: Node, scope: Scope) -> None:
    if one.type == "Observation" and not scope.bundle.was_read(one):
        scope.remarks.add("fhir.result_not_read", one.where)
    elif one.text("status") == "entered-in-error" and one.type != "Observation":
        scope.remarks.add("fhir.entered_in_error", one.at("status"))
    for name, what in _NOT_CARRIED.get(one.type, {}).items():
        if one.has(name):
            scope.remarks.add("fhir.not_carried", one.at(name), what=what)


def compositions(scope: Scope, about: Node | None) -> None:
    """A document Bundle's Composition: of the same patient, final, and with nothing but what is read elsewhere."""
    for one in scope.bundle.of_type("Composition"):
        scope.bundle.read(one)
        status = one.text("status")
        if status == "entered-in-error":
            scope.remarks.add("fhir.entered_in_error", one.at("status"))
        elif status == "preliminary":
            scope.remarks.add("fhir.preliminary", one.at("status"))
        if about is None or not scope.bundle.same(one.node("subject"), about):
            scope.remarks.add("fhir.other_patient", one.at("subject"))
        _sections(one, scope)


def _sections(whole: Node, scope: Scope) -> None:
    for section in whole.nodes("section"):
        for entry in section.nodes("entry"):
            scope.bundle.check(entry)
        inside = section.nodes("entry") or section.nodes("section")
        if section.node("text") is not None and not inside:
            scope.remarks.add("fhir.section_text", section.at("text"))
        _sections(section, scope)


def _extensions(tree: Any, where: str) -> Iterator[str]:
    """Places of the extensions without effect, those inside a known one aside."""
    if isinstance(tree, list):
        for rank, one in enumerate(tree):
            yield from _extensions(one, f"{where}[{rank}]")
    elif isinstance(tree, dict):
        for name, value in tree.items():
            if name != "extension":
                yield from _extensions(value, f"{where}.{name}")
                continue
            for rank, one in enumerate(value if isinstance(value, list) else ()):
                if isinstance(one, dict) and one.get("url") not in _KNOWN:
                    yield f"{where}.extension[{rank}]"
                elif isinstance(one, dict):
                    yield from _extensions(one.get("valueAddress"), f"{where}.extension[{rank}].valueAddress")
