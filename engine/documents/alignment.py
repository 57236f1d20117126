"""A correction put back in the chapters of the version before, where it does not name its own.

A laboratory that sends again only what changes often leaves the chapter out (HPRIM Santé 10.16): read alone, results
fall into the common chapter. In one request a test code stands for one result (HPRIM Santé 2.4), so its place is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.documents.report_keys import (
    ActKey,
    ResultKey,
    item_results,
    keyed_acts,
    keyed_results,
    organism_key,
    result_key,
)
from engine.model.laboratory import Chapter, Comment, Isolate, Item, LabAct, LaboratoryReport

COMMON_CHAPTER = "26436-6"
"""Biologie polyvalente: where results without a chapter are read into."""


@dataclass(frozen=True, slots=True)
class _Home:
    """Where the version before has a result that stands there once."""

    key: ActKey
    chapter: Chapter
    act: LabAct


def aligned(before: LaboratoryReport, now: LaboratoryReport) -> tuple[LaboratoryReport, int]:
    """The correction with its results in their known places, and how many were put back."""
    homes = _homes(before)
    known = {key for key, _, _ in keyed_acts(before)}
    placed: list[tuple[Chapter, LabAct]] = []
    moved = 0
    for key, chapter, act in keyed_acts(now):
        if key in known:
            placed.append((chapter, act))
            continue
        for home, items in _by_home(act, chapter, homes):
            if home is None:
                placed.append((chapter, replace(act, items=items)))
                continue
            moved += sum(len(item_results(item)) for item in items if not isinstance(item, Comment))
            placed.append((home.chapter, replace(act, title=home.act.title, code=home.act.code, items=items)))
    return (replace(now, chapters=_chapters(placed)), moved) if moved else (now, 0)


def _homes(before: LaboratoryReport) -> dict[ResultKey, _Home]:
    """Only results that stand once, in an act that is the first of its name: anything else is ambiguous."""
    found = [(one, key, chapter, act) for key, chapter, act in keyed_acts(before) for one, _ in keyed_results(act)]
    times = Counter(one for one, *_ in found)
    return {one: _Home(key, chapter, act) for one, key, chapter, act in found if times[one] == 1 and key[2] == 0}


def _by_home(
    act: LabAct, chapter: Chapter, homes: dict[ResultKey, _Home]
) -> Iterator[tuple[_Home | None, tuple[Item, ...]]]:
    """The items of an act by the place they go to; a comment follows the item before it."""
    groups: dict[ActKey | None, tuple[_Home | None, list[Item]]] = {}
    latest: ActKey | None = None
    for item in act.items:
        home = _home(item, chapter, homes)
        if not isinstance(item, Comment):
            latest = home.key if home else None
        groups.setdefault(latest, (home, []))[1].append(item)
    for home, items in groups.values():
        yield home, tuple(items)
    if not act.items:
        yield None, ()


def _home(item: Item, chapter: Chapter, homes: dict[ResultKey, _Home]) -> _Home | None:
    """The one place all the known results of an item come from, where the correction names no chapter of its own."""
    if isinstance(item, Comment) or chapter.code.code != COMMON_CHAPTER:
        return None
    germ = organism_key(item.organism) if isinstance(item, Isolate) else ""
    found = {home.key: home for one in item_results(item) if (home := homes.get(result_key(one, germ)))}
    if len(found) != 1:
        return None
    (home,) = found.values()
    return home if home.chapter.code.code != COMMON_CHAPTER else None


def _chapters(placed: list[tuple[Chapter, LabAct]]) -> tuple[Chapter, ...]:
    """Chapters in the order met; items put back into one act stand together."""
    chapters: dict[str, Chapter] = {}
    acts: dict[str, list[LabAct]] = {}
    for chapter, act in placed:
        chapters.setdefault(chapter.code.code, chapter)
        made = acts.setdefault(chapter.code.code, [])
        same = next((n for n, one in enumerate(made) if (one.title, one.code) == (act.title, act.code)), None)
        if same is None:
            made.append(act)
        else:
            made[same] = replace(made[same], items=(*made[same].items, *act.items))
    return tuple(replace(chapter, acts=tuple(acts[code])) for code, chapter in chapters.items())
