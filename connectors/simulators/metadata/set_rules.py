"""Rules of a SubmissionSet."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.simulators.metadata.author_rules import author_problems
from connectors.simulators.metadata.cardinality import (
    CodeRule,
    code_problems,
    exactly_one_identifier,
    exactly_one_slot,
)
from connectors.simulators.metadata.datatypes import is_oid, is_utc_time
from connectors.simulators.metadata.ebrim import RegistryObject
from connectors.simulators.metadata.vocabulary import (
    METADATA_ERROR,
    SET_AUTHOR,
    SET_CONTENT_TYPE,
    SET_PATIENT_ID,
    SET_SOURCE_ID,
    SET_UNIQUE_ID,
)
from connectors.simulators.problems import Problem

_CONTENT_TYPE = CodeRule("contentTypeCode", SET_CONTENT_TYPE, frozenset())
_SLOTS = frozenset({"submissionTime", "intendedRecipient"})


def set_problems(the_set: RegistryObject) -> Iterator[Problem]:
    """Everything wrong in a SubmissionSet taken alone."""
    where = the_set.where
    yield from exactly_one_slot(the_set, "submissionTime")
    if the_set.values("submissionTime") and not is_utc_time(the_set.value("submissionTime")):
        yield Problem(METADATA_ERROR, "instant UTC de 14 chiffres attendu", f"{where}.submissionTime")
    for slot in the_set.slots:
        if slot.name not in _SLOTS:
            yield Problem(METADATA_ERROR, "slot inattendu", f"{where}.{slot.name}")
    yield from author_problems(the_set, SET_AUTHOR)
    yield from code_problems(the_set, _CONTENT_TYPE)
    yield from exactly_one_identifier(the_set, SET_PATIENT_ID, "patientId")
    for scheme, attribute in ((SET_SOURCE_ID, "sourceId"), (SET_UNIQUE_ID, "uniqueId")):
        yield from exactly_one_identifier(the_set, scheme, attribute)
        value = the_set.identifier(scheme)
        if value and not is_oid(value):
            yield Problem(METADATA_ERROR, "OID attendu", f"{where}.{attribute}")
