"""How a check says something of an element."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engine.findings import Disposition, Finding, Severity
from engine.validation.where import place, source_line

Say = Callable[[str, etree._Element, str, str], Finding]
"""(code, element, message, remedy) → finding."""


def error(code: str, element: etree._Element, message: str, remedy: str) -> Finding:
    """The document must not leave as it is."""
    return _remark(code, element, message, remedy, Severity.ERROR, Disposition.REFUSE)


def doubt(code: str, element: etree._Element, message: str, remedy: str) -> Finding:
    """It may be another patient's, or plainly right: a person must look before it leaves."""
    return _remark(code, element, message, remedy, Severity.WARNING, Disposition.HOLD)


def warning(code: str, element: etree._Element, message: str, remedy: str) -> Finding:
    """It may leave, and should be mended."""
    return _remark(code, element, message, remedy, Severity.WARNING, Disposition.PUBLISH)


def _remark(
    code: str, element: etree._Element, message: str, remedy: str, severity: Severity, disposition: Disposition
) -> Finding:
    return Finding(
        code=f"passeur.{code}",
        severity=severity,
        where=place(element),
        message=message,
        remedy=remedy,
        layer="passeur",
        disposition=disposition,
        line=source_line(element),
    )
