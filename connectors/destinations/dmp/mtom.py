"""MTOM (W3C): a SOAP envelope and its documents as multipart/related, written and read as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

_CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Part:
    content_id: str
    """Without angle brackets, as `cid:` names it."""
    content: bytes


def message(envelope: bytes, parts: tuple[Part, ...], *, boundary: str, root_id: str) -> tuple[bytes, ...]:
    """The body, in chunks: one binary part after the envelope for each document."""
    root = _head(boundary, root_id, 'application/xop+xml; charset=UTF-8; type="application/soap+xml"', "8bit")
    chunks = [root, envelope, _CRLF]
    for part in parts:
        chunks += [_head(boundary, part.content_id, "application/octet-stream", "binary"), part.content, _CRLF]
    return (*chunks, f"--{boundary}--\r\n".encode("ascii"))


def content_type(*, boundary: str, root_id: str, action: str) -> str:
    return (
        f'multipart/related; type="application/xop+xml"; start="<{root_id}>"; '
        f'start-info="application/soap+xml"; boundary="{boundary}"; action="{action}"'
    )


def root(content_type: str, body: bytes) -> bytes:
    """The envelope of an answer, multipart or plain. Raises ValueError when it has none."""
    header = Message()
    header["Content-Type"] = content_type
    if header.get_content_maintype() != "multipart":
        return body
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise ValueError("multipart without a boundary")
    parts = _parts(body, boundary.encode("ascii", "replace"))
    start = header.get_param("start")
    if not isinstance(start, str):
        return parts[0].content
    wanted = unquote(start.strip("<> "))
    return next((part.content for part in parts if part.content_id == wanted), parts[0].content)


def _head(boundary: str, content_id: str, kind: str, encoding: str) -> bytes:
    return (
        f"--{boundary}\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n"
    ).encode("ascii")


def _parts(body: bytes, boundary: bytes) -> list[Part]:
    found = []
    for piece in (_CRLF + body).split(_CRLF + b"--" + boundary)[1:]:
        if piece.startswith(b"--"):
            break
        head, separator, content = piece.partition(_CRLF + _CRLF)
        if separator:
            found.append(Part(_content_id(head), content))
    if not found:
        raise ValueError("multipart without a part")
    return found


def _content_id(head: bytes) -> str:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-id":
            return unquote(value.strip().strip("<>"))
    return ""
