"""XDS objects as values: what a registry keeps of a document, before it is ebRIM.

Cardinalities are the French ones (volet Partage de documents de santé, CI-SIS); strings are already in their XDS data
type (DTM, CX, XCN, XON: see `engine.xds.datatypes`). Times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.values import Code

APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"

HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACES = "urn:ihe:iti:2007:AssociationType:RPLC"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
UPDATE_AVAILABILITY_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"


@dataclass(frozen=True, slots=True)
class XdsAuthor:
    """Author of a document or of a submission set; 1..* each."""

    person: str
    """authorPerson, XCN, 1..1."""
    institutions: tuple[str, ...] = ()
    """authorInstitution, XON, required if known."""
    specialties: tuple[str, ...] = ()
    """authorSpecialty, `code^label^OID`, required if known."""
    roles: tuple[str, ...] = ()
    """authorRole, text, required if known."""


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document's record (ExtrinsicObject)."""

    id: str
    """entryUUID: a symbolic id within its submission, or `urn:uuid:…` once a registry gave one."""
    unique_id: str
    """uniqueId: `root` or `root^extension` of ClinicalDocument/id."""
    mime_type: str
    title: str
    creation_time: str
    service_start_time: str
    language_code: str
    legal_authenticator: str | None
    source_patient_id: str
    source_patient_info: tuple[str, ...]
    """`PID-5|…`, `PID-7|…`, `PID-8|…`, further `PID-3|…`."""
    authors: tuple[XdsAuthor, ...]
    class_code: Code
    type_code: Code
    format_code: Code
    healthcare_facility_type_code: Code
    practice_setting_code: Code
    confidentiality_codes: tuple[Code, ...]
    """1..4, the CDA's own first."""
    patient_id: str | None = None
    """The INS; None when the document carries none (never towards the DMP)."""
    service_stop_time: str | None = None
    event_codes: tuple[Code, ...] = ()
    reference_ids: tuple[str, ...] = ()
    """CXi: accession, order, study."""
    comments: str | None = None
    hash: str | None = None
    """SHA-1 of the bytes, in lower-case hexadecimal."""
    size: int | None = None
    """Octets."""
    uri: str | None = None
    """Path of the file beside METADATA.XML; XDM only."""
    action: str | None = None
    """Extra metadata of the MSSanté volet: `C` replaces, `D` asks for deletion; None for a new document."""
    status: str = APPROVED


@dataclass(frozen=True, slots=True)
class SubmissionSet:
    """What was submitted together, by whom and when (RegistryPackage)."""

    id: str
    unique_id: str
    """An OID."""
    source_id: str
    """OID of the sending installation."""
    submission_time: str
    content_type_code: Code
    authors: tuple[XdsAuthor, ...]
    patient_id: str | None = None
    title: str | None = None
    comments: str | None = None
    intended_recipients: tuple[str, ...] = ()
    """`XON|XCN|XTN` (ITI TF-3 4.2.3.3.7); XDM only."""
    status: str = APPROVED


@dataclass(frozen=True, slots=True)
class Association:
    id: str
    type: str
    source: str
    target: str
    slots: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """E.g. `("SubmissionSetStatus", ("Original",))`."""


@dataclass(frozen=True, slots=True)
class Submission:
    """One SubmitObjectsRequest: a submission set, its documents and what links them."""

    submission_set: SubmissionSet
    entries: tuple[DocumentEntry, ...]
    associations: tuple[Association, ...]
