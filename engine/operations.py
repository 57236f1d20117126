"""What a person or a program may ask of a running installation, whatever asks: the API or the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.errors import PasseurError
from engine.exchange import OrderState
from engine.findings import Disposition, Finding, disposition
from engine.orders import new_orders
from engine.outcome import package_of
from engine.ports import OrderAction, Store
from engine.records import DocumentRow, DocumentState, NewDocument
from engine.route import Installation


class RefusedOperation(PasseurError):
    """What was asked is not possible in the present state."""


class UnknownSubject(PasseurError):
    """Nothing of this id is kept."""


class Operations:
    """Replay, release, hold, cancel, send now, start a lane."""

    def __init__(self, store: Store, installation: Installation) -> None:
        self._store = store
        self._installation = installation

    async def replay(self, message_id: str) -> None:
        """Convert a kept message again: after a table was completed, a person's decision, a mended configuration."""
        if not await self._store.replay_message(message_id, now=_now()):
            raise UnknownSubject("operations.unknown_message", "aucun message de ce numéro n'est conservé")

    async def release(self, document_id: str) -> None:
        """Let a held document leave, on a person's decision; one that is refused, or no longer the latest, cannot."""
        row = await self._document(document_id)
        if row.state is not DocumentState.HELD or disposition(row.findings) is Disposition.REFUSE:
            words = "seul un document retenu peut être libéré ; un document refusé doit être renvoyé par l'émetteur"
            raise RefusedOperation("operations.not_held", words)
        prior = (await self._store.history(row.version.set_id)).latest
        files = await self._store.document_files(document_id)
        if prior is None or prior.document_id != document_id:
            raise RefusedOperation("operations.not_latest", "une version plus récente de ce compte rendu existe")
        if files is None or files[0] is None:
            raise RefusedOperation("operations.not_built", "ce document n'a pas pu être construit")
        message = await self._store.message(row.message_id)
        route = self._installation.route(message.source) if message else None
        names = route.destinations if route else ()
        document = NewDocument(
            id=row.id,
            version=row.version,
            type=row.type,
            title=row.title,
            status=row.status,
            state=DocumentState.READY,
            patient_key=prior.patient_key,
            content_hash=prior.content_hash,
            document=prior.document,
            findings=row.findings,
            file_name=row.file_name,
            cda=files[0],
            pdf=files[1],
            pack=row.pack,
            kind=prior.kind,
            position=prior.position,
            instructions=prior.instructions,
        )
        destinations = tuple(self._installation.destination(name) for name in names)
        orders, told = new_orders(package_of(document), document.status, destinations, _now(), document.kind)
        if not orders:
            raise RefusedOperation("operations.no_order", _nobody(told))
        if not await self._store.release_document(document_id, orders, now=_now()):
            raise RefusedOperation("operations.not_held", "ce document n'est plus retenu")

    async def act(self, order_id: str, action: OrderAction) -> OrderState:
        """Hold, release, cancel, send now or resend an order; refused once it is being sent."""
        if await self._store.order(order_id) is None:
            raise UnknownSubject("operations.unknown_order", "aucun ordre d'envoi de ce numéro n'est conservé")
        state = await self._store.change_order(order_id, action, now=_now())
        if state is None:
            words = "l'état actuel de cet ordre ne le permet plus"
            raise RefusedOperation("operations.wrong_state", words)
        return state

    async def start_lane(self, destination: str) -> None:
        """Open a stopped lane again: its waiting orders leave."""
        if destination not in {one.name for one in self._installation.destinations}:
            raise UnknownSubject("operations.unknown_destination", "aucune destination de ce nom dans routes.yaml")
        await self._store.start_lane(destination, now=_now())

    async def _document(self, document_id: str) -> DocumentRow:
        row = await self._store.document(document_id)
        if row is None:
            raise UnknownSubject("operations.unknown_document", "aucun document de ce numéro n'est conservé")
        return row


def _nobody(told: tuple[Finding, ...]) -> str:
    """Why a document that would be released would go nowhere."""
    reasons = " ; ".join(finding.message for finding in told) or "aucune route ne part plus de sa source"
    return f"libéré, ce document ne partirait nulle part : {reasons}"


def _now() -> datetime:
    return datetime.now(UTC)
