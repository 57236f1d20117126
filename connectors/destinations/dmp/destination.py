"""Feeding the DMP: TD2.1 (ITI-41), with TD0.2 before, TD3.1b for a replaced or uncertain document, TD3.3c to delete."""

from __future__ import annotations

import asyncio
import hashlib
import time
import uuid
from collections import OrderedDict
from datetime import UTC, datetime
from enum import StrEnum

from lxml import etree

from connectors.destinations.dmp import errors
from connectors.destinations.dmp.errors import Outcome, Refusal
from connectors.destinations.dmp.existence import ACTION, Dmp, existence, question
from connectors.destinations.dmp.feeding import content_type, entry, feeding, patient, structure_author
from connectors.destinations.dmp.registry import (
    STORED_QUERY,
    UPDATE_DOCUMENT_SET,
    RegistryAnswer,
    deletion,
    get_documents,
    registry_answer,
)
from connectors.destinations.dmp.responsible import ResponsiblePerson, configured, of_document
from connectors.destinations.dmp.session import Session, Subject
from connectors.destinations.dmp.settings import DmpSettings, is_oid
from engine.context import stable_oid
from engine.declarations import Site
from engine.errors import ParkedError, PermanentError, TransientError, UncertainError
from engine.exchange import Order, Receipt
from engine.findings import Finding
from engine.model.parties import Ins
from engine.ports import Sending
from engine.xds.values import APPROVED, ARCHIVED, DocumentEntry, SubmissionSet

_KNOWN_LIMIT = 10_000


class DeletionMotive(StrEnum):
    """Why a document is taken back (SC.DMP/CONF.03); said in the submission set's comments."""

    WRONG_DOCUMENT = "Document erroné"
    WRONG_PATIENT = "Erreur de patient"
    PATIENT_REQUEST = "Demande du patient"


