"""Mail reports: what a mail system (DSN, RFC 3464) or a reader's software (MDN, RFC 8098) says of a mail of ours.

Read leniently: a notice whose parts are badly marked off is still a notice, and one that is lost is a document that
nobody knows to be lost. A mail that comes back and cannot be read waits for a person.
"""

from __future__ import annotations

from engine.context import Context
from engine.declarations import Conversion, Format
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, Severity
from engine.formats.mail_report.delivery import delivery_notices
from engine.formats.mail_report.mail import Mail, looks_like_a_report
from engine.formats.mail_report.reading import reading_notices
from engine.model.consent import MailNotice


class MailReport:
    """Either kind, told apart by what the mail holds."""

    name = "mail_report"

    def recognises(self, content: bytes) -> bool:
        return looks_like_a_report(content)

    def convert(self, message: InboundMessage, context: Context) -> Conversion:
        """One notice per recipient that the mail speaks of for good; no document. Never raises."""
        mail = Mail.read(message.content)
        told: tuple[MailNotice, ...]
        if mail.dispositions:
            kind, (told, left) = "Accusé de lecture (MDN)", reading_notices(mail, context.received_at)
        elif mail.deliveries:
            kind, (told, left) = "Accusé de remise (DSN)", delivery_notices(mail, context.received_at)
        else:
            kind, told, left = "Courriel", (), (_returned() if mail.is_automatic else _ordinary(),)
        return Conversion((), left, sender="", kind=kind, notices=told)

    def acknowledge(self, message: InboundMessage, context: Context) -> bytes | None:
        return None

    def negative_answer(self, message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
        """None: a report of a mail is never answered (RFC 3464, 2; RFC 8098, 2.1)."""
        return None


def _ordinary() -> Finding:
    words = "ce courriel n'est pas un accusé de remise ou de lecture : rien n'en est fait"
    return Finding("mail_report.other_mail", Severity.WARNING, "", words, layer="format")


def _returned() -> Finding:
    return Finding(
        "mail_report.unreadable",
        Severity.ERROR,
        "",
        "ce courriel vient d'un système de messagerie, et Passeur n'y trouve pas l'accusé d'un courriel envoyé",
        "Lisez-le : s'il annonce qu'un document n'est pas arrivé, prévenez son destinataire autrement.",
        "format",
        Disposition.HOLD,
    )


FORMAT: Format = MailReport()
