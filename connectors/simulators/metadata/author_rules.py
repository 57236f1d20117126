"""Authors of a submission set or of a document entry, French forms."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.simulators.metadata.datatypes import institution_fault, person_fault, specialty_fault
from connectors.simulators.metadata.ebrim import Classification, RegistryObject
from connectors.simulators.metadata.list_rules import slot_problems
from connectors.simulators.metadata.vocabulary import METADATA_ERROR
from connectors.simulators.problems import Problem

_SLOTS = frozenset({"authorPerson", "authorInstitution", "authorSpecialty", "authorRole"})


def author_problems(registry_object: RegistryObject, scheme: str) -> Iterator[Problem]:
    """At least one author, each a person or a system, with well-formed institution and speciality."""
    authors = registry_object.classified(scheme)
    if not authors:
        yield Problem(METADATA_ERROR, "aucun auteur", f"{registry_object.where}.author")
    for author in authors:
        yield from _problems(author, f"{registry_object.where}.author")


def _problems(author: Classification, where: str) -> Iterator[Problem]:
    yield from slot_problems(author.slots, where)
    if author.representation != "":
        yield Problem(METADATA_ERROR, "nodeRepresentation doit être présent et vide", where)
    for slot in author.slots:
        if slot.name not in _SLOTS:
            yield Problem(METADATA_ERROR, "slot inattendu pour un auteur", f"{where}.{slot.name}")
    persons = author.values("authorPerson")
    if len(persons) != 1:
        yield Problem(METADATA_ERROR, "une personne et une seule par auteur", f"{where}.authorPerson")
    checks = (
        ("authorPerson", person_fault),
        ("authorInstitution", institution_fault),
        ("authorSpecialty", specialty_fault),
    )
    for name, fault in checks:
        for value in author.values(name):
            if reason := fault(value):
                yield Problem(METADATA_ERROR, reason, f"{where}.{name}")
