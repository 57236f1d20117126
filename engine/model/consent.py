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


class OppositionScope(StrEnum):
    """How far an opposition reaches."""

    PATIENT = "patient"
    """All documents of the patient, whatever the episode of care: the latest answer holds for all of them."""
    EPISODE = "episode"
    """Documents of the episode it was given for; those of no known episode obey every answer."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer of a patient, for an episode of care or in general."""

    subject: ConsentSubject
    answer: ConsentAnswer
    collected_at: datetime | None
    """Aware; None when the sender did not say. The beginning of the day where only a day was said."""
    patient_ids: tuple[Identifier, ...]
    """Every identifier of the patient, the INS included: any of them links the answer to documents."""
    episode: str = ""
    """Number of the stay or file (PV1-19); empty: none was named."""
    collected_until: datetime | None = None
    """Aware; the last instant at which it may have been collected, where the sender said less than a second (a day
    alone); None: `collected_at` is that instant."""
    author: str = ""
    """Who collected it, as the sender names them; empty when it was not said."""
    channel: str = ""
    """How it came: `pam`, `oral`, `written`, `import`."""


@dataclass(frozen=True, slots=True)
class RecordedConsent:
    """An answer as it is kept."""

    id: int
    """Ours; grows with the order of keeping."""
    consent: Consent
    recorded_at: datetime
    """Aware; when we had it: the reception of its message, whatever the day it was read."""
    message_id: str = ""
    """The message that brought it; empty: given through the API."""


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
