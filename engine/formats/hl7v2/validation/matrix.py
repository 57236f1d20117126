"""The table of the volet T that says which indicators lead to which mail.

It leaves out the commonest case (professionals only, nothing hidden) and most official examples, so a route says what
it makes of it. What is sure (a hidden document is never mailed to the patient) is checked apart, always.
"""

from __future__ import annotations

from enum import StrEnum

from engine.formats.hl7v2.validation.content import Request


class Matrix(StrEnum):
    """What becomes of a combination that is not in the table."""

    OFF = "off"
    WARN = "warn"
    REJECT = "reject"


_COLUMNS = (
    "MASQUE_PS",
    "INVISIBLE_PATIENT",
    "INVISIBLE_REP_LEGAUX",
    "CONNEXION_SECRETE",
    "DESTDMP",
    "DESTMSSANTEPS",
    "DESTMSSANTEPAT",
)
_ROWS = ("NNN**YY", "NYN**YN", "*N*NNNY")
"""Y, N or any, column by column."""


def in_matrix(part: Request) -> bool:
    """True when no mail is asked for, or when the combination is one of the table."""
    sent = [part.flag(name) or "N" for name in _COLUMNS]
    if sent[5] != "Y" and sent[6] != "Y":
        return True
    return any(all(asked in {"*", one} for asked, one in zip(row, sent, strict=True)) for row in _ROWS)
