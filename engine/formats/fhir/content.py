"""DocumentReference.content, DiagnosticReport.presentedForm → the file: inside, or in a Binary of the Bundle."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, replace

from engine.catalogue.html_text import html_body
from engine.formats.fhir.node import Node
from engine.formats.fhir.scope import Scope
from engine.model.document import Body, PdfBody, TextBody

PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class File:
    """A file, and the kind it is said to be (`application/pdf`), in small letters, without its parameters."""

    content: bytes
    media_type: str
    charset: str
    where: str


def file(attachment: Node, scope: Scope) -> File | None:
    """None, and why, when it cannot be had whole. `size` and `hash` (SHA-1) are compared where they are sent."""
    told, where = attachment.text("contentType"), attachment.where
    holder = attachment
    if not attachment.text("data"):
        found = _binary(attachment, scope)
        if found is None:
            return None
        holder = found
        if told and _kind(told) != _kind(holder.text("contentType")):
            scope.remarks.add("fhir.media_type_differs", attachment.at("contentType"))
            return None
        told = told or holder.text("contentType")
    try:
        content = base64.b64decode("".join(holder.text("data").split()), validate=True)
    except (binascii.Error, ValueError):
        scope.remarks.add("fhir.base64", holder.at("data"))
        return None
    if not content:
        scope.remarks.add("fhir.file_empty", holder.at("data"))
        return None
    if not _is_whole(attachment, content, scope):
        return None
    charset = told.lower().partition("charset=")[2].strip("\"' ;") or "utf-8"
    return File(content, _kind(told), charset, where)


def body(one: File, scope: Scope) -> Body | None:
    """A PDF as it is; a text or plain HTML laid out; nothing else."""
    if one.media_type == PDF:
        if one.content.startswith(b"%PDF-"):
            return PdfBody(one.content)
        scope.remarks.add("fhir.not_a_pdf", one.where)
        return None
    if one.media_type not in ("text/plain", "text/html"):
        scope.remarks.add("fhir.media_type", one.where)
        return None
    try:
        text = one.content.decode(one.charset)
    except (UnicodeDecodeError, LookupError):
        scope.remarks.add("fhir.charset", one.where)
        return None
    return _html(text, one.where, scope) if one.media_type == "text/html" else _text(text, one.where, scope)


def _text(text: str, where: str, scope: Scope) -> Body | None:
    if not text.strip():
        scope.remarks.add("fhir.file_empty", where)
        return None
    return TextBody(tuple(text.splitlines()))


def _html(text: str, where: str, scope: Scope) -> Body | None:
    read, findings = html_body(text)
    for one in findings:
        scope.remarks.keep(replace(one, where=where))
    if read is not None and not any(line.strip() for line in read.lines):
        scope.remarks.add("fhir.file_empty", where)
        return None
    return read


def _binary(attachment: Node, scope: Scope) -> Node | None:
    """`url` names a Binary of the Bundle; nothing is ever fetched."""
    url = attachment.text("url")
    if not url:
        scope.remarks.add("fhir.file_missing", attachment.where)
        return None
    address = Node({"reference": url}, attachment.where, attachment.resource, attachment.resource_where)
    found = scope.bundle.found(address, "Binary")
    if found is None:
        scope.remarks.add("fhir.file_elsewhere", attachment.at("url"))
    return found


def _kind(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _is_whole(attachment: Node, content: bytes, scope: Scope) -> bool:
    size, digest = attachment.number("size"), attachment.text("hash")
    if size is not None and size != len(content):
        scope.remarks.add("fhir.file_differs", attachment.at("size"))
        return False
    own = base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode("ascii")
    if digest and "".join(digest.split()) != own:
        scope.remarks.add("fhir.file_differs", attachment.at("hash"))
        return False
    return True
