"""Observation.code → Concept: words as sent, LOINC of the laboratory's table, else the LOINC sent, codes as sent."""

from __future__ import annotations

import re

from engine.formats.fhir.datatypes import coding, codings, concept_words
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import LOINC
from engine.formats.terminology.chapters import LOINC as LOINC_OID
from engine.formats.terminology.mapping import mapped_test
from engine.model.directory import MappedTest
from engine.model.laboratory import Concept
from engine.model.values import Code, Timestamp

_LOINC = re.compile(r"([0-9]{1,7})-([0-9])")


def line_of_table(
    code: Node | None, unit: str, specimen: str, when: Timestamp | None, scope: LabScope
) -> MappedTest | None:
    """The line of the laboratory's table: by its own codes first, then by any other code sent."""
    sent = sorted(codings(code), key=lambda one: one.text("system") == LOINC)
    on = when.date if when is not None else None
    lines = (
        mapped_test(scope.laboratory, one.text("code"), unit=unit or None, specimen=specimen or None, on=on)
        for one in sent
        if one.text("code")
    )
    return next((found for found in lines if found is not None), None)


def concept(code: Node | None, test: MappedTest | None, scope: LabScope) -> Concept:
    """Where the table and the LOINC sent differ, the table is followed and it is said; a LOINC sent whose check digit
    is wrong, or several that differ, give none."""
    sent = tuple(one for one in codings(code) if one.text("code"))
    official = _official(sent, test, scope)
    unsaid = scope.laboratory.local_codes_oid
    codes = tuple(made for one in sent if (made := coding(one, unsaid)) is not None)
    local = tuple(
        one for one in codes if official is None or (one.code, one.system) != (official.code, official.system)
    )
    ranked = sorted(local, key=lambda one: one.system == LOINC_OID)
    return Concept(concept_words(code), official, tuple(dict.fromkeys(ranked)))


def _official(sent: tuple[Node, ...], test: MappedTest | None, scope: LabScope) -> Code | None:
    label = next((one.text("code") for one in sent), "")
    where = sent[0].where if sent else ""
    given = {one.text("code"): one for one in sent if one.text("system") == LOINC}
    sound = {code: one for code, one in given.items() if is_loinc(code)}
    if len(sound) < len(given):
        scope.remarks.add("fhir.loinc_malformed", where, code=label)
    if test is not None and test.loinc is not None:
        if sound and test.loinc not in sound:
            scope.remarks.add("mapping.loinc_differs", where, code=label)
        return Code(test.loinc, LOINC_OID, test.loinc_display, "LOINC")
    if len(sound) > 1:
        scope.remarks.add("fhir.several_loinc", where, code=label)
    if len(sound) == 1:
        ((code, one),) = sound.items()
        return Code(code, LOINC_OID, one.text("display") or None, "LOINC")
    if sent and not sound:
        scope.remarks.once("mapping.unmapped_code", where, code=label)
    return None


def is_loinc(code: str) -> bool:
    """The shape and the check digit (modulus 10) of a LOINC code."""
    match = _LOINC.fullmatch(code)
    if match is None:
        return False
    total = 0
    for rank, digit in enumerate(reversed(match.group(1))):
        doubled = int(digit) * (2 if rank % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10 == int(match.group(2))
