"""Values as a rule looks at them: trimmed, absent and empty alike."""

from __future__ import annotations

from engine.formats.hl7v2.er7 import NULL, Message, Segment

LARGE = 1 << 16
"""Bytes above which a value is content, not data."""


def filled(text: str | None) -> bool:
    """True for a value; the explicit null is none."""
    return text is not None and text.strip() not in {"", NULL}


def said(source: Message | Segment, where: str) -> str:
    """The trimmed value at a path (of a message, or inside a segment); empty when there is none."""
    text = source.text(where)
    return text.strip() if text is not None and filled(text) else ""
