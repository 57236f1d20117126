"""One fault is often seen by several layers: its findings are shown together, none is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.findings import Finding, Severity
from engine.validation.where import shortened

_NAMED = re.compile(r"(?:élément|element|Élément)s?\s+[«\"'“]?\s*(?:[\w.-]+:)?([A-Za-z][\w/.:-]*)")
_SNAKE = re.compile(r"_([a-z])")
_STRICTNESS = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_CLEAREST = ("xml", "passeur", "structure", "volet", "ans", "mc", "ihe", "sm", "term", "xsd")


@dataclass(frozen=True, slots=True)
class Fault:
    """Findings of several layers about the same element and the same subject; the clearest first."""

    findings: tuple[Finding, ...]

    @property
    def head(self) -> Finding:
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """The most severe of them."""
        return min((finding.severity for finding in self.findings), key=_STRICTNESS.index)


def faults(findings: tuple[Finding, ...]) -> tuple[Fault, ...]:
    """Errors first, then in the order of the document."""
    groups: list[list[Finding]] = []
    by_subject: dict[str, list[Finding]] = {}
    for finding in findings:
        subject = _subject(finding)
        group = by_subject.get(subject, [])
        if not subject or not group or any(other.layer == finding.layer for other in group):
            group = []
            groups.append(group)
        group.append(finding)
        if subject:
            by_subject[subject] = group
    made = (Fault(tuple(sorted(group, key=_clarity))) for group in groups)
    return tuple(sorted(made, key=lambda fault: (_STRICTNESS.index(fault.severity), fault.head.line or 0)))


def _clarity(finding: Finding) -> tuple[int, int]:
    layer = _CLEAREST.index(finding.layer) if finding.layer in _CLEAREST else len(_CLEAREST)
    return (_STRICTNESS.index(finding.severity), layer)


def _subject(finding: Finding) -> str:
    """The path of the element at fault, be it named by its own path or by its parent's ("title is missing").

    Empty, and the finding stands alone, when its message names no element: one layer says several things of one place.
    """
    path = shortened(finding.where).split("/@")[0]
    if not path:
        return ""
    own = re.sub(r"\[\d+\]$", "", path.rpartition("/")[2]).split(":")[-1]
    named = _own_rule(finding) or _named(finding.message)
    if not named:
        return ""
    return path if named == own else f"{path}/{named}"


def _own_rule(finding: Finding) -> str:
    """Our rules on the header are called after the element: `passeur.effective_time` → `effectiveTime`."""
    if finding.layer != "passeur":
        return ""
    return _SNAKE.sub(lambda found: found.group(1).upper(), finding.code.removeprefix("passeur."))


def _named(message: str) -> str:
    found = _NAMED.search(message)
    return found.group(1).split("/")[-1].split(":")[-1].strip(".,") if found else ""
