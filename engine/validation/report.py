"""The report on one document: the verdict with its findings, and its renderings for people and for programs."""

from __future__ import annotations

from engine.validation.outcome import LayerRun, RecognisedDocument, Report, traced
from engine.validation.page import as_html
from engine.validation.rendering import as_json, as_text, verdict
from engine.validation.svrl import as_svrl

__all__ = [
    "LayerRun",
    "RecognisedDocument",
    "Report",
    "as_html",
    "as_json",
    "as_svrl",
    "as_text",
    "traced",
    "verdict",
]
