"""NTE → Comment: the words of the laboratory or of the requester, line breaks kept, never dropped."""

from __future__ import annotations

from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.coverage import coverage_findings
from engine.formats.hl7v2.results.view.formatted import paragraph
from engine.model.laboratory import Comment


def comments(segments: list[Segment], scope: Scope) -> tuple[Comment, ...]:
    """One comment per NTE with words in NTE-3; an NTE without words is a blank line of the one before it.

    NTE that follow one another are most often the lines of one text: each stays a comment, in order.
    """
    found = []
    for segment in segments:
        coverage_findings(segment, scope.remarks)
        words = paragraph(segment, 3)
        if words.strip():
            found.append(Comment(words, str(segment.path())))
    return tuple(found)
