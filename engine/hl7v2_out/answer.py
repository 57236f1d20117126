"""The ACK of a message of ours, read (HL7 v2.5, 2.9.2; volets "Transmission de document(s)…" 2.1 and "Transmission au
LPS…" 1.1): MSA-1, MSA-2 and the first ERR that says why not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import DocumentError
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.rules import APPLICATION_ERRORS, ERRORS
from engine.formats.hl7v2.values import said

_ACCEPTED = frozenset({"AA", "CA"})
_REFUSED = frozenset({"AE", "CE"})
_LATER = frozenset({"AR", "CR"})
_SAFE = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_CODE = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What the peer said of one message."""

    control_id: str
    """MSA-2: which message; empty when it does not say."""
    number: str
    """MSH-10 of the answer itself."""
    accepted: bool
    later: bool
    """AR: refused for what is not the content, the same message may be sent again."""
    condition: str
    """ERR-3.1, table 0357; empty when absent."""
    application: str
    """ERR-5.1, 900 to 906; empty when absent."""
    place: str
    """ERR-2, as `PID-3`; empty when absent."""
    application_name: str
    """MSH-3 of the answer."""

    @property
    def code(self) -> str:
        """The most precise code given: ERR-5, else ERR-3."""
        return self.application or self.condition

    @property
    def words(self) -> str:
        """French words of ours for the codes given; the peer's own text may speak of a patient and is not kept."""
        return APPLICATION_ERRORS.get(self.application) or ERRORS.get(self.condition) or ""


def answer(content: bytes) -> Answer:
    """Read an ACK. Raises DocumentError when the bytes are no acknowledgement."""
    message = Message.parse(content)
    code = said(message, "MSA-1").upper()
    if code not in _ACCEPTED | _REFUSED | _LATER:
        raise DocumentError("receipt.not_an_answer", "la réponse n'est pas un acquittement HL7 lisible", where="MSA-1")
    return Answer(
        control_id=said(message, "MSA-2"),
        number=_safe(said(message, "MSH-10")),
        accepted=code in _ACCEPTED,
        later=code in _LATER,
        condition=_safe(said(message, "ERR-3.1")),
        application=_safe(said(message, "ERR-5.1")),
        place=_place(message),
        application_name=said(message, "MSH-3.1"),
    )


def _place(message: Message) -> str:
    """ERL: segment, its rank, field."""
    segment, field = _safe(said(message, "ERR-2.1")), _safe(said(message, "ERR-2.3"))
    return f"{segment}-{field}" if segment and field else segment


def _safe(code: str) -> str:
    return _SAFE.sub("", code)[:_LONGEST_CODE]
