"""What routes.yaml says of an MSSanté destination."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from engine.declarations import Settings

MAILBOX = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}$"
"""An address SMTP carries without quotes and without SMTPUTF8 (RFC 5321, 4.1.2)."""
PATIENT_LIMIT_BYTES = 25_000_000
"""The most a patient's mailbox takes, whole message (Mon espace santé)."""

Mailbox = Annotated[str, Field(pattern=MAILBOX, max_length=254)]
Domain = Annotated[str, Field(pattern=r"^([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}$")]
Words = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
Seconds = Annotated[float, Field(gt=0)]


class MssanteSettings(Settings):
    """An operator's SMTP server, and the mailbox we send from. Times are in seconds, sizes in octets."""

    to: Literal["professionals", "patient"] = "professionals"
    """Professionals and patient get separate mails: declare one destination for each."""
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:_-]+$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    sender: Mailbox
    """Our applicative mailbox."""
    sender_name: Annotated[Words, Field(min_length=1, max_length=100)]
    """Functional label shown beside it (ECO.2.2.7)."""
    reply_to: Mailbox | None = None
    """Where answers go, when not to the sender (ECO.2.2.5)."""
    contact: Annotated[Words, Field(max_length=200)] = ""
    """Whom a reader may call: a telephone number, an opening hour. Shown at the end of the text."""
    certificate: Path
    """Client certificate, PEM (IGC-Santé « Élémentaire Organisation », ECO.1.1.10); read again when it changes."""
    key: Path
    password: SecretStr | None = None
    """Of the key."""
    ca_bundle: Path | None = None
    """PEM of the authorities trusted for the server; those of the system when absent."""
    crl: Path | None = None
    """PEM of their revocation lists; with it a revoked server certificate, or a list out of date, stops the lane."""
    ciphers: str = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"
    """TLS 1.2 suites, as OpenSSL names them; those of TLS 1.3 are always allowed (ECO.1.1.3)."""
    sasl: Literal["none", "external"] = "none"
    """`none`: the TLS certificate is enough for the operator. `external`: it also wants AUTH EXTERNAL (RFC 4422)."""
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)] = ("mssante.fr",)
    """Only mailboxes of these domains and their sub-domains are written to."""
    patient_domain: Domain = "patient.mssante.fr"
    """Domain of the patients' mailboxes; no professional is ever written to there."""
    always: tuple[Mailbox, ...] = ()
    """Professional mailboxes that get every document, besides the document's own recipients."""
    patient_may_reply: bool = False
    """Without it, `X-MSS-MES: FIN` tells the patient not to reply; the sender of a document may ask for it too."""
    minors_read_alone: bool = False
    """A minor's mailbox is read by nobody else. Without it, a document hidden from legal representatives is not mailed
    to a minor: Mon espace santé of a minor is theirs."""
    read_receipt: bool = True
    """Ask for an MDN (Disposition-Notification-To) of every mail; False: where the sender awaits one."""
    delivery_receipt: bool = True
    """Ask for a DSN (RFC 3461, ECO.2.3.1) of every mail, where the server knows how; False: where the sender awaits
    one."""
    body: str = "Veuillez trouver ci-joint le document « {title} »."
    """Text of the mail; `{title}` is the document's title. No other word of the document is put in it. What a
    correction replaces, that the mail is automatic and the contact are said after it."""
    deletion_body: str = (
        "L'émetteur du document « {title} », que vous avez pu recevoir auparavant et qui est rappelé en pièce jointe, "
        "demande sa suppression."
    )
    """The same for a document that is taken back; that it must be destroyed is said after it."""
    replacement_in_subject: bool = False
    """Begin the subject of a correction with `[Annule et remplace]`, as some senders do, and that of a deletion with
    `[Suppression]`. The text and the metadata say
    it anyway, and a reader that knows our mails by `XDM/1.0/DDM` at the very beginning would miss this one."""
    max_message_bytes: Annotated[int, Field(gt=0)] = 10_000_000
    """The operator's limit for a whole message, attachments encoded (+37 %); 25 000 000 at most towards a patient."""
    on_uncertain: Literal["hold", "resend"] = "hold"
    """When no answer came after the mail was handed over: leave it to a person, or send the same mail again (same
    Message-ID, same bytes), which the receiver may show twice."""
    connect_timeout_seconds: Seconds = 15
    """To connect, then to agree on TLS."""
    command_timeout_seconds: Seconds = 60
    send_timeout_seconds: Seconds = 120
    """Of one block of the message that the server does not read."""
    answer_timeout_seconds: Seconds = 600
    """Of the final answer (RFC 5321, 4.5.3.2.6): a server that scans a large message takes its time."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.to == "patient" and self.always:
            raise ValueError("« always » ne vaut que pour les professionnels : le courriel au patient n'a que lui")
        for mailbox in (self.sender, *self.always, *((self.reply_to,) if self.reply_to else ())):
            if not self.trusts(mailbox):
                raise ValueError(
                    "« sender », « reply_to » et « always » : boîtes d'un domaine de « domains » attendues"
                )
        return self

    @property
    def limit_bytes(self) -> int:
        """The largest message this destination may send."""
        return (
            self.max_message_bytes if self.to == "professionals" else min(self.max_message_bytes, PATIENT_LIMIT_BYTES)
        )

    def trusts(self, mailbox: str) -> bool:
        """Whether this is the mailbox of a professional or a structure, inside the space of trust."""
        domain = mailbox.rpartition("@")[2].lower()
        return any(_within(domain, one) for one in self.domains) and not self.is_patients(mailbox)

    def is_patients(self, mailbox: str) -> bool:
        """Whether this is the mailbox of a patient."""
        domain = re.match(r"[a-z0-9.-]*", mailbox.rpartition("@")[2].lower())
        return domain is not None and _within(domain.group(), self.patient_domain)


def _within(domain: str, other: str) -> bool:
    return domain == other.lower() or domain.endswith("." + other.lower())
