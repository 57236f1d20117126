"""How the results of two versions of one report are told to be the same: by request, germ and test code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.model.laboratory import (
    Battery,
    Chapter,
    CodedValue,
    Comment,
    Concept,
    Isolate,
    LabAct,
    LaboratoryReport,
    Result,
)

ActKey: TypeAlias = tuple[str, str, int]
"""Chapter code, code or title of the act, rank among acts that read the same."""
ResultKey: TypeAlias = tuple[str, str, str]
"""Germ (empty outside an isolate), code system, code."""


def keyed_acts(report: LaboratoryReport) -> Iterator[tuple[ActKey, Chapter, LabAct]]:
    seen: dict[tuple[str, str], int] = {}
    for chapter in report.chapters:
        for act in chapter.acts:
            name = (chapter.code.code, act.code.code if act.code else _plain(act.title))
            rank = seen.get(name, 0)
            seen[name] = rank + 1
            yield (*name, rank), chapter, act


def keyed_results(act: LabAct) -> Iterator[tuple[ResultKey, Result]]:
    """Every result of an act, in the order it is printed."""
    for item in act.items:
        if isinstance(item, Comment):
            continue
        germ = organism_key(item.organism) if isinstance(item, Isolate) else ""
        for result in item_results(item):
            yield result_key(result, germ), result


def item_results(item: Battery | Isolate | Result) -> tuple[Result, ...]:
    if isinstance(item, Isolate):
        return (*item.results, *item.antibiogram)
    return item.results if isinstance(item, Battery) else (item,)


def result_key(result: Result, germ: str = "") -> ResultKey:
    return (germ, *concept_key(result.concept))


def concept_key(concept: Concept) -> tuple[str, str]:
    """The laboratory's own code first: a correction may change everything else, even the LOINC it maps to."""
    if concept.local:
        return concept.local[0].system, concept.local[0].code
    if concept.code is not None:
        return concept.code.system, concept.code.code
    return "", _plain(concept.text)


def organism_key(organism: CodedValue) -> str:
    code = organism.local or organism.code
    return code.code if code is not None else _plain(organism.text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
