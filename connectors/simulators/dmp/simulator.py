"""The DMP peer: HTTPS on the loopback, its script, what it took and what it refused."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import deque
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from cryptography import x509

from connectors.simulators import certificates, http
from connectors.simulators.dmp import existence, feeding, misbehaviour, mtom, query, soap, status_update
from connectors.simulators.dmp.answers import patient_failure, query_response, registry_response
from connectors.simulators.dmp.registry import Change, Entry, Registry
from connectors.simulators.dmp.soap import SOAP, SoapFault
from connectors.simulators.dmp.vihf import Vihf, vihf
from connectors.simulators.listener import HOST, Listener
from connectors.simulators.metadata.vocabulary import DELETED, SET_UNIQUE_ID
from connectors.simulators.pki import Pki
from connectors.simulators.problems import Problem
from connectors.simulators.script import Behaviour, Kind, Script
from connectors.simulators.tls import server_context
from connectors.simulators.xml import Element

_log = logging.getLogger(__name__)
_PATH = "/si-dmp-server/v2/services/"
_MAX_BODY = 50_000_000
_SERVICES = {
    "repository": frozenset({feeding.ACTION}),
    "registry": frozenset({query.ACTION, status_update.ACTION}),
    "patients": frozenset({existence.ACTION}),
}
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})

PatientStatus = Literal["active", "closed", "absent"]


class DmpSimulator:
    """A DMP. `directory` holds what it took and is read again at the next start.

    `production`: takes real INS only; test INS only otherwise, the default. `multipart_answers`: the repository answers
    in multipart/related, as servers with MTOM do; False for plain envelopes. `hides_deleted`: a document that was
    deleted is no longer found; it is found with its status otherwise. `masked_and_invisible`: a document may be hidden
    from professionals and from the patient.
    """

    def __init__(
        self,
        directory: Path,
        pki: Pki,
        *,
        port: int = 0,
        script: Script | None = None,
        production: bool = False,
        multipart_answers: bool = True,
        hides_deleted: bool = False,
        masked_and_invisible: bool = False,
    ) -> None:
        self.script = script or Script()
        self.refusals: list[tuple[str, str]] = []
        """(code, text) of each request refused by judgement or by script, without patient data."""
        self.max_per_second = 0
        """The most feedings received within one second."""
        self.answers_in_multipart = multipart_answers
        self.hides_deleted = hides_deleted
        self.masked_and_invisible = masked_and_invisible
        self._pki = pki
        self._production = production
        self._registry = Registry(directory)
        self._authority = certificates.load(pki.ca)
        self._patients: dict[str, PatientStatus] = {}
        self._recent: deque[float] = deque()
        self._server_expired = False
        self._listener = Listener(self._serve, port=port, context=self._context)

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        await self._listener.open()

    async def stop(self) -> None:
        """Cut everything; what was taken stays on disk."""
        await self._listener.close()

    async def down(self) -> None:
        """Refuse connections until `up`."""
        await self._listener.close()

    async def up(self) -> None:
        """Listen again, on the same port."""
        await self._listener.open()

    async def expire_certificate(self, expired: bool = True) -> None:
        """Present an expired server certificate from now on, or the good one again."""
        self._server_expired = expired
        if self._listener.is_open:
            await self._listener.close()
            await self._listener.open()

    @property
    def port(self) -> int:
        return self._listener.port

    @property
    def url(self) -> str:
        """Base of the services, with a slash at its end."""
        return f"https://{HOST}:{self.port}{_PATH}"

    @property
    def ledger(self) -> Path:
        """JSON lines, one per document or status taken."""
        return self._registry.ledger

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Clinical documents taken, oldest first, whatever became of them."""
        return tuple(e for e in self._registry.entries if not e.signature)

    def submissions_count(self, unique_id: str) -> int:
        """How many times a document was taken."""
        return len(self._registry.by_unique_id(unique_id))

    def deletions(self, unique_id: str) -> tuple[Change, ...]:
        """What made a document Deleted; more than one is a double."""
        return tuple(c for c in self._registry.changes if c.unique_id == unique_id and c.status == DELETED)

    def set_patient(self, matricule: str, status: PatientStatus) -> None:
        """Say whether a patient has a DMP: `active`, `closed` or `absent`."""
        self._patients[matricule] = status

    def _context(self) -> ssl.SSLContext:
        return server_context(self._pki.expired_server if self._server_expired else self._pki.server, self._pki.ca)

    def _patient_status(self, cx: str) -> str | None:
        status = self._patients.get(cx.partition("^")[0], "active")
        return {"active": "active", "closed": "terminated", "absent": None}[status]

    # -- one connection -----------------------------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = x509.load_der_x509_certificate(writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
        try:
            while (head := await http.read_head(reader)) is not None:
                if not await self._exchange(head, reader, writer, tls) or not head.keeps_alive:
                    return
        except http.BadRequest as error:
            writer.write(http.Answer(error.status, "text/plain", b"").encode(close=True))
            await writer.drain()

    async def _exchange(
        self, head: http.Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: x509.Certificate
    ) -> bool:
        """One request and its answer; False when the connection was cut."""
        service = head.path.removeprefix(_PATH)
        behaviour = self.script.take(service, main=service == "repository")
        if behaviour.kind is Kind.DELAY:
            await asyncio.sleep(behaviour.seconds)
        if behaviour.kind is Kind.CUT_BEFORE_BODY:
            writer.transport.abort()
            return False
        body = await http.read_body(reader, writer, head, _MAX_BODY)
        if behaviour.kind is Kind.CUT_AFTER_BODY_NOT_TAKEN:
            writer.transport.abort()
            return False
        answer = self._answer(head, service, body, tls, behaviour)
        return await misbehaviour.send(writer, answer.encode(close=not head.keeps_alive), behaviour)

    def _answer(
        self, head: http.Head, service: str, body: bytes, tls: x509.Certificate, behaviour: Behaviour
    ) -> http.Answer:
        if service not in _SERVICES:
            return http.Answer(HTTPStatus.NOT_FOUND, "text/plain", b"")
        if head.method != "POST":
            return http.Answer(HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"", (("Allow", "POST"),))
        if service == "repository":
            self._count()
        page = misbehaviour.page(behaviour)
        if page is not None:
            return page
        relates_to = ""
        try:
            packet = mtom.packet(head.headers.get("content-type", ""), body)
            relates_to = soap.message_id(packet.root)
            misbehaviour.refuse(behaviour)
            call = soap.call(packet.root, _SERVICES[service])
            scripted = misbehaviour.problem(behaviour, service)
            payload = (
                _refusal(call.action, *self._refused([scripted]))
                if scripted is not None
                else self._treat(call, packet, self._identify(call, tls), head)
            )
        except SoapFault as fault:
            self.refusals.append((fault.subcode[1] if fault.subcode else fault.code, fault.reason))
            status = HTTPStatus.BAD_REQUEST if fault.code == "Sender" else HTTPStatus.INTERNAL_SERVER_ERROR
            return self._wrap(service, status, soap.fault_envelope(fault, relates_to=relates_to))
        except Exception:
            _log.exception("the DMP simulator failed on a request")
            failure = soap.fault_envelope(SoapFault("erreur du simulateur", code="Receiver"), relates_to=relates_to)
            return self._wrap(service, HTTPStatus.INTERNAL_SERVER_ERROR, failure)
        envelope = soap.envelope(payload, action=_answer_action(call.action), relates_to=relates_to)
        return self._wrap(service, HTTPStatus.OK, envelope)

    def _wrap(self, service: str, status: int, envelope: bytes) -> http.Answer:
        if service == "repository" and self.answers_in_multipart:
            content_type, body = mtom.multipart(envelope)
            return http.Answer(status, content_type, body)
        return http.Answer(status, "application/soap+xml; charset=UTF-8", envelope)

    def _identify(self, call: soap.Call, tls: x509.Certificate) -> Vihf:
        if not certificates.is_client(tls):
            raise SoapFault("certificat TLS d'authentification attendu", subcode=(SOAP, "DMPInvalidCertificate"))
        return vihf(call.header, tls, self._authority, production=self._production)

    # -- transactions -------------------------------------------------------------------------------------------

    def _treat(self, call: soap.Call, packet: mtom.Packet, caller: Vihf, head: http.Head) -> Element:
        match call.action:
            case feeding.ACTION:
                return self._feed(call.payload, packet, caller, head)
            case query.ACTION:
                return query.query_answer(call.payload, caller, self._registry, hides_deleted=self.hides_deleted)
            case status_update.ACTION:
                return self._update(call.payload, caller)
            case _:
                return existence.existence_answer(call.payload, caller, self._patient_status)

    def _feed(self, payload: Element, packet: mtom.Packet, caller: Vihf, head: http.Head) -> Element:
        request = feeding.feeding(payload, packet)
        peer = feeding.Peer(
            self._registry, self._authority, self._production, self.masked_and_invisible, self._patient_status
        )
        problems = feeding.feeding_problems(request, caller, peer)
        if problems:
            return registry_response(self._refused(problems))
        self._registry.take(
            request.submission.sets[0].identifier(SET_UNIQUE_ID),
            feeding.documents(request),
            patient=caller.patient_id,
            structure_id=caller.structure_id,
            vihf=caller.xml,
            head="".join(f"{n}: {v}\n" for n, v in head.headers.items() if n not in _SECRET_HEADERS),
        )
        return registry_response()

    def _update(self, payload: Element, caller: Vihf) -> Element:
        update = status_update.status_update(payload, caller, self._registry, production=self._production)
        if isinstance(update, tuple):
            return registry_response(self._refused(update))
        self._registry.set_status(
            update.submission_id, update.entry_uuid, update.status, comments=update.comments, vihf=caller.xml
        )
        return registry_response()

    def _refused(self, problems: tuple[Problem, ...] | list[Problem]) -> tuple[Problem, ...]:
        self.refusals.extend((problem.code, str(problem)) for problem in problems)
        return tuple(problems)

    def _count(self) -> None:
        now = time.monotonic()
        self._recent.append(now)
        while now - self._recent[0] >= 1.0:
            self._recent.popleft()
        self.max_per_second = max(self.max_per_second, len(self._recent))


def _refusal(action: str, problem: Problem) -> Element:
    """One problem, in the form the transaction tells it."""
    if action == query.ACTION:
        return query_response((), [problem])
    return patient_failure(problem) if action == existence.ACTION else registry_response([problem])


def _answer_action(action: str) -> str:
    if action == status_update.ACTION:
        return f"{action}-Response"
    if action == existence.ACTION:
        return "urn:hl7-org:v3:PRPA_IN201308UV02"
    return f"{action}Response"
