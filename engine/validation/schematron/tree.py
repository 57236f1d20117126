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
    earlier: dict[tuple[int, str], list[tuple[str, ...]]] = {}
    found: dict[int, tuple[str, ...]] = {}
    for rule in rules:
        path = steps(rule.context)
        assert path is not None
        last = name_of(path[-1])
        lasts = {last, "*"} if last != "*" else {key[1] for key in earlier if key[0] == len(path)} | {"*"}
        candidates = [p for name in sorted(lasts) for p in earlier.get((len(path), name), [])]
        found[id(rule)] = tuple(
            _also(other, path) for other in candidates if other != path and _compatible(other, path)
        )
        if path not in earlier.setdefault((len(path), last), []):
            earlier[(len(path), last)].append(path)
    return found


def _compatible(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """True when the same node may be reached by both."""
    names = zip(map(name_of, one), map(name_of, other), strict=True)
    return all(a == b or "*" in (a, b) for a, b in names)


def _also(other: tuple[str, ...], path: tuple[str, ...]) -> str:
    """Of a node reached by `path`: is it reached by `other` too? Steps written alike need no test."""
    last = len(path) - 1
    tests = [f"{'../' * (last - depth)}self::{step}" for depth, step in enumerate(other) if step != path[depth]]
    return " and ".join(f"exists({test})" for test in tests)
