"""Who the document speaks for: the laboratory of line 11, its biologist by contract, the recipient of line 12."""

from __future__ import annotations

from dataclasses import replace

from engine.context import Context
from engine.findings import Finding
from engine.formats.hprim.medecin.header import Header, codes
from engine.formats.hprim.policy import finding
from engine.model.directory import Laboratory
from engine.model.parties import Professional


def sender(head: Header, context: Context, known: str = "") -> tuple[str, Laboratory | None]:
    """The sender's code as sent, and the laboratory it names; `known` is what the source knows of the sender.

    A code the file gives wins; then what the source knows; then the laboratory the source serves.
    """
    said = codes(head.sender)
    for code in (*said, *([known] if known else [])):
        for laboratory in context.laboratories:
            if code in laboratory.sender_codes:
                return code, laboratory
    return (said[0] if said else known), context.laboratory(known)


def signatory(laboratory: Laboratory) -> Professional | None:
    """The biologist who answers for the laboratory's reports, since the file names none; only by contract."""
    biologist = laboratory.default_biologist
    if biologist is None or biologist.organization is not None:
        return biologist
    return replace(biologist, organization=laboratory.organization)


def performer(biologist: Professional, laboratory: Laboratory) -> Professional:
    """Who carried out the act: the biologist, in the laboratory (its practice setting is needed)."""
    return replace(biologist, organization=laboratory.organization)


def recipients(head: Header, laboratory: Laboratory) -> tuple[tuple[Professional, ...], tuple[Finding, ...]]:
    """Line 12, found by its code in the laboratory's directory. The recipient is not surely the prescriber."""
    said = codes(head.recipient)
    known = next((laboratory.prescribers[code] for code in said if code in laboratory.prescribers), None)
    if known is not None:
        return (known,), ()
    if not head.recipient.strip(" ."):
        return (), ()
    return (), (finding("mapping.recipient_unknown", "H.12", laboratory, line=head.line(12)),)
