"""Regular expressions that are slow to try, tried once per value: a document repeats the same few OIDs.

A repeated group (`(\\.\\d+)*`, the form of an OID) costs Saxon some six microseconds, forty times an equality.
"""

from __future__ import annotations

import re

from lxml import etree

from engine.validation.schematron.expressions import LITERAL
from engine.validation.schematron.xslt import element

_MATCHES = re.compile(
    r"(?<![\w:.$@-])(?:fn:)?matches\s*\(\s*(?P<value>@[\w:-]+|\.)\s*,\s*(?P<form>'[^']*'|\$[\w.-]+)\s*\)"
)
_LITERAL = re.compile(r"^\s*'[^']*'\s*$")
_REPEATED_GROUP = re.compile(r"\)[*+]")


class Forms:
    """The slow expressions of one stylesheet, each become a function that remembers its answers during one run."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def remembered(self, expression: str, lets: dict[str, str]) -> str:
        """The same expression, calling our functions where it tries a slow form on an attribute or on the node.

        `lets` are the variables in scope: a form is often named.
        """

        quoted = [literal.span() for literal in LITERAL.finditer(expression)]

        def call(found: re.Match[str]) -> str:
            if any(start < found.start() < end for start, end in quoted):
                return found.group()
            form = found["form"]
            form = form if form.startswith("'") else lets.get(form[1:], "")
            if not _LITERAL.match(form) or not _REPEATED_GROUP.search(form):
                return found.group()
            number = self._numbers.setdefault(form.strip(), len(self._numbers))
            return f"p:form-{number}({found['value']})"

        return _MATCHES.sub(call, expression)

    def functions(self) -> list[etree._Element]:
        """What the stylesheet must hold."""
        made = []
        for form, number in self._numbers.items():
            function = element("function", name=f"p:form-{number}", cache="yes", **{"as": "xs:boolean"})
            function.append(element("param", name="value", **{"as": "xs:string?"}))
            function.append(element("sequence", select=f"matches($value, {form})"))
            made.append(function)
        return made