class DmpDestination:
    """One structure feeding one DMP."""

    def __init__(self, settings: DmpSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._session = Session(settings, site)
        self._active: OrderedDict[str, float] = OrderedDict()
        """Digest of an INS whose DMP is active → instant until which that holds."""

    async def check(self) -> None:
        await self._session.reach()

    def findings(self) -> tuple[Finding, ...]:
        """Warnings: certificates that expire within 90, 30 or 7 days. Raises LaneError when they cannot serve."""
        return self._session.findings(datetime.now(UTC))

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        document, ins, subject = await asyncio.to_thread(self._checked, order)
        signer = self._session.signer
        await self._refuse_without_dmp(ins, subject)
        replaced = await self._replaced_entry(order, subject)
        sent = await asyncio.to_thread(
            feeding,
            order,
            document,
            subject.person,
            self._settings,
            signer,
            source_id=self._site.instance_oid,
            replaced_entry_uuid=replaced,
        )
        tried_enough = order.attempt >= self._settings.ambiguous_attempts
        ambiguous = Outcome.PERMANENT if tried_enough else Outcome.AMBIGUOUS
        answer = await self._session.feed(sent, subject, sending, ambiguous=ambiguous)
        return await self._settled(order, document, answer, ambiguous=ambiguous)

    async def find(self, order: Order) -> Receipt | None:
        if not self._settings.probe:
            raise UncertainError(
                "dmp.probe_forbidden",
                "Vérifier dans le DMP du patient si le document est présent, puis confirmer ou renvoyer.",
            )
        document, _, subject = await asyncio.to_thread(self._checked, order)
        found = await self._entries(document.unique_id, subject)
        return Receipt(document.unique_id, "TD3.1b", already_there=True) if found else None

    async def delete(self, order: Order, motive: DeletionMotive, *, requested_at: datetime) -> Receipt:
        """TD3.3c: the document of a delivered order becomes Deleted at the DMP; our copy is not touched.

        `requested_at` is aware. Raises as `deliver`; PermanentError when the DMP does not have the document.
        """
        document, _, subject = await asyncio.to_thread(self._checked, order)
        found = await self._entries(document.unique_id, subject)
        if len(found) != 1:
            raise PermanentError(
                "dmp.not_found", "Le document à supprimer n'a pas été retrouvé seul dans le DMP : le vérifier."
            )
        submission_set = SubmissionSet(
            id="SubmissionSet01",
            unique_id=stable_oid("dmp", "deletion", order.id),
            source_id=self._site.instance_oid,
            submission_time=requested_at.astimezone(UTC).strftime("%Y%m%d%H%M%S"),
            content_type_code=content_type(order, self._settings),
            authors=(structure_author(subject.person, self._settings),),
            patient_id=document.patient_id,
            comments=motive.value,
        )
        original = APPROVED if self._settings.deletion_from == "Approved" else ARCHIVED
        body = deletion(submission_set, found[0], original)
        answered = await self._session.ask("registry", UPDATE_DOCUMENT_SET, body, subject, changing=True)
        answer = _registry(answered, handed_over=True)
        if answer.status != "Success":
            raise errors.error(_gravest(answer), ambiguous=Outcome.AMBIGUOUS)
        return Receipt(document.unique_id, "TD3.3c")

    async def close(self) -> None:
        await self._session.close()

    def _checked(self, order: Order) -> tuple[DocumentEntry, Ins, Subject]:
        """What can be refused without the network."""
        document = entry(order, self._settings)
        ins = patient(order, document, production=self._site.production)
        assert document.patient_id is not None
        return document, ins, Subject(self._responsible(order), document.patient_id)

    def _responsible(self, order: Order) -> ResponsiblePerson:
        if self._settings.responsible is not None:
            return configured(self._settings.responsible)
        return of_document(order.package.cda)

    async def _refuse_without_dmp(self, ins: Ins, subject: Subject) -> None:
        """TD0.2, unless this patient's DMP was active a short while ago."""
        key = hashlib.sha256(subject.patient_id.encode()).hexdigest()
        if not self._settings.test_existence or self._active.get(key, 0) > time.monotonic():
            return
        body = question(
            ins,
            instance_oid=self._site.instance_oid,
            software=self._site.software.name,
            query_id=str(uuid.uuid4()),
            asked_at=datetime.now(UTC),
        )
        answered = await self._session.ask("patients", ACTION, body, subject)
        try:
            found = existence(answered)
        except ValueError as error:
            raise TransientError("dmp.unreadable_answer", "La réponse du DMP (TD0.2) n'est pas lisible.") from error
        if found.dmp is None:
            raise errors.error(errors.refusal(found.error_code, ""), ambiguous=Outcome.TRANSIENT)
        if found.dmp is Dmp.ABSENT:
            raise ParkedError("dmp.no_dmp", "Le patient n'a pas de DMP : le document attend.", cause="no_dmp")
        if found.dmp is Dmp.CLOSED:
            raise ParkedError("dmp.closed", "Le DMP du patient est fermé : le document attend.", cause="closed")
        self._active[key] = time.monotonic() + self._settings.existence_max_age_seconds
        while len(self._active) > _KNOWN_LIMIT:
            self._active.popitem(last=False)

    async def _replaced_entry(self, order: Order, subject: Subject) -> str | None:
        """entryUUID of the version before; asked each time, since any metadata update changes it."""
        if order.replaced is None:
            return None
        found = await self._entries(order.replaced.unique_id, subject)
        if len(found) != 1:
            raise PermanentError(
                "dmp.replaced_not_found",
                "La version précédente n'a pas été retrouvée seule dans le DMP : décider avec le laboratoire s'il faut "
                "renvoyer le document comme nouveau.",
            )
        return found[0]

    async def _entries(self, unique_id: str, subject: Subject) -> tuple[str, ...]:
        """TD3.1b: the entryUUIDs of a uniqueId."""
        if not is_oid(unique_id):
            raise PermanentError("dmp.unique_id", "L'identifiant du document cherché n'est pas un OID.")
        answered = await self._session.ask("registry", STORED_QUERY, get_documents(unique_id), subject)
        answer = _registry(answered, handed_over=False)
        if answer.status != "Success":
            raise errors.error(_gravest(answer), ambiguous=Outcome.TRANSIENT)
        return answer.object_ids

    async def _settled(
        self, order: Order, document: DocumentEntry, answer: RegistryAnswer, *, ambiguous: Outcome
    ) -> Receipt:
        if answer.status == "Success":
            return Receipt(document.unique_id, " ".join(["Success", *(one.code for one in _refusals(answer))]))
        if answer.status != "Failure":
            raise PermanentError(
                "dmp.partial_success", "Le DMP n'a pris qu'une partie du lot : vérifier le document dans le DMP."
            )
        decisive = _gravest(answer)
        if decisive.meaning.outcome is Outcome.PROBE:
            found = await self.find(order)
            if found is not None:
                return Receipt(found.reference, decisive.code, already_there=True)
        raise errors.error(decisive, ambiguous=ambiguous)


def _registry(body: etree._Element, *, handed_over: bool) -> RegistryAnswer:
    try:
        return registry_answer(body)
    except ValueError as error:
        if handed_over:
            raise UncertainError("dmp.unreadable_answer", "La réponse du DMP n'est pas lisible.") from error
        raise TransientError("dmp.unreadable_answer", "La réponse du DMP n'est pas lisible.") from error


def _refusals(answer: RegistryAnswer) -> tuple[Refusal, ...]:
    return tuple(errors.refusal(one.code, one.context) for one in answer.errors)


def _gravest(answer: RegistryAnswer) -> Refusal:
    """What decides: errors before warnings; a failure that names nothing is a generic one."""
    graver = tuple(errors.refusal(one.code, one.context) for one in answer.errors if not one.warning)
    return errors.gravest(graver) if graver else errors.refusal("XDSRegistryError", "")
