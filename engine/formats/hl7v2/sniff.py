"""Whether bytes look like HL7 v2: MSH after the marks of a transport, whatever the file's name says."""

from __future__ import annotations

import re

_HEADER = re.compile(rb"(?:\xef\xbb\xbf|[\x00\x0b\x1a\x1c\s]){0,64}(?:MSH|FHS|BHS)[^A-Za-z0-9\s]")


def recognised(content: bytes) -> bool:
    """True for a message or a batch of messages; cheap, never raises."""
    return _HEADER.match(content) is not None
