"""What a patient said of their DMP: opposition to feeding, consent to consultation (PAM-FR 2.11, segment ZFA)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.values import Identifier


class ConsentSubject(StrEnum):
    FEEDING = "feeding"
    """ZFA-9: documents are added to the DMP."""
    CONSULTATION = "consultation"
    """ZFA-11: the DMP is read."""


class ConsentAnswer(StrEnum):
    YES = "yes"
    """INO (not opposed) or IC (consents)."""
    NO = "no"
    """IO (opposed) or INC (refuses)."""
    NOT_COLLECTED = "not_collected"


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer of a patient, for an episode of care or in general."""

    subject: ConsentSubject
    answer: ConsentAnswer
    collected_at: datetime | None
    """Aware; None when the sender did not say."""
    patient_ids: tuple[Identifier, ...]
    """Every identifier of the patient, the INS included: any of them links the answer to documents."""
    episode: str = ""
    """Number of the stay or file (PV1-19); empty: none was named."""


@dataclass(frozen=True, slots=True)
class MailNotice:
    """What a mail system says of a mail that we sent: a DSN (RFC 3464) or an MDN (RFC 8098)."""

    message_id: str
    """Message-ID, or ENVID, of the mail it is about."""
    read: bool
    """True: MDN, the recipient's software dealt with it; False: DSN, it reached the mailbox or did not."""
    positive: bool
    code: str
    """SMTP code, or 900 to 906 of an integration error; empty when positive."""
    mailbox: str
    """Whose: original or final recipient."""
    at: datetime
