"""OBR-24, OBR-4 and the laboratory's table → chapters of the report, each with one act per request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formats.hl7v2.results.mapping.acts import Made, act
from engine.formats.hl7v2.results.mapping.entries import Entry, Request
from engine.formats.hl7v2.results.mapping.microbiology import Culture, cultures
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.terminology.chapters import chapter, chapter_code
from engine.formats.terminology.words import folded
from engine.model.directory import MappedTest
from engine.model.laboratory import Chapter, LabAct
from engine.model.values import Code

_SECTIONS: Mapping[str, str] = {
    "BG": "18767-4",
    "BLB": "18717-9",
    "CH": "18719-5",
    "GE": "26435-8",
    "HM": "18723-7",
    "MB": "18725-2",
    "MCB": "18725-2",
    "MYC": "18725-2",
    "SP": "27898-6",
    "TX": "18728-6",
}
"""OBR-24 (table 0074) → chapter, for the sections that mean one chapter and no other."""


@dataclass(slots=True)
class Part:
    """The results of one request that belong to one chapter."""

    request: Request
    entries: list[Entry] = field(default_factory=list)


def chapters(found: tuple[Request, ...], made: Made, scope: Scope) -> tuple[Chapter, ...]:
    """Chapters and acts as they come. A request that only follows a germ has no act of its own."""
    germs = cultures(found, scope)
    parts = _parts(found, germs, made, scope)
    seen: set[Request] = set()
    chapters_made: list[Chapter] = []
    for code, mine in parts.items():
        acts: list[LabAct] = []
        for part in mine:
            one = act(part.request, part.entries, part.request not in seen, germs, made, scope)
            seen.add(part.request)
            if one is not None:
                acts.append(one)
        if acts:
            chapters_made.append(Chapter(code, code.display or code.code, tuple(acts)))
    return tuple(chapters_made)


def _parts(found: tuple[Request, ...], germs: list[Culture], made: Made, scope: Scope) -> dict[Code, list[Part]]:
    """Each result in its chapter; what is tied to a germ goes where the germ is."""
    owners = {entry: culture for culture in germs for entry in culture.entries}
    followers = {request for culture in germs for request in culture.followers}
    mine: dict[tuple[Code, Request], Part] = {}
    for request in found:
        for entry in request.entries:
            owner = owners.get(entry)
            home, shown = (request, entry) if owner is None else (owner.request, owner.germ)
            code = _chapter(home, made.tests[shown], shown, scope)
            mine.setdefault((code, home), Part(home)).entries.append(entry)
        if request not in followers and all(request is not home for _, home in mine):
            mine[_chapter_of_request(request, scope)[0], request] = Part(request)
    parts: dict[Code, list[Part]] = {}
    for (code, _), part in mine.items():
        parts.setdefault(code, []).append(part)
    return parts


def _chapter(request: Request, test: MappedTest | None, entry: Entry, scope: Scope) -> Code:
    """The laboratory's word for this test, else that of its request."""
    if test is not None and test.chapter:
        return chapter_code(test.chapter)
    code, fallback = _chapter_of_request(request, scope)
    if fallback:
        said = request.view.service.code or request.view.words or entry.view.code
        scope.remarks.once("mapping.chapter_fallback", request.view.segment, "24", code=said)
    return code


def _chapter_of_request(request: Request, scope: Scope) -> tuple[Code, bool]:
    """The laboratory's own words, then OBR-24 by table 0074, then the common words of OBR-24 and OBR-4."""
    view = request.view
    words = tuple(
        word
        for word in (view.service.code, view.service.label, view.analysis.code, view.words, view.second.label)
        if word
    )
    own = {folded(word) for word in scope.laboratory.chapters}
    section = _SECTIONS.get(view.service.code.upper())
    if section is not None and not any(folded(word) in own for word in words):
        return chapter_code(section), False
    return chapter(words, scope.laboratory)
