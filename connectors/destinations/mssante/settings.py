"""What routes.yaml says of an MSSanté destination."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from engine.declarations import Settings

Mailbox = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class MssanteSettings(Settings):
    """An operator's SMTP server, and the mailbox we send from. Times are in seconds, sizes in octets."""

    to: Literal["professionals", "patient"] = "professionals"
    """Professionals and patient get separate mails: declare one destination for each."""
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Mailbox
    """Our applicative mailbox."""
    sender_name: Annotated[str, Field(min_length=1)]
    """Functional label shown beside it (ECO.2.2.7)."""
    reply_to: Mailbox | None = None
    certificate: Path
    """Client certificate, PEM (IGC-Santé « Élémentaire Organisation », ECO.1.1.10)."""
    key: Path
    password: SecretStr | None = None
    """Of the key."""
    ca_bundle: Path | None = None
    """PEM of the authorities trusted for the server; those of the system when absent."""
    domains: tuple[str, ...] = ("mssante.fr",)
    """Only mailboxes of these domains and their sub-domains are written to."""
    patient_domain: str = "patient.mssante.fr"
    always: tuple[Mailbox, ...] = ()
    """Professional mailboxes that get every document, besides the document's own recipients."""
    patient_may_reply: bool = False
    """Without it, `X-MSS-MES: FIN` tells the patient not to reply."""
    read_receipt: bool = True
    """Ask for an MDN (Disposition-Notification-To)."""
    body: str = "Veuillez trouver ci-joint le document « {title} ».\n\nCe message est envoyé automatiquement.\n"
    """Text of the mail; `{title}` is the document's title. No other word of the document is put in it."""
    max_message_bytes: Annotated[int, Field(gt=0)] = 10_000_000
    """The operator's limit, attachments encoded (+37 %)."""
    on_uncertain: Literal["hold", "resend"] = "hold"
    """When no answer came after the mail was handed over: leave it to a person, or send the same mail again (same
    Message-ID, same bytes), which the receiver may show twice."""
    connect_timeout_seconds: Annotated[float, Field(gt=0)] = 15
    send_timeout_seconds: Annotated[float, Field(gt=0)] = 120
