"""The files of an order: names without patient data unless asked for, and contents. Pure."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata

from connectors.destinations.folder.settings import FolderSettings
from engine.exchange import Order, OrderKind
from engine.hl7v2_out.business_answer import business_answer, event_of
from engine.model.values import Identifier

Files = tuple[tuple[str, bytes], ...]
"""(name, content), in the order they are put; the last one says that all are there."""
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 150


def files(order: Order, settings: FolderSettings) -> Files:
    """Raises DocumentError when an acknowledgement does not say what to tell, or to whom."""
    if order.kind is OrderKind.REPORT:
        return (_answer(order, settings),)
    base = _base(order, settings)
    if order.kind is OrderKind.DELETE:
        return ((f"{base}.deleted", _described(order, ())),)
    documents = [(f"{base}.xml", order.package.cda)]
    if order.package.pdf is not None:
        documents.append((f"{base}.pdf", order.package.pdf))
    return (*documents, (f"{base}.json", _described(order, tuple(documents))))


def reference(order: Order) -> str:
    """What a receipt names, without patient data: the number of the document, or of the acknowledgement."""
    return order.id if order.kind is OrderKind.REPORT else _written(order.package.version.id)


def _answer(order: Order, settings: FolderSettings) -> tuple[str, bytes]:
    content = business_answer(
        order,
        application=settings.application,
        facility=settings.facility,
        charset=settings.charset,
        dmp_system=settings.dmp_error_system,
    )
    return f"ZAM_{event_of(order).value}_{order.id}.hl7", content


def _base(order: Order, settings: FolderSettings) -> str:
    """The same for a document and for its deletion, and of no other document."""
    number = order.package.version.id
    if settings.names == "number":
        return _safe(_written(number))
    mark = hashlib.sha256(_written(number).encode()).hexdigest()[:12]
    return f"{_safe(order.package.file_name)}_{mark}"


def _written(number: Identifier) -> str:
    return f"{number.root}_{number.extension}" if number.extension else number.root


def _safe(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name)
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _NOT_IN_A_NAME.sub("-", plain).lstrip(".")[:_LONGEST_NAME]


def _described(order: Order, documents: Files) -> bytes:
    """What a document is and which files it has, without a word of the patient; the same each time."""
    package, version = order.package, order.package.version
    told = {
        "action": order.kind.value,
        "order": order.id,
        "document": _written(version.id),
        "set": _written(version.set_id),
        "version": version.number,
        "replaces": _written(version.replaces) if version.replaces is not None else None,
        "type": package.type,
        "title": package.title,
        "motive": package.instructions.motive or None,
        "created_at": order.created_at.isoformat(),
        "files": [
            {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in documents
        ],
    }
    return json.dumps(told, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
