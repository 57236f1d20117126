"""A schematron schema once flattened: no inclusion, no abstract pattern, one phase applied."""

from __future__ import annotations

from dataclasses import dataclass

from engine.findings import Finding


@dataclass(frozen=True, slots=True)
class Let:
    """A variable (`let`)."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Extends:
    """A call to an abstract rule (`extends`)."""

    rule: str


@dataclass(frozen=True, slots=True)
class Words:
    """A fixed piece of an assertion's message."""

    text: str


@dataclass(frozen=True, slots=True)
class Valued:
    """A piece of an assertion's message read from the document (`value-of`, `name`)."""

    select: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """One `assert` (fails when its test is false) or `report` (fails when it is true)."""

    test: str
    message: tuple[Words | Valued, ...]
    is_report: bool = False
    id: str = ""
    role: str = ""
    """`error`, `warning`, `info`… as written; empty means error."""
    see: str = ""
    """Clause the rule comes from."""
    remedy: str = ""
    """Text of the diagnostics it names."""


Step = Let | Extends | Assertion


@dataclass(frozen=True, slots=True)
class Rule:
    """A context and what must hold there. Abstract rules have no context."""

    context: str
    steps: tuple[Step, ...]
    id: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rules of which the first that matches a node applies to it."""

    id: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """All that is to be compiled."""

    file: str
    title: str
    namespaces: tuple[tuple[str, str], ...]
    lets: tuple[Let, ...]
    """Global variables: of the schema, of its phase and of its patterns, which other patterns use too."""
    patterns: tuple[Pattern, ...]
    abstract_rules: tuple[Rule, ...]
    problems: tuple[Finding, ...] = ()
