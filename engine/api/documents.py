"""Documents: found again, what was made of a message, as it leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel

from engine.api.callers import ForAdmin, ForDocuments, Serving, seen
from engine.api.problems import RefusedCall, responses
from engine.api.services import Services
from engine.calls import DocumentQuery, ListedDocument
from engine.exchange import OrderKind, OrderState
from engine.formats.request.conversion import set_id
from engine.model.values import Identifier
from engine.records import DocumentRow, DocumentState
from engine.route import Installation

router = APIRouter(tags=["documents"])
_DMP = "dmp"
"""Name of the declaration of the destinations that feed the DMP."""


class FoundDocument(BaseModel):
    """A document in a list, without its findings."""

    id: str
    number: str
    """The caller's own, where its software asked for the document; else empty."""
    version: int
    kind: OrderKind
    """`delete`: the deletion of the version it bears."""
    structure: str
    type: str
    title: str
    state: DocumentState
    created_at: datetime
    fed: bool
    """The DMP has taken this version, and no deletion of it was carried out since."""
    fed_at: datetime | None
    unique_id: str
    """ClinicalDocument/id: how the DMP names it."""
    orders: dict[OrderState, int]
    href: str

    @classmethod
    def of(cls, found: ListedDocument, fed_at: datetime | None) -> Self:
        row = found.row
        counts: dict[OrderState, int] = {}
        for one in row.orders:
            counts[one.state] = counts.get(one.state, 0) + 1
        return cls(
            id=row.id,
            number=_number(row.version.set_id) if found.structure else "",
            version=row.version.number,
            kind=row.kind,
            structure=found.structure,
            type=row.type,
            title=row.title,
            state=row.state,
            created_at=row.created_at,
            fed=fed_at is not None,
            fed_at=fed_at,
            unique_id=row.version.id.root,
            orders=counts,
            href=f"/v1/documents/{row.id}",
        )


@router.get(
    "/documents",
    summary="Retrouver des documents, les derniers d'abord, et savoir s'ils sont au DMP",
    responses=responses(422),
)
async def get_documents(
    caller: ForDocuments,
    given: Serving,
    number: Annotated[str | None, Query(max_length=64, description="Votre numéro : toutes les versions")] = None,
    structure: Annotated[str | None, Query(max_length=100, description="Celle de la clé, quand elle en a une")] = None,
    state: DocumentState | None = None,
    since: Annotated[AwareDatetime | None, Query(description="Faits à cet instant ou après")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Faits avant cet instant")] = None,
    before: Annotated[str, Query(max_length=64, description="Dernier id de la page précédente")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[FoundDocument]:
    if caller.structure and structure not in (None, caller.structure):
        return []
    wanted = caller.structure or structure or ""
    found: list[ListedDocument] = []
    for one in _sets(number, wanted, given.installation):
        query = DocumentQuery(wanted, one, state, since, until, before, limit)
        found += await given.store.listed_documents(query)
    listed = sorted(found, key=lambda one: one.row.created_at, reverse=True)[:limit] if number else found
    return [FoundDocument.of(one, await _fed_at(one.row, given)) for one in listed]


@router.get("/documents/{document_id}", summary="Un document, ses constats, ses envois", responses=responses(404))
async def get_document(document_id: str, caller: ForDocuments, given: Serving) -> DocumentRow:
    await seen(document_id, caller, given)
    return await _row(document_id, given)


@router.get(
    "/documents/{document_id}/cda",
    summary="Le CDA, octet pour octet",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}, **responses(404)},
)
async def get_cda(document_id: str, caller: ForDocuments, given: Serving) -> Response:
    await seen(document_id, caller, given)
    return Response(await _file(document_id, 0, given), media_type="application/xml")


@router.get(
    "/documents/{document_id}/pdf",
    summary="La copie lisible",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **responses(404)},
)
async def get_pdf(document_id: str, caller: ForDocuments, given: Serving) -> Response:
    await seen(document_id, caller, given)
    return Response(await _file(document_id, 1, given), media_type="application/pdf")


@router.post(
    "/documents/{document_id}/release",
    status_code=202,
    summary="Libérer un document retenu (droit admin)",
    responses=responses(404, 409),
)
async def release(document_id: str, caller: ForAdmin, given: Serving) -> DocumentRow:
    await seen(document_id, caller, given)
    await given.operations.release(document_id)
    given.wake()
    return await _row(document_id, given)


def _sets(number: str | None, structure: str, installation: Installation) -> list[Identifier | None]:
    """The reports that a caller's number may be of: one for each structure that it may be asked of."""
    if number is None:
        return [None]
    return [set_id(one, number) for one in installation.structures if structure in ("", one.name)]


def _number(identifier: Identifier) -> str:
    return (identifier.extension or "").removeprefix("document/")


async def _fed_at(row: DocumentRow, given: Services) -> datetime | None:
    """When the DMP took this version; None when it did not, or was made to take it back."""
    dmp = {one.name for one in given.installation.destinations if one.declaration.name == _DMP}
    delivered = [one for one in row.orders if one.destination in dmp and one.state is OrderState.DELIVERED]
    if not delivered or row.kind is not OrderKind.SEND:
        return None
    together = await given.store.listed_documents(DocumentQuery(set_id=row.version.set_id))
    taken_back = any(
        order.state is OrderState.DELIVERED and order.destination in dmp
        for one in together
        for order in one.row.orders
        if one.row.kind is OrderKind.DELETE and one.row.version.id == row.version.id
    )
    return None if taken_back else delivered[0].updated_at


async def _row(document_id: str, given: Services) -> DocumentRow:
    row = await given.store.document(document_id)
    if row is None:
        raise RefusedCall(404, "api.unknown_document", "aucun document de ce numéro")
    return row


async def _file(document_id: str, index: int, given: Services) -> bytes:
    files = await given.store.document_files(document_id)
    content = files[index] if files else None
    if content is None:
        raise RefusedCall(404, "api.unknown_file", "ce document n'a pas pu être construit, ou n'existe pas")
    return content
