"""Calls to the DMP: certificates kept fresh, one VIHF per call, answers checked before anyone reads them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from connectors.destinations.dmp import answers, errors, mtom, soap
from connectors.destinations.dmp.credentials import Credentials, FileSigner, Signer, load, ssl_context, stamp
from connectors.destinations.dmp.errors import Outcome
from connectors.destinations.dmp.feeding import Feeding
from connectors.destinations.dmp.registry import (
    PROVIDE_AND_REGISTER,
    RegistryAnswer,
    provide_and_register,
)
from connectors.destinations.dmp.responsible import ResponsiblePerson
from connectors.destinations.dmp.settings import DmpSettings
from connectors.destinations.dmp.transport import HttpAnswer, Transport
from connectors.destinations.dmp.vihf import Claim, Product, assertion
from engine.declarations import Site
from engine.errors import LaneError, PasseurError, PermanentError, TransientError, UncertainError
from engine.findings import Finding
from engine.ports import Sending

_WAIT = "l'envoi sera repris de lui-même."


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks, about whom."""

    person: ResponsiblePerson
    patient_id: str
    """CX of the INS."""
    secret_connection: bool = False


class Session:
    """One structure's way to one DMP. Certificate files replaced on disk are taken up at the next call."""

    def __init__(self, settings: DmpSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self._credentials: Credentials | None = None
        self._transports: list[Transport] = []

    @property
    def signer(self) -> Signer:
        """Raises LaneError when the certificates cannot serve."""
        return FileSigner(self._fresh().signing, self._settings.profile.hash_algorithm)

    def findings(self, now: datetime) -> tuple[Finding, ...]:
        """Certificates that will expire soon."""
        return self._fresh().findings(now)

    async def reach(self) -> None:
        """Prove that the DMP answers and takes our certificate."""
        self._fresh()
        timeout = self._settings.connect_timeout_seconds
        await self._transports[-1].reach(self._settings.url, timeout_seconds=timeout)

    async def ask(
        self,
        service: str,
        action: str,
        body: etree._Element,
        subject: Subject,
        *,
        sending: Sending | None = None,
        ambiguous: Outcome = Outcome.TRANSIENT,
    ) -> etree._Element:
        """A plain SOAP call; its answer's body. With `sending` it changes something at the DMP, and `ambiguous` says
        what an unspecified fault then becomes."""
        message_id, envelope = self._envelope(action, body, subject)
        http = await self._transports[-1].post(
            self._settings.url + service,
            (envelope,),
            f'application/soap+xml; charset=UTF-8; action="{action}"',
            timeout_seconds=self._settings.query_timeout_seconds,
            sending=sending,
        )
        return _body(http, message_id, handed_over=sending is not None, ambiguous=ambiguous)

    async def feed(self, sent: Feeding, subject: Subject, sending: Sending, *, ambiguous: Outcome) -> RegistryAnswer:
        """ITI-41, once."""
        content_ids = tuple((entry_id, part.content_id) for entry_id, part in sent.parts)
        body = provide_and_register(sent.submission, content_ids, with_hash=self._settings.send_hash)
        message_id, envelope = self._envelope(PROVIDE_AND_REGISTER, body, subject)
        http = await self._transports[-1].post(
            self._settings.url + "repository",
            mtom.message(envelope, tuple(part for _, part in sent.parts), boundary=sent.boundary, root_id=sent.root_id),
            mtom.content_type(boundary=sent.boundary, root_id=sent.root_id, action=PROVIDE_AND_REGISTER),
            timeout_seconds=self._settings.send_timeout_seconds,
            sending=sending,
        )
        return answers.registry(_body(http, message_id, handed_over=True, ambiguous=ambiguous), handed_over=True)

    async def close(self) -> None:
        for transport in self._transports:
            await transport.close()
        self._transports.clear()
        self._stamp = None

    def _envelope(self, action: str, body: etree._Element, subject: Subject) -> tuple[str, bytes]:
        settings, profile = self._settings, self._settings.profile
        claim = Claim(
            version=profile.vihf_version,
            mode_attribute=profile.authentication_attribute,
            structure_id=settings.structure_id,
            sector=settings.sector,
            person=subject.person,
            patient_id=subject.patient_id,
            product=Product(
                self._site.software.name,
                self._site.software.version,
                settings.homologation_number.get_secret_value(),
            ),
            authn_context=settings.authn_context,
            secret_connection=subject.secret_connection,
        )
        signed = assertion(claim, self.signer, assertion_id=f"_{uuid.uuid4()}", issued_at=datetime.now(UTC))
        message_id = f"urn:uuid:{uuid.uuid4()}"
        return message_id, soap.envelope(action, message_id, signed, body)

    def _fresh(self) -> Credentials:
        """The certificates as they are on disk now, in their dates."""
        now = stamp(self._settings)
        if self._credentials is None or now != self._stamp:
            credentials = load(self._settings)
            context = ssl_context(self._settings, credentials.tls)
            timeout = self._settings.connect_timeout_seconds
            self._transports.append(Transport(context, connect_timeout_seconds=timeout))
            self._credentials, self._stamp = credentials, now
        self._credentials.refuse_expired(datetime.now(UTC))
        return self._credentials


def _body(http: HttpAnswer, message_id: str, *, handed_over: bool, ambiguous: Outcome) -> etree._Element:
    """The answer's body. Raises what the HTTP status, the fault or a wrong answer mean."""
    try:
        found = soap.answer(mtom.root(http.content_type, http.body))
    except ValueError as error:
        raise _status(http, handed_over=handed_over) from error
    if found.relates_to != message_id and not (found.fault is not None and not found.relates_to):
        raise answers.unreadable(handed_over=handed_over)
    if found.fault is not None:
        refused = errors.fault(found.fault.codes, found.fault.reason, sender=found.fault.sender)
        raise errors.error(refused, ambiguous=ambiguous)
    if found.body is None:
        raise answers.unreadable(handed_over=handed_over)
    return found.body


def _status(http: HttpAnswer, *, handed_over: bool) -> PasseurError:
    """An answer that is no SOAP: a proxy's, most often. 502 and 504 do not say whether the DMP had the document."""
    code = f"dmp.http_{http.status}"
    if http.status in (408, 429, 503):
        return TransientError(
            code, f"Le DMP est momentanément indisponible : {_WAIT}", retry_after_seconds=http.retry_after_seconds
        )
    if http.status == 413:
        return PermanentError(
            code, "Le document est trop volumineux pour le DMP : réduire le PDF joint, puis renvoyer."
        )
    if 300 <= http.status < 500:
        return LaneError(code, "L'adresse ou l'accès au DMP est refusé : vérifier `url` et les habilitations.")
    if handed_over:
        return UncertainError(code, "Le DMP a répondu sans dire s'il a pris le document : il sera interrogé.")
    return TransientError(code, f"Le DMP est momentanément indisponible : {_WAIT}")
