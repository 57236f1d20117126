"""Many rules with long absolute contexts, as one tree: each node of a document is visited once for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.validation.schematron.contexts import is_positional, name_of, steps, uses_current
from engine.validation.schematron.schema import Rule

_WORTHWHILE = 8


@dataclass(slots=True)
class Branch:
    """A step of a context: the rules that end there, and the steps that follow."""

    step: str
    rules: list[Rule] = field(default_factory=list)
    branches: dict[str, Branch] = field(default_factory=dict)


def tree(rules: tuple[Rule, ...]) -> Branch | None:
    """The rules by common beginnings; None when they are few or not all of the form `//step/step`."""
    root = Branch("")
    if len(rules) < _WORTHWHILE:
        return None
    for rule in rules:
        path = steps(rule.context)
        if path is None or uses_current(rule.context) or any(map(is_positional, path)):
            return None
        branch = root
        for step in path:
            branch = branch.branches.setdefault(step, Branch(step))
        if not branch.rules:
            branch.rules.append(rule)
    return root


def rivals(rules: tuple[Rule, ...]) -> dict[int, tuple[str, ...]]:
    """For each rule (by identity), the tests true of a node that an earlier rule of the pattern also matches.

    Only the first rule that matches a node applies to it (ISO/IEC 19757-3, 6.5 `rule`).
    """
    earlier: dict[str, list[tuple[str, ...]]] = {}
    found: dict[int, tuple[str, ...]] = {}
    for rule in rules:
        path = steps(rule.context)
        assert path is not None
        last = name_of(path[-1])
        buckets = earlier if last == "*" else {last, "*"} & earlier.keys()
        candidates = [other for name in sorted(buckets) for other in earlier[name] if other != path]
        found[id(rule)] = tuple(_also(other, path) for other in candidates if _compatible(other, path))
        if path not in earlier.setdefault(last, []):
            earlier[last].append(path)
    return found


def _compatible(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """True when the same node may be reached by both: they begin anywhere, so they are compared from their end."""
    names = zip(map(name_of, reversed(one)), map(name_of, reversed(other)), strict=False)
    return all(a == b or "*" in (a, b) for a, b in names)


def _also(other: tuple[str, ...], path: tuple[str, ...]) -> str:
    """Of a node reached by `path`: is it reached by `other` too? Steps written alike need no test."""
    known = dict(enumerate(reversed(path)))
    tests = [f"{'../' * up}self::{step}" for up, step in enumerate(reversed(other)) if step != known.get(up)]
    return " and ".join(f"exists({test})" for test in tests) or "true()"
