"""A GS1 element string cut into elements: by its separators, or in every possible way where a scanner lost them.

A value of variable length runs to the next separator or to the end. When a whole text holds no separator, a scanner
may have dropped them: every cut in which all values are sound is then kept, and the reader of the result must not
choose between them.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import date

from engine.findings import Finding
from engine.identity.datamatrix import GS
from engine.scan.gs1_identifiers import IDENTIFIERS, USUAL, ApplicationIdentifier, identifier_at
from engine.scan.reading import Reading, Token, TokenKind
from engine.scan.rules import finding

_MOST_CUTS = 50
_MOST_STEPS = 5000
"""Beyond either, what can be told apart is not worth the search: only what stands before the first doubt is kept."""
_SHOWN = re.compile(r"\(([0-9]{2,4})\)")
"""An identifier written for people, in brackets."""


@dataclass(frozen=True, slots=True)
class Element:
    """One identifier and its value, with their places in the reading."""

    identifier: ApplicationIdentifier
    value: str
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to cut a text."""

    elements: tuple[Element, ...]
    by_separators: bool
    """False when a separator had to be supposed."""
    unread: tuple[tuple[int, int], ...] = ()
    """Places of what no known identifier begins."""
    findings: tuple[Finding, ...] = ()


def cuts(reading: Reading, start: int, *, keeps_separators: bool, today: date | None) -> tuple[Cut, ...]:
    """The cut by the separators, and the others that are possible where there is none; at least one."""
    strict = _strict_cut(reading, start, today)
    text = reading.text[: reading.end]
    if keeps_separators or GS in text[start:] or text.startswith("(", start):
        return (strict,)
    search = _Search(text, today)
    search.from_place(start, ())
    if search.given_up:
        return (_before_the_doubt(strict, len(text)),)
    return tuple(
        Cut(one, by_separators=_same(one, strict.elements), findings=_problems(one, today)) for one in search.found
    ) or (strict,)


def tokens(reading: Reading, cut: Cut, start: int) -> tuple[Token, ...]:
    """The whole reading as tokens, nothing left out."""
    pieces = [(element.start, element.value_start, TokenKind.IDENTIFIER) for element in cut.elements]
    pieces += [(element.value_start, element.end, TokenKind.VALUE) for element in cut.elements]
    pieces += [(*place, TokenKind.UNREAD) for place in cut.unread]
    done, found = 0, []
    for begin, end, kind in [*sorted(pieces), (len(reading.text), len(reading.text), TokenKind.AROUND)]:
        if begin > done:
            inside = done >= start and begin <= reading.end
            found.append(reading.token(TokenKind.SEPARATOR if inside else TokenKind.AROUND, done, begin))
        if end > begin:
            found.append(reading.token(kind, begin, end))
        done = max(done, end)
    return tuple(found)


def _strict_cut(reading: Reading, start: int, today: date | None) -> Cut:
    text = reading.text[: reading.end]
    elements: list[Element] = []
    unread: list[tuple[int, int]] = []
    findings: dict[Finding, None] = {}
    at = start
    while at < len(text):
        element = _element(text, at)
        if text[at] == GS:
            if not elements or elements[-1].end != at or elements[-1].identifier.fixed:
                findings[finding("scan.extra_separator")] = None
            at += 1
        elif element is None:
            end = _end(text, at + 1)
            unread.append((at, end))
            findings[finding("scan.gs1_unknown")] = None
            at = end
        else:
            elements.append(element)
            at = element.end
    return Cut(tuple(elements), True, tuple(unread), (*findings, *_problems(tuple(elements), today)))


def _problems(elements: tuple[Element, ...], today: date | None) -> tuple[Finding, ...]:
    found: dict[Finding, None] = {}
    for element in elements:
        code = element.identifier.code
        problem = element.identifier.problem(element.value, today=today)
        if problem is not None:
            found[finding(problem, where=code, ai=code)] = None
    return tuple(found)


def _element(text: str, at: int) -> Element | None:
    shown = _SHOWN.match(text, at)
    identifier = IDENTIFIERS.get(shown.group(1)) if shown else identifier_at(text, at)
    if identifier is None:
        return None
    value_start = shown.end() if shown else at + len(identifier.code)
    end = _end(text, value_start) if shown else _separator(text, value_start)
    if identifier.fixed and not shown:
        end = min(end, value_start + identifier.longest)
    return Element(identifier, text[value_start:end], at, value_start, end)


def _end(text: str, at: int) -> int:
    """Where what is written for people ends: at the next identifier in brackets, the separator or the end."""
    end = _separator(text, at)
    following = _SHOWN.search(text, at, end)
    return following.start() if following else end


class _Search:
    """Every cut in which no identifier comes twice and each value is sound.

    A value of fixed length that is not sound is let through where its identifier was sure to stand: it hides nothing.
    """

    def __init__(self, text: str, today: date | None) -> None:
        self.text = text
        self.today = today
        self.found: list[tuple[Element, ...]] = []
        self.steps = 0

    @property
    def given_up(self) -> bool:
        return self.steps > _MOST_STEPS or len(self.found) > _MOST_CUTS

    def from_place(self, at: int, before: tuple[Element, ...], *, sure: bool = True) -> None:
        """Go on from a place; `sure` when no separator had to be supposed there."""
        self.steps += 1
        if self.given_up:
            return
        if at == len(self.text):
            self.found.append(before)
            return
        identifier = identifier_at(self.text, at)
        if identifier is None or any(one.identifier is identifier for one in before):
            return
        if not sure and identifier.code not in USUAL:
            return
        start = at + len(identifier.code)
        shortest = identifier.longest if identifier.fixed else 1
        for length in range(min(identifier.longest, len(self.text) - start), shortest - 1, -1):
            value = self.text[start : start + length]
            if not identifier.problem(value, today=self.today) or (identifier.fixed and sure):
                element = Element(identifier, value, at, start, start + length)
                self.from_place(start + length, (*before, element), sure=identifier.fixed)


def _before_the_doubt(strict: Cut, end: int) -> Cut:
    """The elements of fixed length at the beginning: they stand whatever the rest is."""
    sure = tuple(itertools.takewhile(lambda element: element.identifier.fixed, strict.elements))
    done = sure[-1].end if sure else min((element.start for element in strict.elements), default=0)
    return Cut(sure, by_separators=True, unread=((done, end),), findings=(finding("scan.gs1_uncut"),))


def _same(one: tuple[Element, ...], other: tuple[Element, ...]) -> bool:
    return [(e.start, e.end) for e in one] == [(e.start, e.end) for e in other]


def _separator(text: str, at: int) -> int:
    found = text.find(GS, at)
    return len(text) if found < 0 else found
