"""A request for a document as it was sent: JSON, or a form with the request and the file it speaks of."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

from fastapi import Request
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from engine.api.body import body
from engine.api.callers import Caller
from engine.api.problems import RefusedCall
from engine.api.services import Services
from engine.exchange import Attachment, InboundMessage
from engine.route import DOCUMENTS

_NAME = "document.json"
_JSON = "application/json"


async def message_of(request: Request, caller: Caller, given: Services) -> InboundMessage:
    """What was sent, never altered, from the structure whose key was borne."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_JSON, "", "multipart/form-data"):
        words = "envoyez du JSON, ou un formulaire (multipart/form-data) avec « request » et « file »"
        raise RefusedCall(415, "api.media_type", words)
    content = await body(request, given.max_body_bytes)
    files: tuple[Attachment, ...] = ()
    if kind == "multipart/form-data":
        content, files = await _parts(request.headers, content, given.max_body_bytes)
    sender = _structure(caller, given)
    return InboundMessage(content, DOCUMENTS, _NAME, datetime.now(UTC), sender, _JSON, files)


def _structure(caller: Caller, given: Services) -> str:
    """The caller's, or the only one there is; else nobody's."""
    known = given.installation.structures
    return caller.structure or (known[0].name if len(known) == 1 else "")


async def _parts(headers: Headers, content: bytes, limit: int) -> tuple[bytes, tuple[Attachment, ...]]:
    try:
        parser = MultiPartParser(headers, _stream(content), max_files=1, max_fields=4, max_part_size=limit)
        form = await parser.parse()
    except (MultiPartException, ValueError, KeyError):
        raise RefusedCall(422, "api.multipart", "le formulaire est illisible") from None
    asked, file = form.get("request"), form.get("file")
    content = await asked.read() if isinstance(asked, UploadFile) else _utf8(asked or "")
    files = (Attachment(file.filename or "document.pdf", await file.read()),) if isinstance(file, UploadFile) else ()
    await form.close()
    return content, files


def _utf8(text: str) -> bytes:
    """A field of the form. Bytes that are no UTF-8 were read as ISO 8859-1: what Windows-1252 has beside that would be
    another letter, so it is given back as it came, to be refused."""
    sent = text.encode("utf-8")
    return text.encode("iso-8859-1", "replace") if any("\x80" <= sign <= "\x9f" for sign in text) else sent


async def _stream(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content
