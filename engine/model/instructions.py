"""What a sender asks of the sending of a document, beside the document itself: where to, seen by whom, told how."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.parties import Professional


class Visibility(StrEnum):
    """JDV_J08-XdsConfidentialityCode: who must not see the document in the DMP."""

    MASQUE_PS = "MASQUE_PS"
    INVISIBLE_PATIENT = "INVISIBLE_PATIENT"
    INVISIBLE_REPRESENTANTS_LEGAUX = "INVISIBLE_REPRESENTANTS_LEGAUX"


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where, and under which number, a sender awaits the receipts it asked for (volet Transmission de document(s)
    CDA-R2 en HL7v2 2.1, ZAM^Z01 to Z03)."""

    control_id: str
    """MSH-10 of its message."""
    application: str
    """Its MSH-3, as sent: the receipt's MSH-5."""
    facility: str
    """Its MSH-4, as sent."""
    our_application: str
    """The MSH-5 it wrote to: the receipt's MSH-3."""
    our_facility: str
    processing_id: str = "P"
    """MSH-11: P, T or D."""
    reception: bool = False
    """ACK_RECEPTION: wants Z01 and Z02."""
    reading: bool = False
    """ACK_LECTURE_MSS: wants Z03."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """Everything a sender may say; what it leaves unsaid (None, empty) is decided by the route and the document."""

    dmp: bool | None = None
    professionals: bool | None = None
    """Mail to professionals, organisations and applications."""
    patient: bool | None = None
    """Mail to the patient's own mailbox."""
    mailboxes: tuple[str, ...] | None = None
    """MSSanté addresses of the professionals; None: those of the document's recipients."""
    reply_to: str = ""
    visibility: tuple[Visibility, ...] = ()
    changes_visibility: bool = False
    """This version changes nothing but who may see it (MODIF_CONF_CODE)."""
    secret_connection: bool = False
    """DMP "connexion secrète" of a minor."""
    patient_may_reply: bool = True
    """False: `X-MSS-MES: FIN`."""
    professionals_body: str = ""
    """Text of the mail to professionals (CORPSMAIL_PS); empty: ours."""
    patient_body: str = ""
    requester: Professional | None = None
    """Who asks for the sending (PRT SB), not the author: VIHF and author of the submission set."""
    deferral_minutes: int | None = None
    """Time during which this sending can still be held or cancelled, 0 to 1440; None: the destination's own."""
    motive: str = ""
    """Why a document is deleted, as the destination's own list words it."""
    receipts: ReturnAddress | None = None


AS_ROUTED = Instructions()
"""The sender said nothing."""
