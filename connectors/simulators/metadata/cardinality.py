"""How many times a slot, a code or an identifier may stand on an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.simulators.metadata.datatypes import is_oid
from connectors.simulators.metadata.ebrim import Classification, RegistryObject
from connectors.simulators.metadata.vocabulary import METADATA_ERROR
from connectors.simulators.problems import Problem


@dataclass(frozen=True, slots=True)
class CodeRule:
    """One coded attribute; `systems` empty: any coding scheme that is an OID."""

    attribute: str
    scheme: str
    systems: frozenset[str]
    low: int = 1
    high: int | None = 1


def exactly_one_slot(registry_object: RegistryObject, name: str) -> Iterator[Problem]:
    if len(registry_object.values(name)) != 1:
        yield Problem(METADATA_ERROR, "une valeur et une seule", f"{registry_object.where}.{name}")


def exactly_one_identifier(registry_object: RegistryObject, scheme: str, attribute: str) -> Iterator[Problem]:
    found = [i for i in registry_object.identifiers if i.scheme == scheme]
    if len(found) != 1 or not found[0].value:
        yield Problem(METADATA_ERROR, "un identifiant et un seul", f"{registry_object.where}.{attribute}")


def code_problems(registry_object: RegistryObject, rule: CodeRule) -> Iterator[Problem]:
    """Cardinality, nodeRepresentation, label and codingScheme of one coded attribute."""
    where = f"{registry_object.where}.{rule.attribute}"
    found = registry_object.classified(rule.scheme)
    if len(found) < rule.low or (rule.high is not None and len(found) > rule.high):
        yield Problem(METADATA_ERROR, "nombre de codes non admis", where)
    for classification in found:
        yield from _code_problems(classification, rule, where)


def coding_scheme(classification: Classification) -> str:
    return next(iter(classification.values("codingScheme")), "")


def _code_problems(classification: Classification, rule: CodeRule, where: str) -> Iterator[Problem]:
    if not classification.representation:
        yield Problem(METADATA_ERROR, "code absent (nodeRepresentation)", where)
    if not classification.name:
        yield Problem(METADATA_ERROR, "libellé du code absent", where)
    if len(classification.values("codingScheme")) != 1:
        yield Problem(METADATA_ERROR, "codingScheme absent ou répété", where)
    elif not _is_allowed(coding_scheme(classification), rule):
        yield Problem(METADATA_ERROR, "nomenclature non admise", where)


def _is_allowed(scheme: str, rule: CodeRule) -> bool:
    return scheme in rule.systems if rule.systems else is_oid(scheme)
