"""The gesture by which a format, a document type, a source or a destination is added: one file, one declaration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.context import Context, Software
from engine.exchange import InboundMessage, OrderKind, Package
from engine.findings import Finding
from engine.model.consent import Consent, MailNotice
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus
from engine.model.instructions import AS_ROUTED, Instructions
from engine.model.values import Identifier
from engine.ports import Destination, Source


class Settings(BaseModel):
    """What routes.yaml may say of one connector. Options carry their unit in full: `timeout_seconds`."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """One document found in a message, before the engine gives it its numbers."""

    set_id: Identifier
    """Stable key of the report: the same for all its versions, from (laboratory, request number)."""
    status: ReportStatus
    document: ClinicalDocument
    findings: tuple[Finding, ...] = ()
    """About this document; the strictest decides what becomes of it."""
    patient_key: str = ""
    """Opaque key of the patient at the sender (lab OID + IPP), to compare versions of one report; never shown."""
    test: bool = False
    """The sender marked it as a test (HPRIM 7.12 T or D)."""
    version: DocumentVersion | None = None
    """The numbers it came with (a CDA made by the sender); None: the engine numbers it."""
    kind: OrderKind = OrderKind.SEND
    """DELETE: the sender takes this document back."""
    instructions: Instructions = AS_ROUTED


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a format made of a message: documents, and findings about the message as a whole."""

    drafts: tuple[Draft, ...]
    findings: tuple[Finding, ...] = ()
    """When one of them refuses or holds, no draft leaves."""
    sender: str = ""
    """Sender code as sent, for the record."""
    kind: str = ""
    """What it was: `HPRIM Santé ORU H2.4`, `HPRIM Médecin`…"""
    consents: tuple[Consent, ...] = ()
    notices: tuple[MailNotice, ...] = ()


class Format(Protocol):
    """A syntax: bytes → canonical documents. Pure."""

    name: str
    """As routes.yaml says it: `hprim`."""

    def recognises(self, content: bytes) -> bool:
        """True when the bytes look like this syntax; cheap, never raises."""

    def convert(self, message: InboundMessage, context: Context) -> Conversion:
        """Read everything that can be read. Never raises on bad input: a finding that refuses says why."""

    def acknowledge(self, message: InboundMessage, context: Context) -> bytes | None:
        """What a sender that waits is told at once, the message being kept (HL7v2 ACK: AA, AE or AR); None where the
        syntax has no such answer (HPRIM)."""

    def negative_answer(self, message: InboundMessage, findings: tuple[Finding, ...], context: Context) -> bytes | None:
        """The syntax's own way to tell a sender that its message was refused (HPRIM ERR), or None."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it will leave."""

    cda: bytes
    """UTF-8 XML."""
    pdf: bytes
    """The readable copy (PDF/A-1), the same bytes as inside the CDA."""
    origins: tuple[tuple[str, str], ...]
    """(XPath of an element, place in the source message): to say `OBX[3]` where a rule says an XPath."""
    findings: tuple[Finding, ...] = ()
    """About the readable copy: PDF/A, fonts, scripts."""


class DocumentType(Protocol):
    """A CI-SIS volet: canonical document → CDA. Pure: same arguments, same bytes."""

    name: str
    """Official short name in lower case: `cr_bio`."""

    def merge(
        self, previous: ClinicalDocument, current: ClinicalDocument
    ) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
        """The next version: what a correction did not send again is carried over from the version before, and said."""

    def render(self, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Rendered:
        """Build the CDA and its PDF.

        Raises DocumentError, with all findings, when the document lacks what the volet needs.
        """


SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True, slots=True)
class SourceDeclaration(Generic[SettingsT]):
    name: str
    """`type:` in routes.yaml."""
    settings: type[SettingsT]
    open: Callable[[str, SettingsT], Source]
    """(name in routes.yaml, settings) → the source, not yet serving."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a destination must know of the installation it sends from."""

    production: bool
    instance_oid: str
    software: Software


@dataclass(frozen=True, slots=True)
class DestinationDeclaration(Generic[SettingsT]):
    name: str
    settings: type[SettingsT]
    open: Callable[[str, SettingsT, Site], Destination]
    needs_ins: Callable[[SettingsT], bool]
    """True when an order may leave only with a qualified INS (DMP, patient mailbox); others wait for an identity."""
    recipients: Callable[[Package, SettingsT], tuple[str, ...] | None]
    """Whom one document is sent to there, one order each: mailboxes of professionals, `patient` for the patient's own
    mailbox (never written out: it holds the INS), or one empty string where the peer is the recipient (DMP).
    An empty tuple means that this document has nobody there, and is said as a finding; None that its sender asked
    that it not go there."""
    takes_partial_reports: bool = True
    """False where a partial report is not sent unless routes.yaml says `partial_reports: auto` (DMP)."""
    kinds: frozenset[OrderKind] = frozenset({OrderKind.SEND})
    """What it can be asked."""
    obeys_opposition: bool = False
    """True when a patient's opposition to feeding blocks its orders (DMP)."""
