"""One `rule` element → Rule."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.validation.schematron.includes import SCH, SchematronError
from engine.validation.schematron.schema import Assertion, Extends, Let, Rule, Step, Valued, Words


def rule(element: etree._Element, diagnostics: dict[str, str]) -> Rule:
    """The rule with its variables, its calls to abstract rules and its assertions, in order."""
    return Rule(
        context=element.get("context") or "",
        steps=tuple(_steps(element, diagnostics)),
        id=element.get("id") or "",
    )


def _steps(element: etree._Element, diagnostics: dict[str, str]) -> Iterator[Step]:
    for child in element:
        if child.tag == f"{SCH}let":
            value = child.get("value")
            if value is None:
                raise SchematronError(f"variable {child.get('name')} sans valeur")
            yield Let(child.get("name", ""), value)
        elif child.tag == f"{SCH}extends":
            yield Extends(child.get("rule", ""))
        elif child.tag in (f"{SCH}assert", f"{SCH}report"):
            yield _assertion(child, diagnostics)


def _assertion(element: etree._Element, diagnostics: dict[str, str]) -> Assertion:
    named = (element.get("diagnostics") or "").split()
    return Assertion(
        test=element.get("test", ""),
        message=tuple(_message(element)),
        is_report=element.tag == f"{SCH}report",
        id=element.get("id") or "",
        role=element.get("role") or "",
        see=element.get("see") or "",
        remedy=" ".join(diagnostics[name] for name in named if name in diagnostics),
    )


def _message(element: etree._Element) -> Iterator[Words | Valued]:
    if element.text:
        yield Words(element.text)
    for child in element:
        if child.tag == f"{SCH}value-of":
            yield Valued(child.get("select", ""))
        elif child.tag == f"{SCH}name":
            yield Valued(f"name({child.get('path') or '.'})")
        else:
            yield from _message(child)
        if child.tail:
            yield Words(child.tail)
