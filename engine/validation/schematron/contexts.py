"""Rule contexts: taken apart into steps, and turned into the shortest way to the nodes they match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_TEMPLATE = re.compile(
    r"^(?P<name>\*|[\w-]+:[\w-]+)\s*\[\s*(?:\./)?(?P<prefix>[\w-]+):templateId"
    r"(?:/@root\s*=\s*(?P<one>['\"])(?P<root>[\w.-]+)(?P=one)|\[\s*@root\s*=\s*(?P<two>['\"])(?P<root2>[\w.-]+)(?P=two)\s*\])"
    r"\s*\]$"
)
_NAME = re.compile(r"^[\w-]+:[\w-]+|^\*|^[\w-]+")
_NAME_TEST = re.compile(r"^(?P<name>(?:[\w.*-]+:)?[\w.*-]+)\s*(?:\[|$)")
_ELEMENT = re.compile(r"^(?:(?P<prefix>[\w-]+):)?(?P<name>[^\W\d][\w.-]*)\s*(?:\[|$)")
_LANDMARK = re.compile(r"^(?://)?(?P<prefix>[\w-]+):(?P<name>ClinicalDocument|structuredBody)(?P<rest>/.*)$", re.DOTALL)
_SIGN = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\]|/]")
_CURRENT = re.compile(r"\bcurrent\s*\(")
_POSITION = re.compile(r"^\s*\d+\s*$|\b(?:position|last)\s*\(")
HL7 = "urn:hl7-org:v3"


def alternatives(context: str) -> tuple[str, ...]:
    """The branches of a union, outside brackets and literals."""
    return tuple(part.strip() for part in _split(context, "|"))


def steps(context: str) -> tuple[str, ...] | None:
    """`//a/b[x]/c` → `a`, `b[x]`, `c`; None when the context is a union or does not start with `//`."""
    if len(alternatives(context)) != 1:
        return None
    parts = tuple(part.strip() for part in _split(context.strip(), "/"))
    if len(parts) < 3 or parts[0] or parts[1] or "" in parts[2:]:
        return None
    found = parts[2:]
    return found if all(_NAME.match(step) for step in found) else None


def name_of(step: str) -> str:
    """The name test of a step: `hl7:id[@root]` → `hl7:id`."""
    found = _NAME.match(step)
    return found.group() if found else "*"


def uses_current(context: str) -> bool:
    """True when a predicate speaks of the node matched by `current()`, which only a match pattern gives."""
    return _CURRENT.search(context) is not None


def is_positional(step: str) -> bool:
    """True when one of the step's own predicates depends on the position of the node among its siblings."""
    return any(_POSITION.search(predicate) for predicate in _predicates(step))


def _predicates(step: str) -> Iterator[str]:
    """What stands between the outermost square brackets."""
    start: int | None = None
    for sign, depth in _scanned(step):
        if sign.group() == "[" and depth == 1:
            start = sign.end()
        elif sign.group() == "]" and depth == 0 and start is not None:
            yield step[start : sign.start()]
            start = None


def selection(context: str, namespaces: dict[str, str]) -> str:
    """An expression that reaches, from the root, exactly the nodes that the context matches, each once.

    Branches that end in different names have no node in common: Saxon need not sort them together.
    """
    branches = [simple for branch in alternatives(context) for simple in _distributed(branch)]
    apart: dict[str, list[str]] = {}
    for branch in branches:
        apart.setdefault(_last_name(branch, namespaces), []).append(_selected(branch, namespaces))
    unions = [" | ".join(ways) for ways in apart.values()]
    return " | ".join(unions) if "" in apart else ", ".join(unions)


def _last_name(branch: str, namespaces: dict[str, str]) -> str:
    """The name of the elements a branch leads to, `{namespace}name`; empty when it may lead to several."""
    found = _ELEMENT.match(_split(branch, "/")[-1].strip())
    return f"{{{namespaces.get(found['prefix'] or '', '')}}}{found['name']}" if found else ""


