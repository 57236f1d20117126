"""The text of a level-1 document: the page as the laboratory wrote it, then what only the block of results says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.findings import Finding
from engine.formats.hprim.medecin.block import Entry, Other, Res, Tex
from engine.formats.hprim.medecin.lines import Line
from engine.formats.hprim.medecin.markup import plain
from engine.formats.hprim.medecin.ranges import bounds
from engine.formats.hprim.policy import finding
from engine.formats.terminology.words import folded
from engine.model.directory import Laboratory

_TITLE = "Résultats transmis en données structurées :"
_FLAGS = {"L": "bas", "LL": "très bas", "H": "haut", "HH": "très haut", "A": "anormal", "AA": "très anormal"}
_NUMBER = re.compile(r"\d+(?: \d{3})*(?:[.,]\d+)?|[.,]\d+", re.ASCII)
_SINGLE = re.compile(r"\d+(?:[.,]\d+)?|[.,]\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """Lines to lay out, in order."""

    lines: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def page(text: tuple[Line, ...], block: tuple[Entry, ...], laboratory: Laboratory) -> Page:
    """The page; then every line of the block when the page lacks a result, else its texts when it lacks one.

    A result whose label the page prints beside other numbers than its own makes both be shown, and a person asked.
    """
    shown = _page_lines(text)
    results = [entry for entry in block if isinstance(entry, Res) and entry.field(5)]
    printed = [(line, f" {folded(line)} ") for line in shown]
    places = {res.rank: _place(res, printed) for res in results}
    findings = tuple(
        finding("hprim.page_differs", f"{res.origin}.5", laboratory, line=res.line.number, code=res.name)
        for res in results
        if places[res.rank] == "differs"
    )
    texts = [entry for entry in block if not isinstance(entry, Res)]
    if any(place != "held" for place in places.values()):
        added = [line for entry in block for line in (_res_lines(entry) if isinstance(entry, Res) else _text(entry))]
        return Page(tuple(_joined(shown, [_TITLE, "", *added] if shown else added)), findings)
    words = {folded_line.strip() for _, folded_line in printed} | {""}
    if all(folded(line) in words for entry in texts for line in _text(entry)):
        return Page(tuple(shown), findings)
    return Page(tuple(_joined(shown, [line for entry in texts for line in _text(entry)])), findings)


def _page_lines(text: tuple[Line, ...]) -> list[str]:
    return _bare([part.rstrip().expandtabs(8) for line in text for part in plain(line.text).text.split("\n")])


def _bare(these: list[str]) -> list[str]:
    """Without blank lines at either end."""
    filled = [place for place, line in enumerate(these) if line.strip()]
    return these[filled[0] : filled[-1] + 1] if filled else []


def _joined(shown: list[str], added: list[str]) -> list[str]:
    return [*shown, "", *added] if shown and added else shown or _bare(added)


def _place(res: Res, printed: list[tuple[str, str]]) -> str:
    """`held` when a line of the page has both label and value, `differs` when it has other numbers, else `absent`."""
    label = folded(res.field(2))
    value = res.field(5).strip("* ")
    beside = [line for line, words in printed if label and words.startswith(f" {label} ")]
    if any(_holds(line, res.field(2), value) for line in beside):
        return "held"
    numbers = [line for line in beside if _NUMBER.search(_after(line, res.field(2)))]
    return "differs" if numbers and len(numbers) == len(beside) and _NUMBER.search(value) else "absent"


def _after(line: str, label: str) -> str:
    """What a line says after the label; digits of the label itself (`VITAMINE B12`) do not count."""
    label = label.strip(" :-.")
    place = line.lower().find(label.lower())
    return line[place + len(label) :] if place >= 0 else line


def _holds(line: str, label: str, value: str) -> bool:
    said = _after(line, label)
    wanted = [_canonical(number) for number in _NUMBER.findall(value)]
    if wanted:
        written = {_canonical(number) for pattern in (_NUMBER, _SINGLE) for number in pattern.findall(said)}
        signs = [sign for sign in "<>" if sign in value]
        return all(number in written for number in wanted) and all(sign in said for sign in signs)
    return bool(folded(value)) and f" {folded(value)} " in f" {folded(said)} "


def _canonical(number: str) -> str:
    """`0,95` and `0.95` are one; `.5` and `0.5` are; `5.30` and `5.3` are not."""
    text = number.replace(" ", "").replace(",", ".")
    return f"0{text}" if text.startswith(".") else text


def _text(entry: Tex | Other) -> list[str]:
    """The words of a text line; a record nobody described stays with the message and out of the document."""
    if isinstance(entry, Other) and entry.tag:
        return []
    return [part.rstrip().expandtabs(8) for part in entry.text.split("\n")]


def _res_lines(res: Res) -> list[str]:
    """A RES line for a person: every field it has, in words."""
    if res.shifted:
        return [" | ".join(res.fields[1:])]
    parts = [res.field(2) or res.field(3) or "(sans libellé)"]
    parts += [" ".join(part for part in (res.field(5), res.field(6)) if part)] if res.field(5) else []
    parts += _range_words(res.field(7), res.field(8))
    flag = res.field(9)
    parts += [f"[{_FLAGS.get(flag.upper(), flag)}]"] if flag and flag.upper() != "N" else []
    parts += ["(corrigé)"] if res.field(10).upper() == "C" else []
    if res.field(11):
        parts += ["soit " + " ".join(part for part in (res.field(11), res.field(12)) if part)]
        parts += _range_words(res.field(13), res.field(14))
    return ["   ".join(parts)]


def _range_words(low: str, high: str) -> list[str]:
    text = bounds(low, high).text
    return [f"(valeurs de référence : {text})"] if text else []
