"""Observations at the head of a report → chapters and acts: one act for each chapter and sample."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.formats.fhir.datatypes import codings, concept_words
from engine.formats.fhir.laboratory.concepts import line_of_table
from engine.formats.fhir.laboratory.items import Arranger, is_published, is_shown
from engine.formats.fhir.laboratory.observations import WITHDRAWN, Held, code_of
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.laboratory.specimens import sample, specimen_of
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import LOINC, SECTIONS
from engine.formats.terminology.chapters import FALLBACK, TITLES, chapter, chapter_code
from engine.model.laboratory import Battery, Chapter, Comment, Item, LabAct, Result, Specimen
from engine.model.values import Code

_SECTIONS = {
    "HM": "18723-7", "CH": "18719-5", "MB": "18725-2", "MCB": "18725-2", "MYC": "18725-2", "BG": "18767-4",
    "TX": "18728-6", "URN": "18729-4", "GE": "26435-8",
}  # fmt: skip
"""HL7 table 0074 (diagnostic service sections) that are one chapter, no other."""


@dataclass(slots=True)
class Part:
    """What stands in one act."""

    specimen: Node | None
    tops: list[Held] = field(default_factory=list)


def chapters(
    report: Node, tops: tuple[Held, ...], arranger: Arranger, about: Node, pending: bool, scope: LabScope
) -> tuple[Chapter, ...]:
    """Chapters and acts in the order their first result comes."""
    parts: dict[Code, dict[str, Part]] = {}
    for held in (one for one in tops if one.node.where not in arranger.tied and is_shown(one)):
        code, source = _chapter(held, report, scope), _specimen(held, scope)
        place = source.where if source is not None else ""
        parts.setdefault(code, {}).setdefault(place, Part(source)).tops.append(held)
    used = {place for several in parts.values() for place in several}
    unsaid = _unsaid(report, used, scope)
    made = []
    for code, several in parts.items():
        acts = [
            _act(report, part, (part.specimen,) if part.specimen else unsaid, arranger, about, pending, scope)
            for part in several.values()
        ]
        shown = tuple(one for one in acts if one.items)
        made += [Chapter(code, code.display or code.code, shown)] if shown else []
    return tuple(made)


def _act(
    report: Node,
    part: Part,
    sources: tuple[Node, ...],
    arranger: Arranger,
    about: Node,
    pending: bool,
    scope: LabScope,
) -> LabAct:
    samples = [sample(one, about, scope) for one in sources]
    items: list[Item] = [remark for _, remarks in samples for remark in remarks]
    for held in part.tops:
        items += arranger.items(held)
    specimens: tuple[Specimen, ...] = tuple(one for one, _ in samples)
    withdrawn = all(held.status in WITHDRAWN for held in part.tops)
    status = "aborted" if withdrawn else "active" if pending else "completed"
    return LabAct(
        title=_title(report, part, items),
        origin=part.tops[0].node.where,
        items=tuple(items),
        status=status,
        specimens=specimens,
        time=scope.time(report, "issued"),
    )


def _title(report: Node, part: Part, items: list[Item]) -> str:
    """The words of its only examination, else of the report."""
    named = [one for one in items if not isinstance(one, Comment)]
    if len(part.tops) == 1 and len(named) == 1 and isinstance(named[0], Battery | Result):
        return concept_words(part.tops[0].node.node("code"))
    return concept_words(report.node("code")) or "Examens"


def _unsaid(report: Node, used: set[str], scope: LabScope) -> tuple[Node, ...]:
    """The report's samples, for the results that name none: those nobody named, else all."""
    found = [scope.bundle.followed(one, "Specimen") for one in report.nodes("specimen")]
    whole = tuple(one for one in found if one is not None)
    return tuple(one for one in whole if one.where not in used) or whole


def _specimen(held: Held, scope: LabScope) -> Node | None:
    """The sample of all the results of one group; two of them in one group cannot be told apart by the reader."""
    found: dict[str, Node] = {}
    for one in held.everyone:
        reference = one.node.node("specimen")
        source = scope.bundle.followed(reference, "Specimen") if reference is not None else None
        if source is not None and is_published(one):
            found.setdefault(source.where, source)
    if len(found) > 1:
        scope.remarks.add("fhir.specimen_differs", held.node.where)
    return next(iter(found.values()), None)


def _chapter(held: Held, report: Node, scope: LabScope) -> Code:
    """The laboratory's word for this test, a chapter's own LOINC, the section, words of the group and of the report."""
    own = specimen_of(held.node, scope)
    kind = next((one.text("code") for one in codings(own.node("type"))), "") if own is not None else ""
    test = line_of_table(held.node.node("code"), "", kind, scope.moment(held.node, "effective"), scope)
    if test is not None and test.chapter:
        return chapter_code(test.chapter)
    near = (*held.node.nodes("category"), *(one for one in (held.node.node("code"),) if one is not None))
    for concepts in (near, report.nodes("category")):
        told = _told(concepts)
        found, fallback = chapter(_words(concepts), scope.laboratory)
        if told is not None or not fallback:
            return told or found
    by_table = (_of_leaf(one, scope) for one in held.leaves)
    first = next((one for one in by_table if one is not None), None)
    if first is not None:
        return first
    scope.remarks.once("mapping.chapter_fallback", held.node.where, code=code_of(held.node))
    return chapter_code(FALLBACK)


def _of_leaf(leaf: Held, scope: LabScope) -> Code | None:
    test = line_of_table(leaf.node.node("code"), "", "", scope.moment(leaf.node, "effective"), scope)
    return chapter_code(test.chapter) if test is not None and test.chapter else None


def _told(concepts: tuple[Node, ...]) -> Code | None:
    for one in (code for concept in concepts for code in codings(concept)):
        if one.text("system") == LOINC and one.text("code") in TITLES and one.text("code") != FALLBACK:
            return chapter_code(one.text("code"))
        if one.text("system") == SECTIONS and one.text("code") in _SECTIONS:
            return chapter_code(_SECTIONS[one.text("code")])
    return None


def _words(concepts: tuple[Node, ...]) -> tuple[str, ...]:
    """Words, and codes that are the laboratory's own; HL7's sections and categories are no words of a chapter."""
    found: list[str] = []
    for concept in concepts:
        found += [concept.text("text")] if concept.text("text") else []
        for one in codings(concept):
            if not one.text("system").startswith("http://terminology.hl7.org/"):
                found += [word for word in (one.text("display"), one.text("code")) if word]
    return tuple(found)
