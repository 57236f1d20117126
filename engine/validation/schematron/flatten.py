"""A schematron file and its inclusions → one flat Schema (ISO/IEC 19757-3, annex on the minimal form)."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from lxml import etree

from engine.findings import Finding, Severity
from engine.validation.schematron.includes import SCH, SCHEMATRON, SchematronError, resolved
from engine.validation.schematron.rules import rule
from engine.validation.schematron.schema import Let, Pattern, Rule, Schema
from engine.validation.schematron.sources import Sources

T = TypeVar("T")


def flatten(sources: Sources, file: str, phase: str | None = None) -> Schema:
    """Includes resolved, abstract patterns written out, the phase (default: the schema's own) applied.

    Raises SchematronError when the schema cannot be used.
    """
    root, problems = resolved(sources, file)
    if root.tag != f"{SCH}schema":
        raise SchematronError(f"{file}: ce n’est pas un schéma schematron")
    notes = list(problems)
    written = list(root.iter(f"{SCH}pattern"))
    active = _active(root, phase or root.get("defaultPhase") or "#ALL", file)
    known = {pattern.get("id") for pattern in written}
    notes += [_unknown_pattern(file, name) for name in sorted((active or set()) - known)]
    diagnostics = {d.get("id", ""): _text(d) for d in root.iter(f"{SCH}diagnostic")}
    concrete = [p for p in _concrete(written, file, notes) if active is None or p.get("id") in active]
    return Schema(
        file=file,
        title=" ".join((root.findtext(f"{SCH}title") or "").split()),
        namespaces=_namespaces(root),
        lets=_global_lets(root, file),
        patterns=tuple(_pattern(p, number, diagnostics) for number, p in enumerate(concrete, 1)),
        abstract_rules=tuple(_abstract_rules(root, diagnostics)),
        problems=tuple(notes),
    )


def together(schema: Schema, *others: Schema) -> Schema:
    """One schema with the rules of several, in order; its file and title are the first one's.

    Raises SchematronError when the same name stands for two different things in them.
    """
    schemas = (schema, *others)
    lets = _named((let.name, let) for one in schemas for let in one.lets)
    abstract = _named((rule.id, rule) for one in schemas for rule in one.abstract_rules)
    return replace(
        schema,
        namespaces=tuple(_named(pair for one in schemas for pair in one.namespaces).items()),
        lets=tuple(lets.values()),
        patterns=tuple(pattern for one in schemas for pattern in one.patterns),
        abstract_rules=tuple(abstract.values()),
        problems=tuple(problem for one in schemas for problem in one.problems),
    )


def _named(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    found: dict[str, T] = {}
    for name, thing in pairs:
        if found.setdefault(name, thing) != thing:
            raise SchematronError(f"« {name} » est défini différemment dans deux schémas réunis")
    return found


def _active(root: etree._Element, phase: str, file: str) -> set[str] | None:
    """Ids of the patterns of a phase; None when all are active."""
    if phase == "#ALL":
        return None
    for element in root.iter(f"{SCH}phase"):
        if element.get("id") == phase:
            return {active.get("pattern", "") for active in element.iter(f"{SCH}active")}
    raise SchematronError(f"{file}: phase inconnue")


def _concrete(written: list[etree._Element], file: str, notes: list[Finding]) -> Iterator[etree._Element]:
    """Patterns to apply: those written as such, and the abstract ones once their parameters are given."""
    abstract = {p.get("id"): p for p in written if p.get("abstract") == "true"}
    for pattern in written:
        if pattern.get("abstract") == "true":
            continue
        model = pattern.get("is-a")
        if model is None:
            yield pattern
        elif model in abstract:
            yield _instance(abstract[model], pattern)
        else:
            notes.append(_unknown_pattern(file, model))


def _instance(abstract: etree._Element, call: etree._Element) -> etree._Element:
    """An abstract pattern with `$name` replaced by the value of each parameter, the longest names first."""
    values = {param.get("name", ""): param.get("value", "") for param in call.iter(f"{SCH}param")}
    names = sorted(values, key=len, reverse=True)
    instance = copy.deepcopy(abstract)
    instance.set("id", call.get("id") or "")
    for element in instance.iter(etree.Element):
        for attribute, value in element.attrib.items():
            text = str(value)
            for name in names:
                text = text.replace(f"${name}", values[name])
            element.set(attribute, text)
    return instance


def _pattern(element: etree._Element, number: int, diagnostics: dict[str, str]) -> Pattern:
    if element.get("documents"):
        raise SchematronError("pattern/@documents n’est pas pris en charge")
    written = (e for e in element.iter(f"{SCH}rule") if e.get("abstract") != "true")
    return Pattern(id=element.get("id") or f"p{number}", rules=tuple(rule(e, diagnostics) for e in written))


def _abstract_rules(root: etree._Element, diagnostics: dict[str, str]) -> Iterator[Rule]:
    seen: set[str] = set()
    for element in root.iter(f"{SCH}rule"):
        name = element.get("id") or ""
        if element.get("abstract") == "true" and name and name not in seen:
            seen.add(name)
            yield rule(element, diagnostics)


def _global_lets(root: etree._Element, file: str) -> tuple[Let, ...]:
    """Variables of the schema and of every pattern: the official schemas use a pattern's variables in the others."""
    values: dict[str, str] = {}
    for element in root.iter(f"{SCH}let"):
        parent = element.getparent()
        if parent is None or parent.tag not in (f"{SCH}schema", f"{SCH}pattern", f"{SCH}phase"):
            continue
        name, value = element.get("name", ""), element.get("value")
        if value is None:
            raise SchematronError(f"{file}: variable {name} sans valeur")
        if values.setdefault(name, value) != value:
            raise SchematronError(f"{file}: variable {name} définie deux fois différemment")
    return tuple(Let(name, value) for name, value in values.items())


def _namespaces(root: etree._Element) -> tuple[tuple[str, str], ...]:
    """Prefixes the expressions may use: those in scope where they are written, then those declared by `ns`."""
    found: dict[str, str] = {}
    for element in root.iter(etree.Element):
        for prefix, uri in element.nsmap.items():
            if prefix and uri != SCHEMATRON:
                found.setdefault(prefix, uri)
    found.update({ns.get("prefix", ""): ns.get("uri", "") for ns in root.iter(f"{SCH}ns")})
    found.pop("xml", None)
    return tuple(sorted(found.items()))


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


def _unknown_pattern(file: str, name: str) -> Finding:
    return Finding(
        code="pack.unknown_pattern",
        severity=Severity.WARNING,
        where=file,
        message=f"Le schéma active un groupe de règles qu’il ne contient pas, et qui n’est pas vérifié : {name}.",
        remedy="Installer un pack complet dès que l’éditeur des règles l’aura publié.",
        layer="pack",
    )
