"""Headers and texts of an MSSanté mail, whatever it carries (Référentiel socle MSSanté #2, ECO.2.x)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.simulators.mailbox.letter import Letter
from connectors.simulators.problems import Problem

_MESSAGE_ID = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What SMTP said before the message."""

    sender: str
    recipients: tuple[str, ...]


def header_problems(mail: Letter, envelope: Envelope) -> Iterator[Problem]:
    if mail.defects:
        yield Problem("mail.mime", "message MIME mal formé")
    for name in ("from", "date", "subject", "message-id", "mime-version", "x-mss-nil"):
        if not mail.one(name):
            yield Problem("mail.header", f"en-tête {name} absent, vide ou répété", name)
    if mail.one("message-id") and not _MESSAGE_ID.fullmatch(mail.one("message-id")):
        yield Problem("mail.message_id", "Message-ID mal formé", "message-id")
    if mail.addresses("from") != {envelope.sender.lower()}:
        yield Problem("mail.from", "From n'est pas l'expéditeur de l'enveloppe", "from")
    if "sender" in mail.headers:
        yield Problem("mail.header", "Sender n'est pas utilisé", "sender")
    if not {r.lower() for r in envelope.recipients} <= mail.addresses("to", "cc"):
        yield Problem("mail.to", "un destinataire de l'enveloppe manque dans To", "to")
    asked = mail.addresses("disposition-notification-to")
    if "disposition-notification-to" in mail.headers and asked != {envelope.sender.lower()}:
        yield Problem("mail.mdn", "Disposition-Notification-To doit désigner l'expéditeur")
    if "x-mss-mes" in mail.headers and mail.one("x-mss-mes") != "FIN":
        yield Problem("mail.header", "X-MSS-MES ne peut valoir que FIN", "x-mss-mes")


def is_listed(address: str, domains: frozenset[str]) -> bool:
    """Whether a mailbox is of one of these domains, or of a sub-domain."""
    domain = address.rpartition("@")[2].lower()
    return any(domain == listed or domain.endswith(f".{listed}") for listed in domains)


def reply_problems(mail: Letter, domains: frozenset[str], patient_domains: frozenset[str]) -> Iterator[Problem]:
    """Answers hold health data: they stay among professionals' mailboxes (ECO.2.2.5)."""
    if "reply-to" not in mail.headers:
        return
    answers = mail.addresses("reply-to")
    if not mail.one("reply-to") or len(answers) != 1:
        yield Problem("mail.reply_to", "une adresse de réponse et une seule", "reply-to")
    elif not all(is_listed(one, domains) and not is_listed(one, patient_domains) for one in answers):
        yield Problem("mail.reply_to", "adresse de réponse hors des boîtes MSSanté de professionnels", "reply-to")


def text_problems(mail: Letter) -> Iterator[Problem]:
    if mail.multipart != "multipart/mixed":
        yield Problem("mail.mime", "multipart/mixed attendu")
    if not any(p.content_type == "text/plain" and p.content.strip() for p in mail.texts):
        yield Problem("mail.text", "corps text/plain absent ou vide")
    for part in mail.texts:
        if part.content_type not in ("text/plain", "text/html"):
            yield Problem("mail.text", "partie de texte inattendue")
        try:
            part.content.decode("utf-8")
        except UnicodeDecodeError:
            yield Problem("mail.charset", "texte qui n'est pas en UTF-8")
        else:
            if part.charset != "utf-8":
                yield Problem("mail.charset", "charset utf-8 attendu")
