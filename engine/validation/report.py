"""The report on one document: the verdict with its findings, and its renderings for people and for programs."""

from __future__ import annotations

from engine.validation.outcome import LayerRun, RecognisedDocument, Report, traced
from engine.validation.rendering import as_html, as_json, as_text, verdict

__all__ = ["LayerRun", "RecognisedDocument", "Report", "as_html", "as_json", "as_text", "traced", "verdict"]
