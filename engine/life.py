"""What a person may ask of a document that was sent: hide it, show it, take it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from engine.context import document_id as id_of
from engine.context import stable_uuid
from engine.exchange import OrderKind
from engine.findings import Disposition, disposition
from engine.model.document import DocumentVersion
from engine.model.instructions import Instructions, Visibility
from engine.operations import RefusedOperation, UnknownSubject
from engine.orders import new_orders
from engine.outcome import package_of
from engine.pool import ConversionPool
from engine.ports import Store
from engine.records import DocumentRow, DocumentState, NewDocument, PriorVersion
from engine.route import ConfiguredDestination, Installation
from engine.versions import numbered


class Life:
    """Of the documents of an installation, once they may leave."""

    def __init__(self, store: Store, pool: ConversionPool, installation: Installation) -> None:
        self._store = store
        self._pool = pool
        self._installation = installation

    async def delete(self, document_id: str, motive: str) -> str:
        """Ask every destination that has it to take it back; the id of the deletion, which is a document of its own.

        Nothing is erased here. Orders that have not left never will. Asked twice, it is the same deletion.
        """
        row = await self._document(document_id)
        prior = await self._latest(row)
        if prior.kind is OrderKind.DELETE and prior.version.id == row.version.id:
            return prior.document_id
        self._is_the_latest(row, prior)
        cda, pdf = await self._files(row)
        position = _next(prior)
        asked = replace(prior.instructions, motive=motive)
        deletion = replace(
            _of(prior, row, prior.version, asked),
            id=stable_uuid("deletion", id_of(prior.version.id), str(position)),
            cda=cda,
            pdf=pdf,
            kind=OrderKind.DELETE,
            position=position,
        )
        await self._keep(row, deletion)
        return deletion.id

    async def change_visibility(self, document_id: str, visibility: tuple[Visibility, ...], *, confirmed: bool) -> str:
        """Hide a document in the DMP, or show it, by a version that replaces it and differs in nothing else; the id of
        that version, or of the one there is when it is seen that way already. Nobody is written to again.

        To show a document to legal representatives is for ever: it is to be `confirmed`.
        """
        row = await self._document(document_id)
        prior = await self._latest(row)
        self._is_the_latest(row, prior)
        before = prior.instructions.visibility
        if set(before) == set(visibility):
            return row.id
        shown = Visibility.INVISIBLE_REPRESENTANTS_LEGAUX in before and (
            Visibility.INVISIBLE_REPRESENTANTS_LEGAUX not in visibility
        )
        if shown and not confirmed:
            words = "montré une fois aux représentants légaux, il ne pourra plus leur être masqué : confirmez"
            raise RefusedOperation("operations.needs_confirmation", words)
        replacing = await self._rebuilt(row, prior, visibility)
        await self._keep(row, replacing)
        return replacing.id

    async def _rebuilt(self, row: DocumentRow, prior: PriorVersion, visibility: tuple[Visibility, ...]) -> NewDocument:
        site, position = self._installation, _next(prior)
        version = numbered(prior.version.set_id, position, prior.version.id, site.instance_oid)
        built = await self._pool.build(prior.document, version, None, site.software, site.production)
        if built.cda is None or disposition(built.findings) is not Disposition.PUBLISH:
            raise RefusedOperation("operations.not_built", "ce document n'a pas pu être construit à nouveau")
        asked = replace(prior.instructions, visibility=visibility, changes_visibility=True)
        return replace(
            _of(prior, row, version, asked),
            id=id_of(version.id),
            document=built.document,
            findings=built.findings,
            file_name=built.file_name,
            cda=built.cda,
            pdf=built.pdf,
            pack=built.pack,
            position=position,
        )

    async def _keep(self, row: DocumentRow, document: NewDocument) -> None:
        """Beside the document it is about, with its orders."""
        message = await self._store.message(row.message_id)
        route = self._installation.route(message.source) if message else None
        destinations: tuple[ConfiguredDestination, ...] = ()
        if route is not None:
            destinations = tuple(self._installation.destination(name) for name in route.destinations)
        now = datetime.now(UTC)
        orders, told = new_orders(package_of(document), document.status, destinations, now, document.kind)
        if document.instructions.changes_visibility and document.kind is OrderKind.SEND:
            orders = tuple(one for one in orders if not one.recipient)  # systems, not people
        if not orders:
            words = "personne ne le recevrait : aucune destination de la route ne le prend"
            raise RefusedOperation("operations.no_order", words)
        kept = replace(document, orders=orders, findings=(*document.findings, *told))
        if not await self._store.add_document(kept, message_id=row.message_id, now=now):
            words = "une autre version vient d'être faite : relisez le document"
            raise RefusedOperation("operations.taken", words)

    async def _document(self, document_id: str) -> DocumentRow:
        row = await self._store.document(document_id)
        if row is None:
            raise UnknownSubject("operations.unknown_document", "aucun document de ce numéro n'est conservé")
        if row.kind is not OrderKind.SEND or row.state is not DocumentState.READY:
            words = "ce document n'a pas été envoyé : corrigez-le, ou annulez ses envois"
            raise RefusedOperation("operations.not_ready", words)
        return row

    async def _latest(self, row: DocumentRow) -> PriorVersion:
        latest = (await self._store.history(row.version.set_id)).latest
        if latest is None:
            raise UnknownSubject("operations.unknown_document", "aucun document de ce numéro n'est conservé")
        return latest

    def _is_the_latest(self, row: DocumentRow, latest: PriorVersion) -> None:
        if latest.kind is OrderKind.DELETE:
            raise RefusedOperation("operations.already_deleted", "ce document est déjà supprimé")
        if latest.document_id != row.id:
            words = "une version plus récente de ce document existe : c'est elle qu'il faut viser"
            raise RefusedOperation("operations.not_latest", words)

    async def _files(self, row: DocumentRow) -> tuple[bytes, bytes | None]:
        files = await self._store.document_files(row.id)
        if files is None or files[0] is None:
            raise RefusedOperation("operations.not_built", "ce document n'a pas pu être construit")
        return files[0], files[1]


def _next(prior: PriorVersion) -> int:
    """The next place in the report, in which orders leave."""
    return max(prior.position, prior.version.number) + 1


def _of(prior: PriorVersion, row: DocumentRow, version: DocumentVersion, asked: Instructions) -> NewDocument:
    """The same content, to be sent otherwise."""
    return NewDocument(
        id=row.id,
        version=version,
        type=row.type,
        title=row.title,
        status=prior.status,
        state=DocumentState.READY,
        patient_key=prior.patient_key,
        content_hash=prior.content_hash,
        document=prior.document,
        findings=(),
        file_name=row.file_name,
        cda=None,
        pdf=None,
        pack=row.pack,
        instructions=asked,
    )
