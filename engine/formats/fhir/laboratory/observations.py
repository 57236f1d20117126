"""DiagnosticReport.result and hasMember → the tree of Observations, each met once, all of one patient."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.fhir.datatypes import codings, concept_words
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.node import Node

_DEPTH = 8
"""Groups inside groups, more than any report has."""
PENDING = frozenset({"registered", "preliminary"})
WITHDRAWN = frozenset({"cancelled", "entered-in-error"})
CORRECTED = frozenset({"amended", "corrected", "entered-in-error"})
PUBLISHED = frozenset({"final", "amended", "corrected"})


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An Observation with those it holds."""

    node: Node
    members: tuple[Held, ...] = ()

    @property
    def status(self) -> str:
        return self.node.text("status")

    @property
    def has_value(self) -> bool:
        return bool(self.node.choice("value")) or self.node.has("dataAbsentReason")

    @property
    def is_group(self) -> bool:
        return bool(self.members or self.node.nodes("component"))

    @property
    def leaves(self) -> tuple[Held, ...]:
        """Itself when it holds none, and every one below that holds none."""
        return tuple(leaf for one in self.members for leaf in one.leaves) if self.members else (self,)

    @property
    def everyone(self) -> tuple[Held, ...]:
        return (self, *(one for member in self.members for one in member.everyone))


def code_of(node: Node) -> str:
    """What may be said of a result in a finding: its code, else its words."""
    concept = node.node("code")
    return next((one.text("code") for one in codings(concept) if one.text("code")), "") or concept_words(concept)


def observations(report: Node, about: Node, scope: LabScope) -> tuple[Held, ...]:
    """In the order of the report. `about`: the report's Patient, whose every result must be."""
    found = [one for ref in report.nodes("result") if (one := scope.bundle.followed(ref, "Observation")) is not None]
    members = _members(found, scope)
    seen: set[str] = set()
    tops = [one for one in found if one.where not in members]
    made = tuple(held for one in tops if (held := _held(one, about, scope, seen, 0)) is not None)
    if any(one.where not in seen for one in found):
        scope.remarks.add("fhir.member_twice", report.at("result"))
    return made


def _members(tops: list[Node], scope: LabScope) -> set[str]:
    """Places of all that others hold."""
    held: set[str] = set()
    todo = list(tops)
    while todo:
        for reference in todo.pop().nodes("hasMember"):
            found = scope.bundle.found(reference, "Observation")
            if found is not None and found.where not in held:
                held.add(found.where)
                todo.append(found)
    return held


def _held(node: Node, about: Node, scope: LabScope, seen: set[str], depth: int) -> Held | None:
    if node.where in seen or depth > _DEPTH:
        scope.remarks.add("fhir.member_twice" if node.where in seen else "fhir.too_deep", node.where)
        return None
    seen.add(node.where)
    _same_patient(node, about, scope)
    if node.has("focus"):
        scope.remarks.add("fhir.focus", node.at("focus"))
    below = [scope.bundle.followed(one, "Observation") for one in node.nodes("hasMember")]
    members = (_held(one, about, scope, seen, depth + 1) for one in below if one is not None)
    return Held(node, tuple(one for one in members if one is not None))


def _same_patient(node: Node, about: Node, scope: LabScope) -> None:
    subject = node.node("subject")
    if subject is None:
        scope.remarks.add("fhir.missing", node.at("subject"))
    elif not scope.bundle.same(subject, about):
        scope.remarks.add("fhir.other_patient", subject.where)
