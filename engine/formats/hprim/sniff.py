"""What a file is, whatever its name says: the families of HPRIM and what is often taken for it."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from engine.formats.hprim.medecin.dates import looks_like_date


class Family(StrEnum):
    SANTE = "sante"
    MEDECIN = "medecin"
    PDF = "pdf"
    HL7V2 = "hl7v2"
    HPRIM_XML = "hprim_xml"
    EMPTY = "empty"
    UNKNOWN = "unknown"


CONTEXTS = frozenset({"ORU", "ORM", "ORA", "ADM", "FAC", "REG", "ERR"})
"""Values of 7.7 (HPRIM Santé 2.4, contexts)."""

_MARKERS = frozenset({"****LAB****", "****FIN****", "****FINFICHIER****"})
_HEADER = re.compile(r"H([!-/:-@\[-`{-~£§¤µ°¨¦])[!-/:-@\[-`{-~£§¤µ°¨¦]{2,4}\1?")
_VERSION = re.compile(r"(?:H\s?\d|A\.?\d)", re.IGNORECASE)
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEAD = 4096
"""Characters of the first segment we look at."""


def family(content: bytes) -> Family:
    """The family of a file by its content; never raises.

    Tried in this order: nothing at all, PDF, HPRIM Santé (H, its separators and a known context or version), HL7 v2,
    HPRIM XML, HPRIM Médecin (a marker line, or twelve lines with a date on the seventh).
    """
    if not content.strip(b"\x00\t\r\n\x0b\x0c\x1a \xef\xbb\xbf\xff\xfe"):
        return Family.EMPTY
    text = _text(content)
    head = text[:_HEAD].lstrip("".join(map(chr, range(33))))
    if head.startswith("%PDF"):
        return Family.PDF
    if _is_sante(head):
        return Family.SANTE
    if head.startswith("MSH"):
        return Family.HL7V2
    if head.startswith("<"):
        return Family.HPRIM_XML if "www.hprim.org/hprimXML" in text[: 16 * _HEAD] else Family.UNKNOWN
    return Family.MEDECIN if _is_medecin(text) else Family.UNKNOWN


def _text(content: bytes) -> str:
    """The signs of the file, accents aside: enough to tell what it is."""
    if content.startswith(codecs.BOM_UTF16_LE):
        return content[2:].decode("utf-16-le", "replace")
    if content.startswith(codecs.BOM_UTF16_BE):
        return content[2:].decode("utf-16-be", "replace")
    content = content.removeprefix(codecs.BOM_UTF8)
    if content[:64:2].strip(b"\0") and not content[1:64:2].strip(b"\0") and len(content) > 8:
        return content.decode("utf-16-le", "replace")
    return content.decode("latin-1")


def _is_sante(head: str) -> bool:
    if _HEADER.match(head) is None:
        return False
    whole = re.sub(rf"[\r\n]+A{re.escape(head[1])}", "", head)
    segment = re.split(r"[\r\n]", whole, maxsplit=1)[0]
    fields = segment.split(head[1])
    context = fields[6].strip().upper() if len(fields) > 6 else ""
    version = fields[12].strip() if len(fields) > 12 else ""
    return context[:3] in CONTEXTS or _VERSION.match(version) is not None


def _is_medecin(text: str) -> bool:
    lines = _LINE_END.split(text)
    if any(line.strip().upper() in _MARKERS for line in lines):
        return True
    return len(lines) >= 12 and looks_like_date(lines[6])
