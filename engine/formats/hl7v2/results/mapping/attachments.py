"""OBX of type ED → the PDF that goes with the report. What cannot be carried holds the document."""

from __future__ import annotations

from engine.errors import DocumentError
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.fields import text
from engine.formats.hl7v2.results.view.result import ResultView


def attached_pdf(views: list[ResultView], scope: Scope) -> bytes | None:
    """The report's PDF; of several, the last one sent, and a person looks."""
    found = [pdf for view in views if (pdf := _pdf(view, scope)) is not None]
    if len(set(found)) > 1:
        scope.remarks.add("hl7v2.several_pdf", views[-1].segment, "5")
    return found[-1] if found else None


def is_pdf(data: bytes) -> bool:
    return data[:1024].lstrip()[:4] == b"%PDF"


def _pdf(view: ResultView, scope: Scope) -> bytes | None:
    """ED: source ^ type ^ subtype ^ encoding ^ data."""
    segment = view.segment
    try:
        data = content(segment).data
    except DocumentError:
        data = b""
    if is_pdf(data):
        return data
    declared = {text(segment, f"5[1].{component}").upper() for component in (2, 3)}
    damaged = not data or "PDF" in declared
    code = "hl7v2.attachment_invalid" if damaged else "hl7v2.attachment_not_carried"
    scope.remarks.add(code, segment, "5", code=view.code)
    return None
