"""An installation as configured: who sends, by what route, to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.context import Context, Software, Strictness, UnknownCombination
from engine.declarations import DestinationDeclaration, Settings, Site, SourceDeclaration
from engine.exchange import InboundMessage
from engine.model.consent import OppositionScope
from engine.model.directory import Laboratory, Structure
from engine.retry import RetryPolicy

API = "api"
"""Name of the built-in source: what is posted to the engine's own API."""
DOCUMENTS = "documents"
"""Name of the built-in source of documents that a host software asks for (POST /v1/documents)."""
FHIR = "fhir"
"""Name of the built-in source of FHIR Bundles (POST /v1/fhir)."""


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    name: str
    declaration: SourceDeclaration[Any]
    settings: Settings
    laboratory: str | None
    """The laboratory this source serves alone, when it does."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the orders of one destination are sent."""

    concurrency: int
    max_per_second: float | None
    deferral_seconds: float
    partial_reports: bool
    retry: RetryPolicy
    opposition_scope: OppositionScope = OppositionScope.PATIENT
    """How far an opposition reaches, where the destination obeys it."""
    needs_answer: bool = False
    """Documents leave only once their patient is known not to oppose it."""


@dataclass(frozen=True, slots=True)
class ConfiguredDestination:
    name: str
    declaration: DestinationDeclaration[Any]
    settings: Settings
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Route:
    """From some sources, read as one format, to some destinations."""

    name: str
    sources: tuple[str, ...]
    format: str
    destinations: tuple[str, ...]
    strictness: Strictness = Strictness.TOLERANT
    unknown_combinations: UnknownCombination = UnknownCombination.WARN
    answer_on_receipt: bool = False
    """Acknowledge as soon as a message is kept, whatever it holds."""
    policy: Mapping[str, str] = field(default_factory=dict)
    """Finding code → `publish`, `hold` or `refuse`, for documents that no configured laboratory keeps."""
    receipts: str | None = None
    """Destination that takes the business acknowledgements senders ask for; None: they are not sent."""
    awaits_dsn: bool = False
    """A mail is told as received when a DSN says so, not as soon as the operator accepts it."""


class Right(StrEnum):
    """What an API key opens; nothing opens anything else."""

    DOCUMENTS = "documents"
    """Ask for documents, read them, replace, hide and delete them."""
    ORDERS = "orders"
    """See what is to be sent, hold it, cancel it, send it now."""
    STATE = "state"
    """Health, lanes, catalogue: no patient data. For a monitor."""
    MESSAGES = "messages"
    """Bring messages (HPRIM) in and read every message of the installation."""
    VALIDATION = "validation"
    """Have any CDA judged."""
    ADMIN = "admin"
    """What a person of the site decides: release what is held, convert again, open a lane."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What one host software, or one monitor, calls with."""

    name: str
    """Key in routes.yaml."""
    secrets: tuple[str, ...] = field(repr=False)
    """1..2: the key and, while it is being changed everywhere, the one before."""
    rights: frozenset[Right]
    structure: str = ""
    """Whose documents it asks for and sees; empty: those of every structure."""
    calls_per_minute: int = 600


@dataclass(frozen=True, slots=True)
class Api:
    """The engine's own HTTP server."""

    host: str
    port: int
    key: str | None = field(repr=False)
    """A key with every right; the command line calls with it."""
    laboratory: str | None
    max_body_bytes: int
    keys: tuple[ApiKey, ...] = ()
    calls_at_once: int = 64
    """Calls under way, all callers together; one more is asked to come back."""


@dataclass(frozen=True, slots=True)
class Installation:
    """routes.yaml, checked."""

    production: bool
    instance_oid: str
    software: Software
    store: Path
    conversion_processes: int
    conversion_timeout_seconds: float
    api: Api | None
    laboratories: tuple[Laboratory, ...]
    sources: tuple[ConfiguredSource, ...]
    destinations: tuple[ConfiguredDestination, ...]
    routes: tuple[Route, ...]
    structures: tuple[Structure, ...] = ()

    @property
    def site(self) -> Site:
        return Site(self.production, self.instance_oid, self.software)

    def route(self, source: str) -> Route | None:
        """The route a message of this source takes."""
        return next((route for route in self.routes if source in route.sources), None)

    def destination(self, name: str) -> ConfiguredDestination:
        return next(one for one in self.destinations if one.name == name)

    def information(self, message: InboundMessage) -> str:
        """The text that the structure of a request has at the end of what is laid out here; empty: none."""
        structure = self.context(message.source, message.received_at).structure(message.sender)
        asked_for = message.source == DOCUMENTS or (message.source == FHIR and bool(message.sender))
        return structure.information if structure is not None and asked_for else ""

    def context(self, source: str, received_at: datetime) -> Context:
        """What the pure functions may know about a message of this source."""
        laboratory = self.api.laboratory if source in (API, FHIR) and self.api else None
        for one in self.sources:
            laboratory = one.laboratory if one.name == source else laboratory
        route = self.route(source)
        return Context(
            received_at,
            self.instance_oid,
            self.production,
            self.laboratories,
            self.software,
            laboratory,
            route.strictness if route else Strictness.TOLERANT,
            route.unknown_combinations if route else UnknownCombination.WARN,
            route.answer_on_receipt if route else False,
            self.structures,
            route.policy if route else {},
        )
