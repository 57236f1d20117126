"""A report as text for a terminal and as JSON for a program, and the words that its other forms share."""

from __future__ import annotations

import json
from collections.abc import Sequence

from engine.findings import Disposition, Finding, Severity
from engine.validation.grouping import Fault, faults
from engine.validation.outcome import Report
from engine.validation.where import shortened

SEVERITIES = {Severity.ERROR: "ERREUR", Severity.WARNING: "AVERTISSEMENT", Severity.INFO: "INFORMATION"}
_WITHOUT_PACK = "sans pack officiel : règles propres à Passeur seulement"


def as_text(report: Report, name: str) -> str:
    """The verdict and why first, then the faults, one paragraph each, then the layers."""
    lines = [f"{name} : {verdict(report)}", f"  {recognised(report)}"]
    for fault in faults(report.findings):
        lines += ["", *_paragraph(fault)]
    lines += ["", f"  Couches : {layers(report)}"]
    return "\n".join(lines) + "\n"


def verdict(report: Report) -> str:
    """May the document leave, and why not."""
    counts = _counts(report)
    if report.may_leave:
        return f"peut partir ({counts})" if counts else "peut partir"
    if report.disposition is Disposition.HOLD:
        return f"NE PEUT PAS PARTIR sans l’accord d’une personne ({counts})"
    return f"NE PEUT PAS PARTIR ({counts})"


def as_json(reports: Sequence[tuple[str, Report]]) -> str:
    """(name, report) pairs → a JSON array, one object per document; findings are not grouped."""
    return json.dumps([_object(name, report) for name, report in reports], ensure_ascii=False, indent=2) + "\n"


# -- text -----------------------------------------------------------------------------------------------------


def _paragraph(fault: Fault) -> list[str]:
    head = fault.head
    where = place(head)
    lines = [f"{SEVERITIES[fault.severity]}  {head.layer} · {head.code}" + (f"  ({where})" if where else "")]
    lines.append(f"  {head.message}")
    if head.source:
        lines.append(f"  Origine : {head.source}")
    if head.remedy:
        lines.append(f"  → {head.remedy}")
    lines += [f"  Dit aussi par {other.layer} ({other.code}) : {other.message}" for other in fault.findings[1:]]
    return lines


def place(finding: Finding) -> str:
    """Where in the document: its line, and the way to the element."""
    return " · ".join(
        part for part in (f"ligne {finding.line}" if finding.line else "", shortened(finding.where)) if part
    )


def recognised(report: Report) -> str:
    """What the document was taken for, and what judged it."""
    document = report.document
    parts = [
        f"type {document.type_code}" if document.type_code else "",
        f"niveau {document.level}" if document.level else "",
        f"schéma {document.schema}" if document.schema else "",
        f"pack {report.pack}" if report.pack else _WITHOUT_PACK,
    ]
    return " · ".join(part for part in parts if part)


def _counts(report: Report) -> str:
    words = (
        (report.count(Severity.ERROR), "erreur"),
        (report.count(Severity.WARNING), "avertissement"),
        (report.count(Severity.INFO), "information"),
    )
    return ", ".join(f"{number} {word}{'s' if number > 1 else ''}" for number, word in words if number)


def layers(report: Report) -> str:
    """The layers that ran, each with its number of findings and its time."""
    return ", ".join(f"{run.name} {run.findings} ({run.milliseconds} ms)".replace(".", ",") for run in report.layers)


# -- json -----------------------------------------------------------------------------------------------------


def _object(name: str, report: Report) -> dict[str, object]:
    return {
        "name": name,
        "may_leave": report.may_leave,
        "disposition": report.disposition.value,
        "pack": report.pack,
        "document": {
            "type_code": report.document.type_code,
            "template": report.document.template,
            "level": report.document.level,
            "schema": report.document.schema,
            "schema_title": report.document.schema_title,
        },
        "layers": [
            {"name": run.name, "milliseconds": str(run.milliseconds), "findings": run.findings} for run in report.layers
        ],
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "layer": finding.layer,
        "where": finding.where,
        "line": finding.line,
        "message": finding.message,
        "remedy": finding.remedy,
        "source": finding.source,
        "disposition": finding.disposition.value,
    }
