"""A schematron file, compiled once, run on many documents."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.findings import Finding
from engine.validation.schematron import saxon
from engine.validation.schematron.compile import stylesheet
from engine.validation.schematron.flatten import flatten, together
from engine.validation.schematron.schema import Assertion, Valued
from engine.validation.schematron.sources import Sources
from engine.validation.schematron.vocabularies import Vocabularies, missing
from engine.validation.schematron.xslt import DOCUMENTS, NOTHING


@dataclass(frozen=True, slots=True)
class Failure:
    """An assertion that does not hold at a place."""

    rule: str
    """The assertion's own id, else its pattern's id and a digest of its test: the same from one run to the next."""
    role: str
    where: str
    """XPath, as `path()` gives it."""
    message: str
    remedy: str = ""
    see: str = ""


class Schematron:
    """A compiled schema. Make and use it on the main thread of the process."""

    def __init__(
        self,
        sources: Sources,
        file: str,
        vocabularies: Vocabularies | None = None,
        phase: str | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        """`also` are files of the same folder whose rules are run with these, faster than one after the other.

        Raises SchematronError when the schema cannot be used.
        """
        schema = together(flatten(sources, file, phase), *(flatten(sources, other) for other in also))
        compiled = stylesheet(schema)
        documents = (vocabularies or Vocabularies(sources)).handed_to(file, compiled.literals)
        self.file = file
        self.title = schema.title
        self.problems: tuple[Finding, ...] = schema.problems + missing(sources, file, compiled.literals)
        self._patterns = tuple(pattern.id for pattern in schema.patterns)
        self._assertions = compiled.assertions
        self._executable = saxon.executable(compiled.text, DOCUMENTS, documents)

    def failures(self, document: Any) -> tuple[Failure, ...]:
        """Run on a Saxon document. Raises saxonche's error when an expression cannot be evaluated."""
        output = saxon.output(self._executable, document)
        if output == NOTHING:
            return ()
        root = etree.fromstring(output.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        return tuple(self._failure(element) for element in root.iter("f"))

    def _failure(self, element: etree._Element) -> Failure:
        assertion = self._assertions[int(element.get("a", ""))]
        return Failure(
            rule=assertion.id or _name(self._patterns[int(element.get("p", ""))], assertion),
            role=assertion.role or "error",
            where=element.get("l", ""),
            message=_message(assertion, element),
            remedy=assertion.remedy,
            see=assertion.see,
        )


def _message(assertion: Assertion, element: etree._Element) -> str:
    """Its words, with the values quoted from the document in their places."""
    values = (value.text or "" for value in element)
    written = (next(values, "") if isinstance(part, Valued) else part.text for part in assertion.message)
    return " ".join("".join(written).split())


def _name(pattern: str, assertion: Assertion) -> str:
    return f"{pattern}-{hashlib.sha256(assertion.test.encode()).hexdigest()[:6]}"
