"""ERR, error about a message we sent or another sent (25.x)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.hprim.sante.segments import Segment


@dataclass(frozen=True, slots=True)
class ErrorView:
    """One error as sent; texts are empty when absent."""

    segment: Segment
    file_name: str
    """25.3."""
    built_at: str
    """25.4: 7.14 of the message."""
    severity: str
    """25.5: T the whole, P a part, I for information."""
    line: str
    """25.6, H is line 1."""
    address: str
    """25.7 as sent: segment, rank and identifiers, from P down."""
    field: str
    """25.8."""
    value: str
    """25.9; may be patient data."""
    kind: str
    """25.10: A absent, I unknown or incoherent, S syntax."""
    text: str
    """25.11; may be patient data."""


def error_view(segment: Segment) -> ErrorView:
    """Name the fields of an ERR."""
    return ErrorView(segment, *(segment.whole(number) for number in range(3, 12)))
