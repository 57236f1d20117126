"""What MLLP reads of an HL7v2 message, its MSH segment, and the ACK by which it refuses one without the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

_HEAD_BYTES = 2048
_BOM = b"\xef\xbb\xbf"
_SEGMENT_END = re.compile(rb"[\r\n]")
_EXPECTED_FIELDS = 10
_USUAL = b"|^~\\&"
_SEPARATORS = re.compile(rb"[^\w\s]{4,6}|[^\w\s]{3}[\x80-\xff]{0,4}[^\w\s]{1,3}")
"""MSH-1 and MSH-2 together."""
_NAME_CHARACTERS = 199


@dataclass(frozen=True, slots=True)
class Reason:
    """Acknowledgment code (HL7 table 0008) and words, in ASCII: they must hold in any character set."""

    code: bytes
    words: bytes


class Refusal(Enum):
    """Reasons of ours. `AR`: circumstances, the same message may be sent again; `AE`: it would be refused again
    (volet Transmission de document(s) CDA-R2 en HL7v2, technical acknowledgement)."""

    UNAVAILABLE = Reason(b"AR", b"reception momentanement impossible, renvoyer ce message plus tard")
    UNENDED = Reason(b"AR", b"trame MLLP sans fin (0x1C 0x0D), renvoyer ce message")
    TOO_LONG = Reason(b"AE", b"message trop volumineux pour ce port")


def header(content: bytes) -> list[bytes]:
    """Fields of MSH, `[n]` being MSH-n as sent; empty when the message does not begin with one."""
    head = content[:_HEAD_BYTES].removeprefix(_BOM)
    if head[:3] != b"MSH" or len(head) < _EXPECTED_FIELDS:
        return []
    separator = head[3:4]
    fields = _SEGMENT_END.split(head, 1)[0].split(separator)
    return [fields[0], separator, *fields[1:]]


def control_id(content: bytes) -> str:
    """MSH-10, what the sender calls its message; empty when there is none."""
    fields = header(content)
    found = fields[10] if len(fields) > _EXPECTED_FIELDS else b""
    return found[:_NAME_CHARACTERS].decode("ascii", "replace")


def refusal(content: bytes, why: Refusal, now: datetime, own_id: str) -> bytes | None:
    """An ACK for a message of which only MSH is read; None when it has no MSH-10 to name it by.

    Source → target: MSH-3..6 → MSH-5, 6, 3, 4; MSH-9.2 → MSH-9.2; MSH-10 → MSA-2; MSH-11, 12, 18 as they are.
    """
    sent = header(content)
    if len(sent) <= _EXPECTED_FIELDS or not sent[10]:
        return None
    sent += [b""] * (19 - len(sent))
    if not _SEPARATORS.fullmatch(sent[1] + sent[2]) or len(set(sent[1] + sent[2])) < len(sent[1] + sent[2]):
        sent = [one.translate(None, _USUAL) for one in sent]  # none that could be answered in
        sent[1:3] = _USUAL[:1], _USUAL[1:]
    bar, encoding = sent[1], sent[2]
    component = encoding[:1] or b"^"
    event = sent[9].split(component)[1:2]
    kind = component.join((b"ACK", event[0], b"ACK")) if event and event[0] else b"ACK"
    at = now.strftime("%Y%m%d%H%M%S%z").encode()
    swapped = (sent[5], sent[6], sent[3], sent[4])
    msh = (b"MSH", encoding, *swapped, at, b"", kind, own_id.encode(), sent[11], sent[12], *[b""] * 4, b"FRA", sent[18])
    msa = (b"MSA", why.value.code, sent[10])
    code = component.join((b"207", b"Application error", b"messageErrorCondition"))
    err = (b"ERR", b"", b"", code, b"E", b"", b"", b"", why.value.words)
    return b"".join(bar.join(segment) + b"\r" for segment in (msh, msa, err))
