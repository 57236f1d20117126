"""MDN (RFC 8098): what a reader, or a reader's software, made of a mail (volet "Transmission au LPS d'un document CDA
provenant d'un courriel MSSanté" 1.1: `processed`, or `processed/Error: <code>^<label>`)."""

from __future__ import annotations

import re
from datetime import datetime

from engine.findings import Disposition, Finding, Severity
from engine.formats.mail_report.mail import Fields, Mail, address
from engine.model.consent import MailNotice

_READ = frozenset({"displayed", "processed"})
_NOT_READ = frozenset({"deleted", "failed"})
_TROUBLE = re.compile(r"\b(?:error|failure)\b", re.IGNORECASE)
_CODE = re.compile(r"(?<!\d)(90[0-6])(?!\d)")
_OTHER_ERROR = "906"


def reading_notices(mail: Mail, received_at: datetime) -> tuple[tuple[MailNotice, ...], tuple[Finding, ...]]:
    """One notice per report, and what is said of those that tell no reading or name no mail."""
    made, left = [], []
    for fields in mail.dispositions:
        about = fields.get("original-message-id", "").strip() or mail.about
        kind, trouble = _disposition(fields)
        if not about:
            left.append(_of_no_mail())
        elif trouble or kind in _READ | _NOT_READ:
            made.append(_notice(fields, mail, about, received_at, positive=kind in _READ and not trouble))
        else:
            left.append(_nothing_read())
    return tuple(made), tuple(dict.fromkeys(left))


def _disposition(fields: Fields) -> tuple[str, bool]:
    """`displayed`, `processed`, `deleted`… and whether something went wrong."""
    said = fields["disposition"].rpartition(";")[2] if ";" in fields["disposition"] else fields["disposition"]
    kind, _, modifiers = said.partition("/")
    return kind.strip().lower(), bool(_TROUBLE.search(modifiers) or fields.get("error") or fields.get("failure"))


def _notice(fields: Fields, mail: Mail, about: str, received_at: datetime, *, positive: bool) -> MailNotice:
    mailbox = address(fields.get("final-recipient", "") or fields.get("original-recipient", "")) or mail.sender
    code = "" if positive else _code(fields, mail)
    return MailNotice(about, True, positive, code, mailbox, mail.sent_at or received_at)


def _code(fields: Fields, mail: Mail) -> str:
    """900 to 906, where it is written as such; 906, another error, for any other words."""
    for said in (fields["disposition"], fields.get("error", ""), fields.get("failure", ""), mail.subject):
        found = _CODE.search(said)
        if found is not None:
            return found[1]
    return _OTHER_ERROR


def _nothing_read() -> Finding:
    words = "l'accusé ne dit pas que le courriel a été lu : rien n'en est transmis"
    return Finding("mail_report.disposition", Severity.INFO, "Disposition", words, layer="format")


def _of_no_mail() -> Finding:
    words = "l'accusé de lecture ne dit pas de quel courriel il parle"
    return Finding("mail_report.of_no_mail", Severity.WARNING, "", words, "", "format", Disposition.HOLD)
