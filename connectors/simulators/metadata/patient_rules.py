"""The patient a submission names: an INS, of the right world."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.simulators.metadata.datatypes import has_right_key, is_matricule, patient_id
from connectors.simulators.metadata.ebrim import RegistryObject
from connectors.simulators.metadata.vocabulary import (
    INS_REAL,
    INS_TEST,
    METADATA_ERROR,
    SET_PATIENT_ID,
    UNKNOWN_PATIENT,
)
from connectors.simulators.problems import Problem


def ins_problems(the_set: RegistryObject, *, production: bool) -> Iterator[Problem]:
    """patientId of the set is an INS; a test one in test only, a real one in production only (with its key)."""
    return cx_problems(the_set.identifier(SET_PATIENT_ID), f"{the_set.where}.patientId", production=production)


def cx_problems(value: str, where: str, *, production: bool) -> Iterator[Problem]:
    """The same for any text that must be the CX of an INS."""
    found = patient_id(value)
    if found is None or not found.national or not is_matricule(found.value):
        yield Problem(METADATA_ERROR, "INS attendue : <15 caractères>^^^&<OID>&ISO^NH", where)
    elif found.oid not in INS_REAL | INS_TEST:
        yield Problem(METADATA_ERROR, "OID qui n'est pas celui d'une INS", where)
    elif found.oid not in (INS_REAL if production else INS_TEST):
        world = "de test en production" if production else "réelle en environnement de test"
        yield Problem(UNKNOWN_PATIENT, f"INS {world}", where)
    elif production and not has_right_key(found.value):
        yield Problem(UNKNOWN_PATIENT, "clé de l'INS fausse", where)
