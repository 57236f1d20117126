"""The documents that a message carries, whatever else is wrong with it: for who only wants to look at them."""

from __future__ import annotations

from engine.errors import DocumentError
from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.validation.content import requests
from engine.formats.hl7v2.validation.profile import profile


def embedded(message: bytes) -> tuple[bytes, ...]:
    """Each document, decoded, in its order; nothing for one that cannot be decoded. An unreadable message has none."""
    found = []
    try:
        parsed = Message.parse(message)
        observations = [one for part in requests(parsed, profile(parsed)) for one in part.documents]
    except DocumentError:
        return ()
    for observation in observations:
        try:
            found.append(content(observation).data)
        except DocumentError:
            found.append(b"")
    return tuple(found)
