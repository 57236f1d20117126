"""What becomes of a document that was sent: hidden, shown, taken back. To replace it, ask for it again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from engine.api.answers import AcceptedDocument, PlannedOrder, remarks
from engine.api.callers import ForDocuments, Serving, seen
from engine.api.once import Answer, CallKey, once
from engine.api.problems import RefusedCall, responses
from engine.api.services import Services
from engine.api.words import Language, language
from engine.life import Life
from engine.model.instructions import Visibility

router = APIRouter(tags=["documents"])


class Motive(StrEnum):
    """Why a document is taken back (SC.DMP/CONF.03)."""

    WRONG_DOCUMENT = "wrong_document"
    WRONG_PATIENT = "wrong_patient"
    PATIENT_REQUEST = "patient_request"


_WORDS = {
    Motive.WRONG_DOCUMENT: "Document erroné",
    Motive.WRONG_PATIENT: "Erreur de patient",
    Motive.PATIENT_REQUEST: "Demande du patient",
}
"""As the DMP words them."""


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Deletion(Asked):
    motive: Annotated[Motive, Field(description="Document erroné, erreur de patient, demande du patient")]


class NewVisibility(Asked):
    visibility: Annotated[
        list[Visibility], Field(max_length=3, description="À qui le document est masqué ; liste vide : à personne")
    ]
    confirm: Annotated[
        bool, Field(description="Vrai pour montrer aux représentants légaux ce qui leur était masqué : c'est définitif")
    ] = False


@router.post(
    "/documents/{document_id}/delete",
    status_code=202,
    summary="Faire supprimer un document envoyé",
    description="Chaque destination qui l'a reçu est priée de le retirer ; ce qui n'était pas parti ne partira pas. "
    "Rien n'est effacé de Passeur.",
    response_model=AcceptedDocument,
    responses=responses(404, 409, 422),
)
async def delete(
    document_id: str, asked: Deletion, request: Request, caller: ForDocuments, given: Serving, call_key: CallKey = None
) -> Response:
    await seen(document_id, caller, given)

    async def answer() -> Answer:
        made = await _life(given).delete(document_id, _WORDS[asked.motive])
        return 202, await _made(made, given, language(request.scope))

    return await once(request, caller, given, call_key, [asked.model_dump_json().encode()], answer)


@router.post(
    "/documents/{document_id}/visibility",
    status_code=202,
    summary="Masquer un document dans le DMP, ou le montrer",
    description="Par une version qui remplace celle-ci et n'en diffère en rien d'autre ; personne ne reçoit un nouveau "
    "message. Les versions suivantes restent masquées de même.",
    response_model=AcceptedDocument,
    responses=responses(404, 409, 422),
)
async def change_visibility(
    document_id: str,
    asked: NewVisibility,
    request: Request,
    caller: ForDocuments,
    given: Serving,
    call_key: CallKey = None,
) -> Response:
    await seen(document_id, caller, given)

    async def answer() -> Answer:
        hidden_from = tuple(dict.fromkeys(asked.visibility))
        made = await _life(given).change_visibility(document_id, hidden_from, confirmed=asked.confirm)
        return 202, await _made(made, given, language(request.scope))

    return await once(request, caller, given, call_key, [asked.model_dump_json().encode()], answer)


def _life(given: Services) -> Life:
    return Life(given.store, given.pool, given.installation)


async def _made(document_id: str, given: Services, tongue: Language) -> AcceptedDocument:
    given.wake()
    row = await given.store.document(document_id)
    if row is None:
        raise RefusedCall(404, "api.unknown_document", "aucun document de ce numéro")
    return AcceptedDocument(
        id=row.id,
        number=row.version.number,
        state=row.state,
        duplicate=False,
        message=f"/v1/messages/{row.message_id}",
        href=f"/v1/documents/{row.id}",
        orders=[PlannedOrder.of(one) for one in row.orders],
        remarks=remarks(row.findings, tongue),
    )
