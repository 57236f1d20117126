"""A report in SVRL, the schematron report language (ISO/IEC 19757-3, annex D), for tools that read it.

One active pattern per layer that ran, one fired rule per element at fault, one failed assert per finding. A finding
keeps no expression: `test` holds the rule's own code, as `id` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from lxml import etree

from engine.findings import Finding
from engine.validation.outcome import Report
from engine.validation.rendering import verdict

SVRL = "http://purl.oclc.org/dsdl/svrl"
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What a file may be called and no XML may hold."""


def as_svrl(report: Report, name: str) -> str:
    """An XML document; places are XPath 3.1 expressions, roles are `error`, `warning` or `info`."""
    root = etree.Element(f"{{{SVRL}}}schematron-output", {"title": _NOT_XML.sub("?", name)}, nsmap={"svrl": SVRL})
    if report.pack:
        root.set("schemaVersion", report.pack)
    _text(root, verdict(report))
    for layer in dict.fromkeys((*(run.name for run in report.layers), *(f.layer for f in report.findings))):
        root.extend(_layer(layer, tuple(finding for finding in report.findings if finding.layer == layer)))
    etree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"


def _layer(layer: str, findings: tuple[Finding, ...]) -> Iterator[etree._Element]:
    yield etree.Element(f"{{{SVRL}}}active-pattern", {"id": layer or "passeur"})
    if not findings:
        yield _fired("/")
    for where, group in groupby(findings, key=_context):
        yield _fired(where)
        yield from map(_failed, group)


def _fired(context: str) -> etree._Element:
    return etree.Element(f"{{{SVRL}}}fired-rule", {"context": context})


def _failed(finding: Finding) -> etree._Element:
    failed = etree.Element(
        f"{{{SVRL}}}failed-assert",
        {
            "id": _name(finding.code),
            "location": _context(finding),
            "role": finding.severity.value,
            "test": finding.code,
        },
    )
    if finding.remedy:
        remedy = etree.SubElement(failed, f"{{{SVRL}}}diagnostic-reference", {"diagnostic": _name(finding.code)})
        _text(remedy, finding.remedy)
    _text(failed, finding.message)
    return failed


def _context(finding: Finding) -> str:
    return finding.where or "/"


def _name(code: str) -> str:
    """A rule's code as an XML name: codes begin with their layer, so that only odd signs are replaced."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", code)


def _text(parent: etree._Element, words: str) -> None:
    etree.SubElement(parent, f"{{{SVRL}}}text").text = words
