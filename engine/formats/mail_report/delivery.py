"""DSN (RFC 3464): whether a mail reached each mailbox."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from engine.findings import Disposition, Finding, Severity
from engine.formats.mail_report.mail import Fields, Mail, address, instant
from engine.model.consent import MailNotice

_ARRIVED = frozenset({"delivered", "relayed", "expanded"})
"""`relayed` and `expanded` are the last that will be heard (RFC 3464, 2.3.3)."""
_REPLY = re.compile(r"\b([45]\d\d)\b")
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")
_UNKNOWN_FAILURE = "554"

SMTP_OF_STATUS: Mapping[str, str] = {
    "1.0": "550",
    "1.1": "550",
    "1.2": "512",
    "1.3": "513",
    "1.6": "551",
    "1.8": "550",
    "2.0": "550",
    "2.1": "550",
    "2.2": "552",
    "2.3": "523",
    "3.1": "452",
    "3.4": "523",
    "4.1": "441",
    "4.2": "442",
    "4.4": "512",
    "4.7": "420",
    "7.1": "541",
}
"""Subject and detail of an enhanced status (RFC 3463) → the reply code of the volet nearest to it, where the notice
repeats none itself."""


def delivery_notices(mail: Mail, received_at: datetime) -> tuple[tuple[MailNotice, ...], tuple[Finding, ...]]:
    """One notice per recipient, and what is said of those that are not settled yet or name no mail."""
    made, left = [], []
    for fields in mail.deliveries:
        about = fields.get("original-envelope-id", "").strip() or mail.about
        action = fields.get("action", "").split(" ")[0].strip().lower()
        failed = action == "failed" or (not action and fields.get("status", "").startswith("5"))
        if not about:
            left.append(_of_no_mail())
        elif failed or action in _ARRIVED:
            made.append(_notice(fields, mail, about, received_at, positive=not failed))
        else:
            left.append(_later() if action == "delayed" else _unknown())
    return tuple(made), tuple(dict.fromkeys(left))


def _notice(fields: Fields, mail: Mail, about: str, received_at: datetime, *, positive: bool) -> MailNotice:
    mailbox = fields.get("original-recipient") or fields.get("final-recipient", "")
    at = instant(fields.get("last-attempt-date", "")) or mail.sent_at or received_at
    return MailNotice(about, False, positive, "" if positive else smtp_code(fields), address(mailbox), at)


def smtp_code(fields: Fields) -> str:
    """The reply of the server that refused, else the one nearest to the status, else 554."""
    kind, _, said = fields.get("diagnostic-code", "").partition(";")
    found = _REPLY.search(said) if kind.strip().lower() == "smtp" else None
    if found is not None:
        return found[1]
    status = _STATUS.search(fields.get("status", ""))
    return SMTP_OF_STATUS.get(f"{status[2]}.{status[3]}", _UNKNOWN_FAILURE) if status else _UNKNOWN_FAILURE


def _later() -> Finding:
    words = "la remise du courriel est retardée : le système de messagerie essaie encore"
    return Finding("mail_report.delayed", Severity.INFO, "Action", words, layer="format")


def _unknown() -> Finding:
    words = "l'accusé de remise ne dit pas si le courriel est arrivé"
    remedy = "Lisez-le : s'il annonce un échec, prévenez le destinataire autrement."
    return Finding("mail_report.action", Severity.WARNING, "Action", words, remedy, "format", Disposition.HOLD)


def _of_no_mail() -> Finding:
    words = "l'accusé de remise ne dit pas de quel courriel il parle"
    remedy = "Lisez-le : s'il annonce un échec, prévenez le destinataire autrement."
    return Finding("mail_report.of_no_mail", Severity.WARNING, "", words, remedy, "format", Disposition.HOLD)
