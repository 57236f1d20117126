"""C → Comment: the words of the laboratory or of the requester, line breaks kept, never dropped."""

from __future__ import annotations

from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.view.coverage import coverage_findings
from engine.model.laboratory import Comment


def comments(segments: list[Segment], scope: Scope) -> tuple[Comment, ...]:
    """One comment per C with words in 12.4."""
    found = []
    for segment in segments:
        coverage_findings(segment, scope.remarks)
        sent = segment.field(4)
        text = "" if sent is None else "\n".join(sent.lines).strip("\n")
        if text.strip():
            found.append(Comment(text, segment.origin))
        else:
            scope.remarks.add("hprim.comment_empty", segment, 4)
    return tuple(found)
