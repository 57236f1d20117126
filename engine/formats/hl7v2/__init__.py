"""HL7 v2: results (ORU^R01, OUL^R22) to canonical reports, CDA documents (ORU^R01, MDM^T02, T10, T04) as they are.

Every message is read, judged and acknowledged.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from engine.context import Context
from engine.declarations import Conversion, Format
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.findings import Finding
from engine.formats.hl7v2 import consents
from engine.formats.hl7v2.ack import acknowledgement, expects_answer
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.results import conversion as results
from engine.formats.hl7v2.results.policy import finding
from engine.formats.hl7v2.sniff import recognised
from engine.formats.hl7v2.transmission import conversion as transmission
from engine.formats.hl7v2.validation import Flow, Matrix, Mode, findings, profile, unreadable
from engine.formats.hl7v2.validation.content import requests
from engine.formats.hl7v2.validation.profile import Profile, carries_cda
from engine.formats.hl7v2.values import said

_WITHOUT_REPORT = frozenset({Flow.ADMISSION, Flow.ACKNOWLEDGEMENT, Flow.BUSINESS_ANSWER})
_SETTLED_BY_RESULTS = frozenset({"hl7v2.orphan_result", "hl7v2.several_patients"})
"""What the tree of a results message judges itself: each patient is a report of its own, and in OUL^R22 the ORC that
stands after an OBR opens nothing."""
_LONGEST_ID = 20
"""Characters of MSH-10 (HL7 v2.5)."""


class Hl7v2:
    """One name for every HL7 v2 message: MSH-9, MSH-21 and the content say what it is, never the file name."""

    name = "hl7v2"

    def recognises(self, content: bytes) -> bool:
        """True for a message, or for a batch, which is then refused by its name."""
        return recognised(content)

    def convert(self, message: InboundMessage, context: Context) -> Conversion:
        """Reports of a results message, documents of a document message; the others hold none, or are refused by their
        kind."""
        try:
            parsed = Message.parse(message.content)
        except DocumentError as error:
            return Conversion((), (_unreadable(error, context),), kind="HL7v2")
        judged = _judged(parsed, message, context)
        found = profile(parsed)
        flow = found.flow
        made = Conversion((), judged)
        if flow is Flow.RESULTS:
            made = results.convert(parsed, message, context, judged)
        elif flow is Flow.TRANSMISSION:
            made = transmission.convert(parsed, found, message, context, judged)
        elif flow is Flow.ADMISSION and consents.given(parsed):
            made = consents.convert(parsed, message, context, judged)
        elif flow in _WITHOUT_REPORT:
            nothing = finding("hl7v2.nothing_to_publish", "MSH[1]-9", kind=said(parsed, "MSH-9.1"))
            made = Conversion((), (*judged, nothing))
        sender = said(parsed, "MSH-4.1") or said(parsed, "MSH-3.1")
        return replace(made, sender=sender, kind=_kind(parsed))

    def acknowledge(self, message: InboundMessage, context: Context) -> bytes | None:
        """ACK: AA for a message that is understood and kept, AE with every reason for one that is refused as such, its
        documents included (unreadable, of another patient), AR for bytes that are none; None for an ACK. Whether what
        it brings may leave is told later. A route may ask for AA as soon as a readable message is kept."""
        parsed: Message | None = None
        try:
            parsed = Message.parse(message.content)
        except DocumentError as error:
            if not expects_answer(message.content):
                return None
            judged: tuple[Finding, ...] = (_unreadable(error, context),)
        else:
            if said(parsed, "MSH-9.1") in {"ACK", "MCF"}:
                return None
            judged = () if context.answer_on_receipt else _judged(parsed, message, context)
        number = hashlib.sha256(message.content).hexdigest()[:_LONGEST_ID].upper()
        return acknowledgement(message.content, judged, control_id=number, at=context.received_at, parsed=parsed)

    def negative_answer(self, message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
        """None: the acknowledgement has told it."""
        return None


def _judged(parsed: Message, message: InboundMessage, context: Context) -> tuple[Finding, ...]:
    """What may be said of a message before its content is mapped."""
    known = profile(parsed)
    flow = known.flow
    mode, matrix = Mode(context.strictness), Matrix(context.unknown_combinations)
    found = tuple(one.finding() for one in findings(parsed, mode, matrix=matrix, known=known))
    if flow is Flow.TRANSMISSION:
        found += transmission.message_findings(parsed, known)
    if flow is Flow.RESULTS:
        found = tuple(one for one in found if one.code not in _SETTLED_BY_RESULTS)
        found += results.message_findings(parsed, message.sender, context)
    if flow is Flow.DELIVERY:
        found += (finding("hl7v2.delivery_flow", "MSH[1]-21"),)
    if _mixes(parsed, known):
        found += (finding("hl7v2.document_flow", "MSH[1]-21"),)
    return found


def _mixes(parsed: Message, known: Profile) -> bool:
    """A document among results, in a message no volet governs: taken for either, the other would be dropped."""
    if known.flow is Flow.RESULTS:
        return any(map(carries_cda, parsed.all("OBX")))
    governed = "CISIS_CDA" in said(parsed, "MSH-21").upper()
    return known.flow is Flow.TRANSMISSION and not governed and any(one.others for one in requests(parsed, known))


def _unreadable(error: DocumentError, context: Context) -> Finding:
    return unreadable(error, Mode(context.strictness)).finding()


def _kind(parsed: Message) -> str:
    """`HL7v2 ORU^R01 2.5`."""
    event = "^".join(one for one in (said(parsed, "MSH-9.1"), said(parsed, "MSH-9.2")) if one)
    return " ".join(one for one in ("HL7v2", event, said(parsed, "MSH-12.1")) if one)


FORMAT: Format = Hl7v2()
