"""10.16, 9.25, 9.5 → chapters of the report, each with one act per request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formats.hprim.sante.datatypes import Coded
from engine.formats.hprim.sante.mapping.batteries import items, lone_titles
from engine.formats.hprim.sante.mapping.comments import comments
from engine.formats.hprim.sante.mapping.concepts import loinc
from engine.formats.hprim.sante.mapping.entries import Entry, Request
from engine.formats.hprim.sante.mapping.microbiology import Culture, cultures
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.mapping.specimens import specimen
from engine.formats.terminology.chapters import chapter, chapter_code
from engine.formats.terminology.mapping import mapped_test
from engine.model.directory import MappedTest
from engine.model.laboratory import Chapter, Item, LabAct, Result
from engine.model.parties import Professional
from engine.model.values import Code

_LAST = 1_000_000_000


@dataclass(slots=True)
class Part:
    """The results of one request that belong to one chapter."""

    request: Request
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of each entry and request before they are arranged."""

    results: Mapping[Entry, Result]
    tests: Mapping[Entry, MappedTest | None]
    validators: Mapping[Request, tuple[Professional, ...]]
    statuses: Mapping[Request, str]


def chapters(found: tuple[Request, ...], made: Made, scope: Scope) -> tuple[Chapter, ...]:
    """Chapters by rank of sector (10.16.2), then as they come; a request without results keeps its act."""
    germs = cultures(found, scope)
    parts = _parts(found, germs, made, scope)
    ranks = {
        code: min(_rank(entry) for part in mine for entry in [*part.entries, None]) for code, mine in parts.items()
    }
    ordered = sorted(parts, key=lambda code: ranks[code])
    firsts = {part.request: part for code in reversed(ordered) for part in reversed(parts[code])}
    made_acts = {
        code: tuple(_act(part, firsts[part.request] is part, parts, germs, made, scope) for part in parts[code])
        for code in ordered
    }
    return tuple(Chapter(code, code.display or code.code, acts) for code, acts in made_acts.items())


def _parts(found: tuple[Request, ...], germs: list[Culture], made: Made, scope: Scope) -> dict[Code, list[Part]]:
    """Each result in its chapter; what is tied to a germ goes where the germ is."""
    owners = {entry: culture for culture in germs for entry in culture.entries}
    mine: dict[tuple[Code, Request], Part] = {}
    for request in found:
        for entry in request.entries:
            owner = owners.get(entry)
            home, shown = (request, entry) if owner is None else (owner.request, owner.germ)
            code = _chapter(shown, home, made.tests[shown], scope)
            mine.setdefault((code, home), Part(home)).entries.append(entry)
    for request in found:
        if all(request is not owner for _, owner in mine):
            mine[_chapter_of_request(request, scope), request] = Part(request)
    parts: dict[Code, list[Part]] = {}
    for (code, _), part in mine.items():
        parts.setdefault(code, []).append(part)
    return parts


def _rank(entry: Entry | None) -> int:
    rank = None if entry is None else entry.view.place.sector_rank
    return _LAST if rank is None else rank


def _chapter(entry: Entry, request: Request, test: MappedTest | None, scope: Scope) -> Code:
    """The laboratory's word for this test, else the sector, the service, the titles, the battery, a lone analysis."""
    if test is not None and test.chapter:
        return chapter_code(test.chapter)
    place = entry.view.place
    titles = [one.view.label for one in request.titles if one.view.place.sector == place.sector]
    words = (place.sector, *_service(request), *titles, place.battery, *_lone_analysis(request))
    code, fallback = chapter(tuple(word for word in words if word), scope.laboratory)
    if fallback:
        said = place.sector or request.view.service.code or entry.view.code
        scope.remarks.once("mapping.chapter_fallback", entry.view.segment, 16, code=said)
    return code


def _chapter_of_request(request: Request, scope: Scope) -> Code:
    words = (*_service(request), *(one.view.label for one in request.titles), *_lone_analysis(request))
    code, _ = chapter(tuple(word for word in words if word), scope.laboratory)
    return code


def _service(request: Request) -> tuple[str, str]:
    return request.view.service.code, request.view.service.label


def _lone_analysis(request: Request) -> tuple[str, ...]:
    analyses = request.view.analyses
    return (analyses[0].code, analyses[0].label) if len(analyses) == 1 else ()


def _act(
    part: Part, first: bool, parts: Mapping[Code, list[Part]], germs: list[Culture], made: Made, scope: Scope
) -> LabAct:
    """Comments of the request and titles without results go with its first act."""
    request = part.request
    others = [one for several in parts.values() for one in several if one.request is request and one is not part]
    head: tuple[Item, ...] = ()
    if first:
        head = (*comments(request.said, scope), *lone_titles(request, request.entries, scope))
    sample = specimen(request.view, scope)
    return LabAct(
        title=_title(part, others, first),
        origin=request.view.segment.origin,
        items=head + items(request, part.entries, made.results, germs, scope),
        code=_act_code(request, scope),
        status=made.statuses[request],
        specimens=() if sample is None else (sample,),
        validators=made.validators[request],
        time=scope.time(request.view.segment, 23),
    )


def _title(part: Part, others: list[Part], first: bool) -> str:
    """The analyses asked for (9.5): those seen in this chapter, and in the first one those seen in none."""
    mine, elsewhere = _seen(part), {code for other in others for code in _seen(other)}
    asked = part.request.view.analyses
    kept = [one for one in asked if one.code in mine or (first and one.code not in elsewhere)] or list(asked)
    service = part.request.view.service
    return ", ".join(_words(one) for one in kept) or service.label or service.code or "Examens"


def _words(one: Coded) -> str:
    return one.label or one.code


def _seen(part: Part) -> set[str]:
    return {code for one in part.entries for code in (one.view.test.code, one.view.place.battery) if code}


def _act_code(request: Request, scope: Scope) -> Code | None:
    analyses = request.view.analyses
    if len(analyses) != 1:
        return None
    return loinc(mapped_test(scope.laboratory, analyses[0].code, unit=None, specimen=None, on=None))
