"""MSH of the messages we send (volet "Transmission de document(s) CDA-R2 en HL7v2" 2.1, segment MSH)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from engine.formats.hl7v2.charset import UTF_8, codec, shown, table_0211
from engine.formats.hl7v2.separators import DEFAULT, unescaped
from engine.formats.hl7v2.writer import Parts, Value

UNICODE = "UNICODE UTF-8"
CHARSETS = (UNICODE, "8859/15")
"""MSH-18: those the volets allow."""
_CONTROL_ID_LENGTH = 20
"""Of MSH-10 (HL7 v2.6)."""


@dataclass(frozen=True, slots=True)
class Ends:
    """MSH-3 to MSH-6, each an HD as it is written: `name`, or `name^oid^ISO`."""

    application: str
    facility: str
    receiving_application: str
    receiving_facility: str


def control_id(order_id: str) -> str:
    """MSH-10: the same for every try of one order, of no other; 20 characters."""
    return hashlib.sha256(order_id.encode()).hexdigest()[:_CONTROL_ID_LENGTH].upper()


def header(
    order_id: str,
    at: datetime,
    kind: tuple[str, str, str],
    ends: Ends,
    *,
    processing_id: str,
    profile: tuple[str, str],
    charset: str,
) -> list[Value]:
    """MSH-7 is `at`, when the order was made; MSH-9 `kind`; MSH-21 `profile`; MSH-18 `charset`, one of `CHARSETS`."""
    name = python_name(charset)
    return [
        "MSH",
        hd(ends.application, name),
        hd(ends.facility, name),
        hd(ends.receiving_application, name),
        hd(ends.receiving_facility, name),
        instant(at),
        "",
        kind,
        control_id(order_id),
        processing_id,
        "2.6",
        *("", "", "", ""),
        "FRA",
        table_0211(name),
        *("", ""),
        profile,
    ]


def instant(at: datetime) -> str:
    """DTM with its offset. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("naive datetime")
    return at.strftime("%Y%m%d%H%M%S%z")


def python_name(charset: str) -> str:
    """Python's name of one of `CHARSETS`."""
    return codec(charset) or UTF_8


def hd(value: str, name: str) -> Parts:
    """An HD as it was sent, components and sub-components apart."""
    return tuple(_component(one, name) for one in value.split(DEFAULT.component))


def _component(value: str, name: str) -> str | tuple[str, ...]:
    subs = tuple(shown(unescaped(one, DEFAULT, name), name) for one in value.split(DEFAULT.sub))
    return subs[0] if len(subs) == 1 else subs
