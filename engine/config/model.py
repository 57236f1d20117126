"""What routes.yaml may say."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Oid = Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9]\d*))+$", max_length=64)]
Mailbox = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class SoftwareSection(Part):
    """Identity of the software towards the peers."""

    name: str = "Passeur"
    editor: str = "Passeur"
    product_number: str = ""
    """NIL declared on Convergence."""


class StoreSection(Part):
    path: str = "var/passeur.db"
    """SQLite file, relative to routes.yaml."""


Right = Literal["documents", "orders", "state", "messages", "validation", "admin"]
CallsPerMinute = Annotated[int, Field(ge=1, le=100_000)]


class ApiKeySection(Part):
    """Key of one host software, or of a monitor: it opens what its rights name, and nothing else."""

    key: SecretStr
    previous_key: SecretStr | None = None
    """The key before, still accepted while the new one is set everywhere."""
    structure: str | None = None
    """Structure whose documents it asks for and sees; absent: all of them."""
    rights: Annotated[tuple[Right, ...], Field(min_length=1)]
    calls_per_minute: CallsPerMinute = 600
    """Above, calls are asked to come back (429)."""


class ApiSection(Part):
    """REST intake and operations."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    laboratory: str | None = None
    """Laboratory of messages that do not name their sender."""
    key: SecretStr | None = None
    """Bearer key with every right; this one or `keys` is required as soon as `host` is not loopback."""
    keys: dict[str, ApiKeySection] = {}
    """By name: one for each host software, with the rights it needs."""
    max_body_bytes: Annotated[int, Field(gt=0)] = 50_000_000
    calls_at_once: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Calls under way, all callers together; one more is asked to come back (503)."""


class EngineSection(Part):
    conversion_processes: Annotated[int, Field(ge=1, le=64)] = 2
    conversion_timeout_seconds: Annotated[float, Field(gt=0)] = 120


class AddressSection(Part):
    lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None


class OrganizationSection(Part):
    name: str
    finess: Annotated[str, Field(pattern=r"^\d[\dAB]\d{7}$")]
    """FINESS of the site, 9 characters."""
    address: AddressSection
    phone: str
    email: str | None = None
    practice_setting: str = "AMBULATOIRE"
    """JDV_J04."""
    facility_type: str = "SA25"
    """JDV_J02; SA25 is a laboratory."""
    cofrac: str | None = None
    """Accreditation number."""


class PersonSection(Part):
    codes: tuple[str, ...] = ()
    """Codes by which the sender names this person; the RPPS always does."""
    rpps: Annotated[str, Field(pattern=r"^\d{11}$")] | None = None
    family: str
    given: str | None = None
    prefix: Literal["M", "MME"] | None = None
    suffix: Literal["DR", "PR", "MC", "MG", "PC", "PG"] | None = None
    specialty: str | None = None
    """JDV_J01, e.g. G15_10/SM26."""
    specialty_label: str | None = None
    mailbox: Mailbox | None = None
    """MSSanté mailbox."""
    phone: str | None = None


class TablesSection(Part):
    """CSV files of the laboratory, relative to routes.yaml."""

    tests: str | None = None
    values: str | None = None
    units: str | None = None
    identities: str | None = None


class LaboratorySection(Part):
    sender_codes: Annotated[tuple[str, ...], Field(min_length=1)]
    organization: OrganizationSection
    oid: Oid
    local_codes_oid: Oid
    patient_ids_oid: Oid
    requester_patient_ids_oid: Oid | None = None
    time_zone: str = "Europe/Paris"
    encoding: str | None = None
    delimiters: Annotated[str, Field(min_length=5, max_length=5)] | None = None
    biologists: tuple[PersonSection, ...] = ()
    default_biologist: str | None = None
    """Code or RPPS of one of the biologists: only where the laboratory has signed for that."""
    prescribers: tuple[PersonSection, ...] = ()
    tables: TablesSection = TablesSection()
    chapters: dict[str, str] = {}
    """Local word → LOINC of the chapter."""
    specimens: dict[str, str] = {}
    """Local code or label → specimen type."""
    flags: dict[str, str] = {}
    """Local flag → HL7 ObservationInterpretation, e.g. VS: S."""
    trusted_identity_statuses: tuple[str, ...] = ()
    empty_status_is_validated: bool = False
    missing_fin_is_refused: bool = False
    partial_reports: Literal["hold", "publish"] = "hold"
    policy: dict[str, Literal["publish", "hold", "refuse"]] = {}


class IdentityContractSection(Part):
    """Contract by which identities sent as qualified are taken as such."""

    since: date
    until: date | None = None
    signed_by: Annotated[str, Field(min_length=1)]
    reference: Annotated[str, Field(min_length=1)]


class StructureSection(Part):
    """A practice, health centre or pharmacy whose software asks for documents (POST /v1/documents)."""

    organization: OrganizationSection
    oid: Oid
    patient_ids_oid: Oid
    profession: str = "medecin"
    """Profession of the document catalogue."""
    profile: str = "general"
    time_zone: str = "Europe/Paris"
    professionals: tuple[PersonSection, ...] = ()
    kinds: str | None = None
    """CSV of the software's own kinds of documents (`passeur catalogue --sheet`), relative to routes.yaml."""
    identity_contract: IdentityContractSection | None = None
    information: Annotated[str, Field(max_length=4000)] = ""
    """Text (processing of personal data) at the end of the documents laid out here; a PDF sent is never touched."""


