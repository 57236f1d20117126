"""Feeding the DMP: TD2.1 (ITI-41), with TD0.2 before, TD3.1b for a replaced or uncertain document, TD3.3c to delete."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from connectors.destinations.dmp import answers, errors
from connectors.destinations.dmp.deletion import deletion, is_done, motive, the_one
from connectors.destinations.dmp.document import accepted_id, entry, identifiers, patient
from connectors.destinations.dmp.errors import Outcome
from connectors.destinations.dmp.feeding import feeding
from connectors.destinations.dmp.gate import Gate
from connectors.destinations.dmp.registry import (
    STORED_QUERY,
    UPDATE_DOCUMENT_SET,
    RegistryAnswer,
    RegistryEntry,
    get_documents,
)
from connectors.destinations.dmp.replacement import replaced
from connectors.destinations.dmp.responsible import responsible
from connectors.destinations.dmp.session import Session, Subject
from connectors.destinations.dmp.settings import DmpSettings
from engine.declarations import Site
from engine.errors import PermanentError, UncertainError
from engine.exchange import Order, OrderKind, Receipt
from engine.findings import Finding
from engine.model.parties import Ins
from engine.ports import Sending
from engine.xds.values import DocumentEntry


class DmpDestination:
    """One structure feeding one DMP."""

    def __init__(self, settings: DmpSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._session = Session(settings, site)
        self._gate = Gate(self._session, settings, site)

    async def check(self) -> None:
        await self._session.reach()

    def findings(self) -> tuple[Finding, ...]:
        """Warnings: certificates that expire within 90, 30 or 7 days. Raises LaneError when they cannot serve."""
        return self._session.findings(datetime.now(UTC))

    async def deliver(self, order: Order, sending: Sending) -> Receipt:
        if order.kind is OrderKind.DELETE:
            return await self._delete(order, sending)
        return await self._feed(order, sending)

    async def find(self, order: Order) -> Receipt | None:
        """TD3.1b: whether the document is there, or for a deletion whether it is there no more."""
        if not self._settings.probe:
            raise UncertainError(
                "dmp.probe_forbidden",
                "Vérifier dans le DMP du patient si le document est présent, puis confirmer ou renvoyer.",
            )
        deletes = order.kind is OrderKind.DELETE
        unique_id, subject = await asyncio.to_thread(self._target if deletes else self._described, order)
        if deletes:
            done = is_done(await self._with_status(unique_id, subject))
        else:
            done = bool(await self._entries(unique_id, subject))
        return Receipt(unique_id, "TD3.1b", already_there=True) if done else None

    async def close(self) -> None:
        await self._session.close()

    # -- TD2.1 --------------------------------------------------------------------------------------------------

    async def _feed(self, order: Order, sending: Sending) -> Receipt:
        document, ins, subject = await asyncio.to_thread(self._checked, order)
        signer = self._session.signer
        await self._gate.refuse_without_dmp(ins, subject)
        sent = await asyncio.to_thread(
            feeding,
            order,
            document,
            subject.person,
            self._settings,
            signer,
            source_id=self._site.instance_oid,
            replaced_entry_uuid=await self._replaced_entry(order, subject),
        )
        ambiguous = self._ambiguous(order)
        answer = await self._session.feed(sent, subject, sending, ambiguous=ambiguous)
        return await self._settled(order, answer, answers.said(answer), document.unique_id, ambiguous=ambiguous)

    def _checked(self, order: Order) -> tuple[DocumentEntry, Ins, Subject]:
        """What can be refused without the network."""
        document = entry(order, self._settings)
        ins = patient(order, document.patient_id, production=self._site.production)
        assert document.patient_id is not None
        return document, ins, self._subject(order, document.patient_id)

    def _described(self, order: Order) -> tuple[str, Subject]:
        document, _, subject = self._checked(order)
        return document.unique_id, subject

    async def _replaced_entry(self, order: Order, subject: Subject) -> str | None:
        """entryUUID of the version before; asked each time, since any metadata update changes it."""
        wanted = replaced(order, self._site.instance_oid)
        if wanted is None:
            return None
        found = await self._entries(accepted_id(wanted.unique_id, "relatedDocument"), subject)
        if len(found) > 1:
            words = "La version à remplacer est plusieurs fois dans le DMP du patient : le vérifier dans le DMP."
            raise PermanentError("dmp.replaced_not_found", words)
        if not found and wanted.missing is not None:
            raise wanted.missing
        return found[0].entry_uuid if found else None

    # -- TD3.3c -------------------------------------------------------------------------------------------------

    async def _delete(self, order: Order, sending: Sending) -> Receipt:
        """The document becomes Deleted at the DMP; our copy is not touched.

        Its entryUUID is asked for each time, even when we fed it: the answer to a feeding does not give it, and any
        metadata update changes it.
        """
        unique_id, subject = await asyncio.to_thread(self._target, order)
        target = the_one(await self._with_status(unique_id, subject))
        if target is None:
            return Receipt(unique_id, "TD3.1b", already_there=True)
        body = deletion(
            order, target, subject.person, subject.patient_id, self._settings, source_id=self._site.instance_oid
        )
        ambiguous = self._ambiguous(order)
        answered = await self._session.ask(
            "registry", UPDATE_DOCUMENT_SET, body, subject, sending=sending, ambiguous=ambiguous
        )
        answer = answers.registry(answered, handed_over=True)
        return await self._settled(order, answer, "TD3.3c", unique_id, ambiguous=ambiguous)

    def _target(self, order: Order) -> tuple[str, Subject]:
        """The document to delete, and who asks; the rest of its metadata does not matter any more."""
        motive(order, self._settings)
        unique_id, patient_id = identifiers(order)
        patient(order, patient_id, production=self._site.production)
        assert patient_id is not None
        return unique_id, self._subject(order, patient_id)

    async def _with_status(self, unique_id: str, subject: Subject) -> tuple[RegistryEntry, ...]:
        """TD3.1b with the status of each entry, where the DMP gives it: it may keep whole entries to direct
        authentication (TD3.1a), references are open to ours."""
        if self._settings.deletion_asks_status:
            try:
                return await self._entries(unique_id, subject, whole=True)
            except PermanentError:
                pass
        return await self._entries(unique_id, subject)

    # -- both ---------------------------------------------------------------------------------------------------

    def _subject(self, order: Order, patient_id: str) -> Subject:
        person = responsible(order, self._settings)
        return Subject(person, patient_id, order.package.instructions.secret_connection)

    def _ambiguous(self, order: Order) -> Outcome:
        """What an unspecified error becomes: the peer is asked before the next try, until it was tried enough."""
        return Outcome.PERMANENT if order.attempt >= self._settings.ambiguous_attempts else Outcome.AMBIGUOUS

    async def _entries(self, unique_id: str, subject: Subject, *, whole: bool = False) -> tuple[RegistryEntry, ...]:
        """TD3.1b: the entries of a uniqueId; `whole` asks for their status too."""
        body = get_documents(unique_id, whole=whole)
        answered = await self._session.ask("registry", STORED_QUERY, body, subject)
        answer = answers.registry(answered, handed_over=False)
        if answer.status != "Success":
            raise errors.error(answers.gravest(answer), ambiguous=Outcome.TRANSIENT)
        return answer.entries

    async def _settled(
        self, order: Order, answer: RegistryAnswer, detail: str, unique_id: str, *, ambiguous: Outcome
    ) -> Receipt:
        """The receipt of what the DMP took, or the error it answered."""
        if answer.status == "Success":
            return Receipt(unique_id, detail)
        if answer.status != "Failure":
            raise PermanentError(
                "dmp.partial_success", "Le DMP n'a pris qu'une partie du lot : vérifier le document dans le DMP."
            )
        decisive = answers.gravest(answer)
        if decisive.meaning.outcome is Outcome.PROBE:
            found = await self.find(order)
            if found is not None:
                return Receipt(found.reference, decisive.code, already_there=True)
        raise errors.error(decisive, ambiguous=ambiguous)
