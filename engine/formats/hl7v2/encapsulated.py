"""Contents of OBX of type ED (HL7 v2.5, 2.A.24): base64, or text with escapes."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from engine.errors import DocumentError
from engine.formats.hl7v2.er7 import Segment
from engine.formats.hl7v2.values import said

_SPACE = b" \t\r\n"
_ALPHABET = re.compile(rb"[A-Za-z0-9+/]*+={0,2}+\Z")


@dataclass(frozen=True, slots=True)
class Content:
    data: bytes
    mended: bool = False
    """True when the base64 had no padding."""


def content(observation: Segment) -> Content:
    """The decoded content of OBX-5.5; any encoding but `A` is read as base64.

    Raises DocumentError when there is none, or when it is not base64: a damaged document is never guessed.
    """
    field = observation.field(5)
    repetition = field.repetition(1) if field is not None else None
    part = repetition.component(5) if repetition is not None else None
    where = str(observation.path("5.5"))
    if part is None or not part.size:
        raise DocumentError("hl7v2.no_content", "le document est vide", where=where)
    if said(observation, "5.4").upper() == "A":
        return Content(part.text.encode("utf-8"))
    return _decoded(part.view, where)


def _decoded(view: memoryview, where: str) -> Content:
    raw = bytes(view).translate(None, _SPACE)
    missing = -len(raw) % 4
    if not raw or missing == 3 or not _ALPHABET.match(raw):
        raise DocumentError("hl7v2.base64", "le contenu encodé en base64 est abîmé", where=where)
    try:
        return Content(binascii.a2b_base64(raw + b"=" * missing, strict_mode=True), mended=missing > 0)
    except binascii.Error as error:
        raise DocumentError("hl7v2.base64", "le contenu encodé en base64 est abîmé", where=where) from error
