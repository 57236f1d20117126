"""Mutants of a document: the same ones for the same seed, spread over the operators and over the kinds of places."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.validation.where import place, shortened
from tests.mutation.operators import OPERATORS, Operator, places


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoiled document."""

    operator: str
    where: str
    """Path of the element at which it was spoiled, for people."""
    content: bytes

    @property
    def name(self) -> str:
        return f"{self.operator} @ {self.where}"


def mutants(document: bytes, count: int, seed: int, first: int = 0) -> tuple[Mutant, ...]:
    """`count` mutants: each operator in turn, from the one numbered `first`, at a kind of place new to it."""
    root = etree.fromstring(document)
    first %= len(OPERATORS)
    turn = OPERATORS[first:] + OPERATORS[:first]
    draws = [_draw(root, operator, random.Random(f"{seed}-{operator.name}")) for operator in turn]
    found: list[Mutant] = []
    while draws and len(found) < count:
        for draw in list(draws):
            chosen = next(draw, None)
            if chosen is None:
                draws.remove(draw)
            elif len(found) < count:
                found.append(_mutant(document, *chosen))
    return tuple(found)


def _draw(root: etree._Element, operator: Operator, chance: random.Random) -> Iterator[tuple[Operator, int]]:
    """Places drawn at random, each kind of place once before any comes again."""
    numbers = {element: number for number, element in enumerate(root.iter(etree.Element))}
    kinds: dict[str, list[int]] = {}
    for element in places(root, operator):
        kinds.setdefault(_kind(element), []).append(numbers[element])
    for numbered in kinds.values():
        chance.shuffle(numbered)
    while kinds:
        names = sorted(kinds)
        chance.shuffle(names)
        for name in names:
            yield operator, kinds[name].pop()
            if not kinds[name]:
                del kinds[name]


def _kind(element: etree._Element) -> str:
    """The path without positions, and the templates of the nearest element that has some."""
    holders = (element, *element.iterancestors())
    templates = next((_roots(holder) for holder in holders if _roots(holder)), "")
    return "/".join(str(etree.QName(holder).localname) for holder in holders) + templates


def _roots(element: etree._Element) -> str:
    return ",".join(child.get("root") or "" for child in element.iterchildren("{urn:hl7-org:v3}templateId"))


def _mutant(document: bytes, operator: Operator, number: int) -> Mutant:
    root = etree.fromstring(document)
    element = next(found for index, found in enumerate(root.iter(etree.Element)) if index == number)
    where = shortened(place(element))
    operator.spoil(element)
    content = etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return Mutant(operator.name, where, content)