class RetrySection(Part):
    first_delay_seconds: Annotated[float, Field(gt=0)] = 10
    max_delay_seconds: Annotated[float, Field(gt=0)] = 900
    max_age_hours: Annotated[float, Field(gt=0)] = 168


class DeliverySection(Part):
    """How orders to a destination are sent."""

    concurrency: Annotated[int, Field(ge=1, le=64)] = 2
    max_per_second: Annotated[float, Field(gt=0)] | None = None
    deferral_minutes: Annotated[float, Field(ge=0, le=24 * 60)] = 10
    """Time during which an order can still be held or cancelled before it leaves by itself."""
    partial_reports: Literal["auto", "never"] | None = None
    """Default: what the destination's kind asks for (DMP: never)."""
    oppositions: Literal["patient", "episode"] = "patient"
    """DMP: what an opposition to feeding blocks: all documents of its patient, or those of its episode of care."""
    without_answer: Literal["send", "block"] = "send"
    """DMP: what becomes of documents of patients of whom no answer on feeding was collected."""
    retry: RetrySection = RetrySection()


class RouteSection(Part):
    name: str
    sources: Annotated[tuple[str, ...], Field(alias="from", min_length=1)]
    format: str
    destinations: Annotated[tuple[str, ...], Field(alias="to", min_length=1)]
    strictness: Literal["strict", "tolerant", "lint"] = "tolerant"
    """What becomes of messages that break their specification."""
    unknown_combinations: Literal["off", "warn", "reject"] = "warn"
    """Indicators of a CDA document (volet HL7v2) that its table does not list."""
    policy: dict[str, Literal["publish", "hold", "refuse"]] = {}
    """Finding code → what becomes of it, for documents that no laboratory of this file keeps."""
    acknowledge: Literal["understood", "on_receipt"] = "understood"
    """`on_receipt`: AA as soon as a message is kept, whatever it holds."""
    receipts: str | None = None
    """Destination of the business acknowledgements (ZAM) that senders ask for."""
    mail_received_on: Literal["accepted", "dsn"] = "accepted"
    """When a mail is told as received (ZAM^Z02): once the MSSanté operator has accepted it, or only once a delivery
    notice (DSN) says that it reached the mailbox; where no notice ever comes, nothing is then told."""


class RoutesFile(Part):
    """routes.yaml, connectors' own settings left to their declarations."""

    environment: Literal["test", "production"] = "test"
    instance_oid: Oid
    software: SoftwareSection = SoftwareSection()
    store: StoreSection = StoreSection()
    engine: EngineSection = EngineSection()
    api: ApiSection | None = None
    laboratories: dict[str, LaboratorySection] = {}
    structures: dict[str, StructureSection] = {}
    sources: dict[str, dict[str, object]] = {}
    destinations: dict[str, dict[str, object]]
    routes: Annotated[tuple[RouteSection, ...], Field(min_length=1)]
