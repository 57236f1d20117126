"""What a person reads of a mail: the sender's own text, or ours; always that a document replaces, or is withdrawn."""

from __future__ import annotations

import re
import unicodedata

from connectors.destinations.mssante.facts import DocumentFacts
from connectors.destinations.mssante.recipients import PATIENT, may_reply, reply_to
from connectors.destinations.mssante.settings import MssanteSettings
from engine.exchange import Order, OrderKind

_REPLACES = "Ce document annule et remplace celui que vous avez pu recevoir auparavant."
_DELETES = "Veuillez détruire ce document et toutes ses copies, et ne plus en tenir compte."
_WRITES_BACKWARDS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n){2,}")


def text(order: Order, facts: DocumentFacts, settings: MssanteSettings) -> str:
    """The text of one mail.

    The sender's (CORPSMAIL_PS, CORPSMAIL_PATIENT) when it gave one for this recipient, alone; else ours: the configured
    text, that it is automatic, whom to call. What a recipient must do of a document that replaces another or is deleted
    is said after either: a sender's text need not say it, and nobody reads the metadata that do.
    """
    instructions = order.package.instructions
    own = plain(instructions.patient_body if order.recipient == PATIENT else instructions.professionals_body)
    if own:
        return "\n\n".join((own, *_notice(order, facts)))
    first = settings.deletion_body if order.kind is OrderKind.DELETE else settings.body
    title = " ".join(plain(order.package.title).split())
    paragraphs = [first.replace("{title}", title).strip(), *_notice(order, facts)]
    paragraphs.append(f"Ce courriel est envoyé automatiquement par {settings.sender_name}.")
    if order.recipient == PATIENT and not may_reply(order, settings):
        paragraphs.append("Merci de ne pas y répondre.")
    reachable = [one for one in (settings.contact, reply_to(order, settings)) if one]
    if reachable:
        paragraphs.append(f"Contact : {', '.join(reachable)}")
    return "\n\n".join(paragraphs)


def plain(words: str) -> str:
    """A text from outside as one may show it: lines, without control characters nor signs that reverse the reading."""
    lines = _LINE_ENDS.sub("\n", words).replace("\t", " ")
    kept = "".join(sign for sign in lines if sign == "\n" or _is_shown(sign))
    return _BLANK_LINES.sub("\n\n", kept).strip()


def _is_shown(sign: str) -> bool:
    return unicodedata.category(sign) not in ("Cc", "Cs") and sign not in _WRITES_BACKWARDS


def _notice(order: Order, facts: DocumentFacts) -> tuple[str, ...]:
    if order.kind is OrderKind.DELETE:
        return (_DELETES,)
    return (_REPLACES,) if facts.replaces else ()
