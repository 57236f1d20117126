"""XPath expressions of a schema: what they read, and how their external reads are turned into shared look-ups."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.validation.schematron.includes import SchematronError

SVS = "urn:ihe:iti:svs:2008"

LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_VARIABLE = re.compile(r"\$([\w.-]+)")
_BOUND = re.compile(r"(?:every|some|for|let|,)\s+\$([\w.-]+)\s+(?:in|:=)")
_CALL = re.compile(r"(?<![\w:.$@-])(?:fn:)?(doc-available|document|doc)\s*\(")
_READERS = (
    r"unparsed-text|unparsed-text-lines|unparsed-text-available|collection|uri-collection|environment-variable|"
    r"available-environment-variables|system-property|json-doc|parse-xml|parse-xml-fragment|transform|"
    r"load-xquery-module|function-lookup"
)
"""Functions that read files, the network or the machine, or that could call those."""
_FORBIDDEN = re.compile(
    rf"(?<![\w.$@/-])(?:fn:)?(?:(?P<called>{_READERS})\s*[(#]|(?P<named>doc|document|doc-available)\s*#)"
)
_ARGUMENT = r"((?:[^()]|\([^()]*\))*)"
_CONCEPT = re.compile(r"(?<![\w:-])document\((\$?[^()]+)\)//svs:Concept\[@code=(\$[\w-]+) and @codeSystem=(\$[\w-]+)\]")
_LEAF = re.compile(rf"(?<![\w:-])doc\({_ARGUMENT}\)//([\w:-]+)\[\s*text\(\)\s*=\s*string\((\$[\w-]+)\)\s*\]")


def literals(expression: str) -> tuple[str, ...]:
    """String literals written in an expression."""
    return tuple(found[1:-1] for found in LITERAL.findall(expression))


def variables(expression: str) -> frozenset[str]:
    """Names of the variables an expression takes from outside."""
    code = LITERAL.sub("''", expression)
    return frozenset(_VARIABLE.findall(code)) - frozenset(_BOUND.findall(code))


def rewritten(expression: str, namespaces: dict[str, str]) -> str:
    """The same expression, its external reads going to the documents handed in, by index where its form allows.

    `document(P)//svs:Concept[@code=$c and @codeSystem=$s]` and `doc(P)//x[text()=string($v)]` become indexed look-ups.
    Raises SchematronError when it calls a function that reads files, the network or the environment otherwise.
    """
    forbidden = _FORBIDDEN.search(LITERAL.sub("''", expression))
    if forbidden:
        raise SchematronError(f"fonction interdite dans une règle : {forbidden['called'] or forbidden['named']}")
    if namespaces.get("svs") == SVS:
        expression = _CONCEPT.sub(r"p:concept(\1, \2, \3)", expression)
    expression = _LEAF.sub(r"p:leaf(\1, \3)[self::\2]", expression)
    return _outside_literals(expression, lambda part: _CALL.sub(r"p:\1(", part))


def _outside_literals(expression: str, change: Callable[[str], str]) -> str:
    parts: list[str] = []
    end = 0
    for literal in LITERAL.finditer(expression):
        parts += [change(expression[end : literal.start()]), literal.group()]
        end = literal.end()
    return "".join([*parts, change(expression[end:])])
