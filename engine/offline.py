"""Conversion of files without a server: what `passeur convert` does, by the very same steps as the line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from engine.context import document_id
from engine.declarations import Conversion, Draft
from engine.errors import ConfigError, PasseurError, TransientError
from engine.exchange import Attachment, InboundMessage, OrderKind
from engine.findings import Disposition, Finding, Severity, disposition
from engine.model.codec import to_json
from engine.model.values import Identifier
from engine.outcome import new_document
from engine.pool import ConversionPool
from engine.records import DocumentState, History, NewDocument, PriorVersion
from engine.route import Installation, Route
from engine.turns import Turn, Turns
from engine.versions import plan

T = TypeVar("T")

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Converted:
    """What one file gave."""

    file: Path
    conversion: Conversion
    findings: tuple[Finding, ...]
    """About the message as a whole."""
    documents: tuple[NewDocument, ...]

    @property
    def disposition(self) -> Disposition:
        """The strictest of the message and of its documents."""
        states = {document.state for document in self.documents}
        whole = disposition(self.findings)
        if whole is Disposition.REFUSE or DocumentState.REFUSED in states:
            return Disposition.REFUSE
        return Disposition.HOLD if whole is Disposition.HOLD or DocumentState.HELD in states else Disposition.PUBLISH


class OfflineConversion:
    """Converts files in the order given: a later file may correct a report of an earlier one."""

    def __init__(self, pool: ConversionPool, installation: Installation, route: Route) -> None:
        self._pool = pool
        self._installation = installation
        self._route = route
        self._turns = Turns()
        self._histories: dict[Identifier, History] = {}
        self._sets: dict[str, Identifier] = {}
        """Set of each document that came with its numbers, by our id of it."""

    async def convert(self, files: list[Path], done: Callable[[Converted], None]) -> list[Converted]:
        """Convert every file; `done` is told of each as it ends, for progress.

        A file that cannot be read, or on which a process fails, harms no other: its findings refuse it. Raises
        ConfigError when nothing at all can be converted (the pack is gone).
        """
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(index: int, file: Path, turn: Turn) -> Converted:
            async with gate:
                try:
                    converted = await self._convert(f"{index:08d}", file, turn)
                except ConfigError:
                    raise
                except OSError as error:
                    converted = _failed(file, "offline.unreadable_file", f"fichier illisible ({error.strerror})")
                except PasseurError as error:
                    converted = _failed(file, error.code, error.message)
                finally:
                    turn.end()
            done(converted)
            return converted

        return list(await asyncio.gather(*(one(i, file, self._turns.next()) for i, file in enumerate(files))))

    async def _convert(self, message_id: str, file: Path, turn: Turn) -> Converted:
        source = self._route.sources[0]
        message = await asyncio.to_thread(_message, file, source)
        context = self._installation.context(source, message.received_at)
        conversion = await _twice(lambda: self._pool.interpret(message, context, self._route.format))
        conversion = replace(conversion, drafts=tuple(self._in_its_set(draft) for draft in conversion.drafts))
        await turn.begin(frozenset(f"{draft.set_id.root}^{draft.set_id.extension}" for draft in conversion.drafts))
        whole = disposition(conversion.findings)
        documents: list[NewDocument] = []
        told: list[Finding] = []
        for draft in conversion.drafts if whole is not Disposition.REFUSE else ():
            document, findings = await self._document(message_id, draft, source, whole)
            documents += [document] if document else []
            told += findings
        return Converted(file, conversion, (*conversion.findings, *told), tuple(documents))

    def _in_its_set(self, draft: Draft) -> Draft:
        """As the line does: a document that came with its numbers joins the one it replaces or deletes."""
        version = draft.version
        if version is None:
            return draft
        target = version.id if draft.kind is OrderKind.DELETE else version.replaces
        own = self._sets.get(document_id(target), draft.set_id) if target else draft.set_id
        self._sets[document_id(version.id)] = own
        return replace(draft, set_id=own, version=replace(version, set_id=own))

    async def _document(
        self, message_id: str, draft: Draft, source: str, whole: Disposition
    ) -> tuple[NewDocument | None, tuple[Finding, ...]]:
        installation = self._installation
        history = self._histories.get(draft.set_id, History())
        planned = plan(draft, history, message_id, installation.instance_oid)
        if planned.version is None:
            return None, planned.findings
        version, previous = planned.version, planned.previous
        built = await _twice(
            lambda: self._pool.build(draft.document, version, previous, installation.software, installation.production)
        )
        document = new_document(
            draft, planned, built, source=source, whole=whole, installation=installation, now=datetime.now(UTC)
        )
        latest = _prior(document, message_id)
        ready = latest if document.state is DocumentState.READY else history.ready
        self._histories[draft.set_id] = History(latest, ready)
        return document, ()


async def _twice(work: Callable[[], Awaitable[T]]) -> T:
    """Once more when a process died or was too slow: it may have been another file's doing."""
    try:
        return await work()
    except TransientError:
        return await work()


def write(converted: Converted, output: Path, taken: set[str]) -> list[str]:
    """Write `NAME.xml`, `NAME.pdf` and `NAME.findings.json` for each document, or the findings alone; the names."""
    output.mkdir(parents=True, exist_ok=True)
    names = []
    for document in converted.documents or (None,):
        name = _free_name(converted.file.stem, taken)
        names.append(name)
        _put(output / f"{name}.xml", document.cda if document else None)
        _put(output / f"{name}.pdf", document.pdf if document else None)
        (output / f"{name}.findings.json").write_text(findings_json(converted, document), encoding="utf-8")
    return names


def findings_json(converted: Converted, document: NewDocument | None) -> str:
    """What a program needs to know of one document: may it leave, and everything said of it."""
    findings = (*converted.findings, *(document.findings if document else ()))
    plain = {
        "file": converted.file.name,
        "kind": converted.conversion.kind,
        "sender": converted.conversion.sender,
        "state": document.state.value if document else converted.disposition.value,
        "status": document.status.value if document else None,
        "unique_id": document.version.id.root if document else None,
        "set_id": document.version.set_id.root if document else None,
        "version": document.version.number if document else None,
        "pack": document.pack if document else None,
        "findings": [json.loads(to_json(finding)) for finding in findings],
    }
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def _put(file: Path, content: bytes | None) -> None:
    """Nothing of an earlier conversion stays beside the findings of this one."""
    if content is None:
        file.unlink(missing_ok=True)
    else:
        file.write_bytes(content)


def _failed(file: Path, code: str, words: str) -> Converted:
    remedy = "Convertissez à nouveau ce fichier ; s'il échoue encore, envoyez-nous ce constat."
    finding = Finding(code, Severity.ERROR, "", words, remedy, "line", Disposition.REFUSE)
    return Converted(file, Conversion((), (finding,)), (finding,), ())


def _message(file: Path, source: str) -> InboundMessage:
    beside = [one for one in (file.with_suffix(".pdf"), file.with_suffix(".PDF")) if one.is_file() and one != file][:1]
    attachments = tuple(Attachment(one.name, one.read_bytes()) for one in beside)
    return InboundMessage(file.read_bytes(), source, file.name, datetime.now(UTC), attachments=attachments)


def _prior(document: NewDocument, message_id: str) -> PriorVersion:
    return PriorVersion(
        document_id=document.id,
        message_id=message_id,
        version=document.version,
        state=document.state,
        status=document.status,
        patient_key=document.patient_key,
        content_hash=document.content_hash,
        document=document.document,
        position=document.place,
        kind=document.kind,
        instructions=document.instructions,
    )


def _free_name(stem: str, taken: set[str]) -> str:
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name)
    return name
