"""Text of the mail a sender writes itself (CORPSMAIL_PS, CORPSMAIL_PATIENT; volet T, table MetaDMPMSS)."""

from __future__ import annotations

import re

from engine.errors import DocumentError
from engine.formats.hl7v2.charset import charset, decoded
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import Message, Segment
from engine.formats.hl7v2.values import said

_UNREADABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]")


def mail_body(message: Message, observation: Segment) -> str | None:
    """Its lines, read in the character set its bytes are in, else in that of the message; None when it cannot be read:
    a text that was cut is never sent."""
    try:
        raw = content(observation).data
    except DocumentError:
        return None
    text = decoded(raw, charset(raw, said(message, "MSH-18[1].1")).codec).removeprefix("\ufeff")
    return None if _UNREADABLE.search(text) else "\n".join(text.splitlines()).strip()
