"""SPM, else OBR-15, with OBR-7 and OBR-14 → Specimen."""

from __future__ import annotations

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.professionals import correspondent
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.coverage import coverage_findings
from engine.formats.hl7v2.results.view.datatypes import Coded, coded
from engine.formats.hl7v2.results.view.fields import text
from engine.formats.hl7v2.results.view.tree import RequestGroup
from engine.formats.terminology.specimens import DISPLAYS, specimen_type
from engine.formats.terminology.specimens import specimen as official
from engine.model.laboratory import Specimen
from engine.model.values import Code, Identifier

_TABLE_0487 = frozenset({"HL70487", "2.16.840.1.113883.18.311"})


def specimens(group: RequestGroup, scope: Scope) -> tuple[Specimen, ...]:
    """One per SPM; without any, the sample that the OBR tells of. The body site is never deduced."""
    if group.specimens:
        return tuple(_of_spm(one, group.segment, scope) for one in group.specimens)
    found = _of_obr(group.segment, scope)
    return () if found is None else (found,)


def _of_spm(segment: Segment, request: Segment, scope: Scope) -> Specimen:
    """SPM-2 number · 4 kind · 6 additive · 14 description · 17 collected · 18 received; else OBR-7, 14; OBR-10."""
    coverage_findings(segment, scope.remarks)
    kind, additive = coded(segment, 4), coded(segment, 6).words
    said = [one for one in (kind.words, text(segment, "14[1]")) if one]
    number = text(segment, "2.2.1") or text(segment, "2.1.1")
    return Specimen(
        text=", ".join(dict.fromkeys(said)) or None,
        origin=str(segment.path()),
        type=_kind(kind, segment, "4", scope),
        id=Identifier(scope.laboratory.oid, number) if number else None,
        collected=scope.time(segment, "17.1.1") or scope.time(request, "7"),
        received=scope.time(segment, "18") or scope.time(request, "14"),
        additive=additive or None,
        collector=correspondent(request, "10[1]", scope),
    )


def _of_obr(segment: Segment, scope: Scope) -> Specimen | None:
    """OBR-15.1 kind · 15.2 additive · 7 collected · 14 received · 10 collector."""
    kind = Coded(*(text(segment, f"15.1.{rank}") for rank in (1, 2, 3)))
    additive = text(segment, "15.2.2") or text(segment, "15.2.1")
    collected, received = scope.time(segment, "7"), scope.time(segment, "14")
    if not (kind.words or additive or collected or received):
        return None
    return Specimen(
        text=kind.words or None,
        origin=str(segment.path("15")),
        type=_kind(kind, segment, "15", scope),
        collected=collected,
        received=received,
        additive=additive or None,
        collector=correspondent(segment, "10[1]", scope),
    )


def _kind(sent: Coded, segment: Segment, inside: str, scope: Scope) -> Code | None:
    """The laboratory's table and the common words first; a code of table 0487 declared as such is that code."""
    found = specimen_type(sent.code or None, sent.label or None, scope.laboratory)
    if found is None and sent.system.upper() in _TABLE_0487 and sent.code.upper() in DISPLAYS:
        found = official(sent.code.upper())
    if found is None and sent.words:
        scope.remarks.once("mapping.unmapped_specimen", segment, inside, code=sent.words)
    return found
