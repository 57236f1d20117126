"""Observations → what an act holds: results, batteries, germs with their antibiogram.

A drug is tied to a germ only where FHIR says it plainly: it is a member of the germ's Observation, or derived from it;
else it stays a plain result, and the document is held when there are several germs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.formats.fhir.datatypes import codings
from engine.formats.fhir.laboratory.concepts import concept, line_of_table
from engine.formats.fhir.laboratory.observations import PENDING, PUBLISHED, WITHDRAWN, Held, code_of
from engine.formats.fhir.laboratory.results import comments, result
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.laboratory.values import SUSCEPTIBILITIES
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import INTERPRETATION
from engine.formats.terminology.flags import INTERPRETATION_OID
from engine.model.laboratory import Battery, CodedValue, Comment, Isolate, Item, Result


@dataclass(slots=True)
class Arranger:
    """The results of one report, each made once."""

    scope: LabScope
    derived: Mapping[str, tuple[Held, ...]]
    """Place of a germ's Observation → the drugs sent beside it that are derived from it."""
    made: list[Result] = field(default_factory=list)

    def items(self, held: Held) -> tuple[Item, ...]:
        """Of one Observation: nothing while it is not validated."""
        if held.node.where in self.tied:
            return ()
        if not held.is_group and held.node.where not in self.derived:
            return self._leaf(held)
        if is_germ(held, self.derived):
            return self._isolate(held)
        return self._group(held)

    def _leaf(self, held: Held) -> tuple[Result, ...]:
        return (self._result(held.node, held.node),) if is_published(held) else ()

    def _group(self, held: Held) -> tuple[Item, ...]:
        """Its own value and components first, then its members; groups inside it stand after it."""
        plain: list[Result] = []
        if is_published(held):
            if held.has_value:
                plain.append(self._result(held.node, held.node))
            plain += [self._result(one, held.node) for one in held.node.nodes("component")]
        inner: list[Item] = []
        for one in held.members:
            for item in self.items(one):
                if isinstance(item, Result) and not one.is_group:
                    plain.append(item)
                else:
                    inner.append(item)
        said = comments(held.node, self.scope) if not held.has_value else ()
        if not plain:
            return (*said, *inner)
        code = held.node.node("code")
        test = line_of_table(code, "", "", None, self.scope)
        return (Battery(concept(code, test, self.scope), tuple(plain), held.node.where, said), *inner)

    def _isolate(self, held: Held) -> tuple[Item, ...]:
        if not is_published(held):
            return tuple(item for one in held.members for item in self.items(one))
        germ = self._result(held.node, held.node)
        if not isinstance(germ.value, CodedValue):
            return self._group(held)
        others: list[Result] = [germ]
        drugs: list[Result] = []
        apart: list[Item] = []
        said: list[Comment] = []
        for one in (*held.members, *self.derived.get(held.node.where, ())):
            for below in one.everyone:
                if below.node.nodes("component"):
                    apart += self._group(Held(below.node))
                elif below.members and not below.has_value:
                    said += comments(below.node, self.scope)
                else:
                    (drugs if is_drug(below.node) else others).extend(self._leaf(below))
        parts = [self._result(one, held.node) for one in held.node.nodes("component")]
        drugs += [one for one in parts if _is_susceptibility(one)]
        others += [one for one in parts if not _is_susceptibility(one)]
        return (Isolate(germ.value, held.node.where, tuple(others), tuple(drugs), tuple(said)), *apart)

    def _result(self, node: Node, holder: Node) -> Result:
        found = result(node, holder, self.scope)
        self.made.append(found)
        return found

    @property
    def tied(self) -> frozenset[str]:
        """Places of the drugs that stand with their germ, wherever they were sent."""
        return frozenset(one.node.where for several in self.derived.values() for one in several)


def is_published(held: Held) -> bool:
    return held.status in PUBLISHED | WITHDRAWN


def is_shown(held: Held) -> bool:
    """Something of it is published."""
    return any(is_published(one) for one in held.everyone)


def status_findings(tops: tuple[Held, ...], scope: LabScope) -> bool:
    """Say what is not published; True when something is still to come."""
    pending = False
    for held in (one for top in tops for one in top.everyone):
        code = code_of(held.node)
        if held.status in PENDING:
            pending = True
            scope.remarks.add("fhir.result_not_published", held.node.at("status"), code=code)
        elif not is_published(held):
            pending = True
            scope.remarks.add("fhir.result_status_unknown", held.node.at("status"), code=code)
        below = [one for one in held.leaves if one is not held and one.status in PUBLISHED]
        if held.status in WITHDRAWN and below:
            scope.remarks.add("fhir.group_withdrawn", held.node.at("status"))
    return pending


def tied(tops: tuple[Held, ...], scope: LabScope) -> Mapping[str, tuple[Held, ...]]:
    """Drugs derived from a published germ of the same report that does not hold them already."""
    everyone = {held.node.where: held for top in tops for held in top.everyone}
    found: dict[str, list[Held]] = {}
    for held in tops:
        if held.is_group or not is_drug(held.node):
            continue
        sources = [scope.bundle.found(one, "Observation") for one in held.node.nodes("derivedFrom")]
        germs = [one.where for one in sources if one is not None and one.where in everyone and _names_germ(one)]
        if len(germs) == 1 and is_published(everyone[germs[0]]):
            found.setdefault(germs[0], []).append(held)
        elif germs:
            scope.remarks.add("fhir.isolate_ambiguous", held.node.where, code=code_of(held.node))
    return {where: tuple(drugs) for where, drugs in found.items()}


def loose_drug_findings(tops: tuple[Held, ...], derived: Mapping[str, tuple[Held, ...]], scope: LabScope) -> None:
    """A susceptibility that no germ holds, though germs were found."""
    germs = [one for top in tops for one in top.everyone if is_germ(one, derived)]
    held_by_germ = {leaf.node.where for germ in germs for leaf in germ.everyone}
    held_by_germ |= {one.node.where for several in derived.values() for one in several}
    for leaf in (one for top in tops for one in top.leaves):
        if germs and is_drug(leaf.node) and leaf.node.where not in held_by_germ:
            scope.remarks.add("fhir.isolate_ambiguous", leaf.node.where, code=code_of(leaf.node))


def is_germ(held: Held, derived: Mapping[str, tuple[Held, ...]]) -> bool:
    """A coded value that holds, or from which derive, susceptibilities."""
    if not _names_germ(held.node):
        return False
    below = (leaf.node for one in held.members for leaf in one.leaves)
    drugs = any(is_drug(one) for one in (*below, *held.node.nodes("component")))
    return drugs or held.node.where in derived


def is_drug(node: Node) -> bool:
    """Its interpretation, or its coded value, is a susceptibility of HL7's ObservationInterpretation."""
    value = node.node("valueCodeableConcept")
    concepts = (*node.nodes("interpretation"), *(() if value is None else (value,)))
    return any(
        code.text("system") == INTERPRETATION and code.text("code") in SUSCEPTIBILITIES
        for one in concepts
        for code in codings(one)
    )


def _names_germ(node: Node) -> bool:
    return node.node("valueCodeableConcept") is not None and not is_drug(node)


def _is_susceptibility(one: Result) -> bool:
    flagged = any(flag.code is not None and flag.code.code in SUSCEPTIBILITIES for flag in one.interpretations)
    coded = one.value.code if isinstance(one.value, CodedValue) else None
    return flagged or (coded is not None and coded.system == INTERPRETATION_OID and coded.code in SUSCEPTIBILITIES)