def _distributed(branch: str) -> tuple[str, ...]:
    """`//x/(a | b)/c` → `//x/a/c`, `//x/b/c`: Saxon finds a name faster than it tries a choice at every node.

    A branch with several choices is left alone: their combinations could be without number.
    """
    parts = _split(branch, "/")
    groups = [number for number, step in enumerate(parts) if number and _is_one_group(step.strip())]
    if len(groups) != 1:
        return (branch,)
    before, after = "/".join(parts[: groups[0]]), "".join(f"/{part}" for part in parts[groups[0] + 1 :])
    return tuple(f"{before}/{one}{after}" for one in alternatives(parts[groups[0]].strip()[1:-1]))


def _is_one_group(step: str) -> bool:
    """True for `(a | b)`, false for `(a)[1] | (b)`: its first bracket closes at its end."""
    enclosed = step.startswith("(") and step.endswith(")")
    return enclosed and all(depth for sign, depth in _scanned(step) if sign.end() < len(step))


def _selected(branch: str, namespaces: dict[str, str]) -> str:
    return _from_template(branch, namespaces) or _by_landmark(branch, namespaces) or _anywhere(branch)


def _anywhere(branch: str) -> str:
    return branch if branch.startswith("/") else f"//{branch}"


def _by_landmark(branch: str, namespaces: dict[str, str]) -> str:
    """The way from an element that every document has once, found once for all rules; empty for any other branch."""
    found = _LANDMARK.match(branch)
    if found is None or namespaces.get(found["prefix"]) != HL7:
        return ""
    return f"$p:{found['name']}{found['rest']}"


def candidates(contexts: Iterable[str], namespaces: dict[str, str]) -> str:
    """An expression that reaches, from the root, every node that one of the contexts may match, and few others.

    It looks at the last step of each alone, and evaluates none of their predicates: a pattern whose predicate cannot
    be evaluated at a node does not match it, a selection would fail. Names are told apart faster by the templates
    themselves; a step for any element with a templateId would be tried on every element.
    """
    lasts = [_split(branch, "/")[-1].strip() for context in contexts for branch in alternatives(context)]
    templates = [_by_template(step, namespaces) for step in lasts]
    names = [_NAME_TEST.match(step) for step in lasts]
    if not all(names):
        return "/ | //node() | //@*"
    if not any(templates):
        return "//*"
    ways = (found or f"//{name['name']}" for found, name in zip(templates, names, strict=True) if name)
    return " | ".join(dict.fromkeys(ways))


def _by_template(step: str, namespaces: dict[str, str]) -> str:
    """The indexed look-up of a step that asks for a templateId, and nothing else; empty for any other."""
    found = _TEMPLATE.match(step)
    if found is None or namespaces.get(found["prefix"]) != HL7:
        return ""
    name = "" if found["name"] == "*" else f"[self::{found['name']}]"
    return f"key('p:template','{found['root'] or found['root2']}'){name}"


def _from_template(branch: str, namespaces: dict[str, str]) -> str:
    """The way from an element found by its templateId; empty when the branch does not begin with one."""
    first, *others = _split(branch.removeprefix("//"), "/")
    start = _by_template(first.strip(), namespaces)
    return start and "/".join((start, *others))


def _split(text: str, separator: str) -> list[str]:
    """Cut at a separator, outside brackets and literals."""
    parts, start = [], 0
    for sign, depth in _scanned(text):
        if sign.group() == separator and not depth:
            parts.append(text[start : sign.start()])
            start = sign.end()
    return [*parts, text[start:]]


def _scanned(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """The signs that take a context apart, literals whole, each with how many brackets are open after it."""
    depth = 0
    for sign in _SIGN.finditer(text):
        if sign.group() in ("(", "["):
            depth += 1
        elif sign.group() in (")", "]"):
            depth -= 1
        yield sign, depth
