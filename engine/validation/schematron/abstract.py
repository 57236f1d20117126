"""Abstract rules that can be compiled once and called: those that take no variable from their caller."""

from __future__ import annotations

from engine.validation.schematron.expressions import variables
from engine.validation.schematron.schema import Assertion, Extends, Let, Rule, Valued


def closed_rules(abstract: dict[str, Rule], global_names: frozenset[str]) -> frozenset[str]:
    """Ids of the abstract rules whose variables are all their own or global, those they extend included."""
    return frozenset(name for name, rule in abstract.items() if _closed(rule, abstract, global_names, ()))


def _closed(rule: Rule, abstract: dict[str, Rule], known: frozenset[str], parents: tuple[str, ...]) -> bool:
    if rule.id in parents:
        return False
    names = set(known)
    for step in rule.steps:
        if isinstance(step, Let):
            if variables(step.value) - names:
                return False
            names.add(step.name)
        elif isinstance(step, Extends):
            extended = abstract.get(step.rule)
            if extended is None or not _closed(extended, abstract, known, (*parents, rule.id)):
                return False
        elif _used(step) - names:
            return False
    return True


def _used(assertion: Assertion) -> frozenset[str]:
    quoted = (variables(part.select) for part in assertion.message if isinstance(part, Valued))
    return variables(assertion.test).union(*quoted)
