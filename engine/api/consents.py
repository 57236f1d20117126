"""Consents: what patients answered about their DMP, recorded, found again, and what it keeps from leaving.

A patient is named in the body of a call, never in its address, which others may log; answers name none.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from engine.api.callers import Caller, ForDocuments
from engine.api.problems import RefusedCall, responses
from engine.api.services import Services, services
from engine.consents import holding
from engine.model.consent import Consent, ConsentAnswer, ConsentSubject, RecordedConsent
from engine.model.values import Identifier
from engine.records import OrderRow

router = APIRouter(tags=["consentements"])
Given = Annotated[Services, Depends(services)]
_SKEW = timedelta(minutes=5)
"""What the caller's clock may be ahead of ours."""


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PatientNumber(Asked):
    """An identifier of a patient: INS or IPP."""

    system: Annotated[str, Field(pattern=r"^[0-2](\.(0|[1-9]\d*))+$", max_length=64)]
    """OID of who gave it."""
    value: Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=64)]


class Patient(Asked):
    patient: Annotated[list[PatientNumber], Field(min_length=1, max_length=20)]
    """Every identifier known: any of them links an answer to documents."""

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        return tuple(Identifier(one.system, one.value) for one in self.patient)


class NewConsent(Patient):
    """An answer of a patient. A later one takes its place; the earlier ones stay on record."""

    subject: ConsentSubject
    answer: ConsentAnswer
    collected_at: AwareDatetime | None = None
    """When the patient gave it, with its zone; needed unless it was not collected."""
    author: Annotated[str, Field(min_length=1, max_length=100)]
    """Who collected it: RPPS, or the user's name in the host software."""
    channel: Literal["oral", "written", "import"] = "oral"
    episode: Annotated[str, Field(max_length=100)] = ""
    """Number of the stay or file, where it was given for one."""


class Answer(BaseModel):
    """An answer as it is kept, without its patient."""

    id: int
    subject: ConsentSubject
    answer: ConsentAnswer
    collected_at: datetime | None
    collected_until: datetime | None
    """Last instant it may have been given, where only a day was sent."""
    recorded_at: datetime
    episode: str
    author: str
    channel: str
    message_id: str
    """The message that brought it; empty: given through the API."""

    @classmethod
    def of(cls, kept: RecordedConsent) -> Self:
        said = kept.consent
        return cls(
            id=kept.id,
            subject=said.subject,
            answer=said.answer,
            collected_at=said.collected_at,
            collected_until=said.collected_until,
            recorded_at=kept.recorded_at,
            episode=said.episode,
            author=said.author,
            channel=said.channel,
            message_id=kept.message_id,
        )


class Standing(BaseModel):
    """What a patient wants, as far as it is known."""

    feeding: ConsentAnswer | None
    """`yes`: not opposed; `no`: opposed; `not_collected`; null: nothing was ever said."""
    consultation: ConsentAnswer | None
    answers: list[Answer]
    """All of them, oldest recorded first."""
    orders: list[OrderRow]
    """Orders that obey the patient's opposition: those it blocks, and those that left before it."""


@router.post("/consents", status_code=201, summary="Enregistrer le choix d'un patient", responses=responses(422))
async def post_consent(asked: NewConsent, caller: ForDocuments, given: Given) -> Standing:
    now = datetime.now(UTC)
    if asked.collected_at is None and asked.answer is not ConsentAnswer.NOT_COLLECTED:
        raise RefusedCall(422, "api.consent_without_date", "la date à laquelle le patient a fait ce choix manque")
    if asked.collected_at is not None and asked.collected_at > now + _SKEW:
        raise RefusedCall(422, "api.consent_in_future", "la date de ce choix est à venir")
    consent = Consent(
        subject=asked.subject,
        answer=asked.answer,
        collected_at=asked.collected_at,
        patient_ids=asked.identifiers,
        episode=asked.episode,
        author=asked.author,
        channel=asked.channel,
    )
    await given.store.record_consent(consent, now=now)
    given.wake()
    return await _standing(asked, caller, given)


@router.post("/consents/search", summary="Les choix d'un patient, et ce qu'ils bloquent", responses=responses(422))
async def search(asked: Patient, caller: ForDocuments, given: Given) -> Standing:
    return await _standing(asked, caller, given)


@router.get("/consents", summary="Derniers choix enregistrés", responses=responses(422))
async def get_consents(
    caller: ForDocuments, given: Given, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[Answer]:
    """Those of all patients: none for a key of one structure, which searches by patient."""
    return [] if caller.structure else [Answer.of(one) for one in await given.store.consents(limit=limit)]


@router.get("/consents/{consent_id}", summary="Un choix enregistré", responses=responses(404, 422))
async def get_consent(consent_id: Annotated[int, Field(ge=1, lt=2**63)], caller: ForDocuments, given: Given) -> Answer:
    kept = None if caller.structure else await given.store.consent(consent_id)
    if kept is None:
        raise RefusedCall(404, "api.unknown_consent", "aucun choix de ce numéro")
    return Answer.of(kept)


async def _standing(asked: Patient, caller: Caller, given: Services) -> Standing:
    """What the patient said holds for everyone; the orders are those the caller may see."""
    kept = await given.store.patient_consents(asked.identifiers)
    orders = await given.store.obeying_orders(asked.identifiers)
    return Standing(
        feeding=_told(kept, ConsentSubject.FEEDING),
        consultation=_told(kept, ConsentSubject.CONSULTATION),
        answers=[Answer.of(one) for one in kept],
        orders=[one for one in orders if await _sees(caller, one.id, given)],
    )


async def _sees(caller: Caller, order_id: str, given: Services) -> bool:
    owner = await given.store.owner(order_id) if caller.structure else None
    return not caller.structure or (owner is not None and caller.sees(owner))


def _told(kept: tuple[RecordedConsent, ...], subject: ConsentSubject) -> ConsentAnswer | None:
    held = holding(kept, subject)
    if held is not None:
        return held.consent.answer
    return ConsentAnswer.NOT_COLLECTED if any(one.consent.subject is subject for one in kept) else None
