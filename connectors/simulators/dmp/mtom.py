"""MTOM/XOP messages (W3C XOP 1.0, RFC 2387): reading a request strictly, writing an answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from email.message import Message
from urllib.parse import unquote

from connectors.simulators.dmp.soap import SoapFault


@dataclass(frozen=True, slots=True)
class Packet:
    """The root part, and the binary parts by Content-ID without its angle brackets."""

    root: bytes
    parts: dict[str, bytes]


def packet(content_type: str, body: bytes) -> Packet:
    """Read a request body of any allowed type. Raises SoapFault."""
    parameters = _parameters(content_type)
    media_type = parameters.pop("")
    if media_type == "application/soap+xml":
        return Packet(body, {})
    if media_type != "multipart/related":
        raise SoapFault("type de contenu inattendu")
    if parameters.get("type") != "application/xop+xml" or parameters.get("start-info") != "application/soap+xml":
        raise SoapFault("multipart/related : type application/xop+xml et start-info application/soap+xml attendus")
    boundary = parameters.get("boundary", "")
    if not boundary or len(boundary) > 70:
        raise SoapFault("multipart/related : boundary absent ou trop long")
    parts = [_part(block) for block in _blocks(body, b"--" + boundary.encode("latin-1"))]
    ids = [headers.get("content-id", "") for headers, _ in parts]
    if len(set(ids)) != len(ids) or any(not (i.startswith("<") and i.endswith(">")) for i in ids[1:]):
        raise SoapFault("Content-ID absent, mal formé ou répété")
    start = parameters.get("start", ids[0])
    if start not in ids:
        raise SoapFault("la partie racine annoncée (start) manque")
    root = ids.index(start)
    _check_root(parts[root][0])
    binary = {}
    for position, (headers, content) in enumerate(parts):
        if position != root:
            if headers.get("content-transfer-encoding", "").lower() != "binary":
                raise SoapFault("Content-Transfer-Encoding binary attendu")
            binary[ids[position][1:-1]] = content
    return Packet(parts[root][1], binary)


def content_id(href: str) -> str:
    """`cid:…` of an xop:Include → Content-ID; empty when it is no cid."""
    return unquote(href.removeprefix("cid:")) if href.startswith("cid:") else ""


def multipart(envelope: bytes) -> tuple[str, bytes]:
    """(Content-Type, body) of an answer that holds an envelope alone."""
    boundary = f"MIMEBoundary-{uuid.uuid4()}"
    start = f"<root-{uuid.uuid4()}@dmp.invalid>"
    content_type = (
        f'multipart/related; type="application/xop+xml"; boundary="{boundary}"; start="{start}"; '
        'start-info="application/soap+xml"'
    )
    head = (
        f"--{boundary}\r\n"
        'Content-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\n'
        f"Content-Transfer-Encoding: binary\r\nContent-ID: {start}\r\n\r\n"
    )
    return content_type, head.encode() + envelope + f"\r\n--{boundary}--\r\n".encode()


def _parameters(content_type: str) -> dict[str, str]:
    """Parameters of a Content-Type by lower-case name; the media type under the empty name."""
    message = Message()
    message["content-type"] = content_type
    found = message.get_params(failobj=[], header="content-type", unquote=True)
    return {("" if not n else name.lower()): value for n, (name, value) in enumerate(found)} | {
        "": message.get_content_type() if content_type else ""
    }


def _blocks(body: bytes, delimiter: bytes) -> list[bytes]:
    opening = delimiter + b"\r\n"
    if body.startswith(opening):
        body = b"\r\n" + body
    pieces = body.split(b"\r\n" + delimiter)
    if len(pieces) < 3 or pieces[0].strip() or not pieces[-1].startswith(b"--") or pieces[-1][2:].strip():
        raise SoapFault("multipart/related mal formé ou tronqué")
    if any(not piece.startswith(b"\r\n") for piece in pieces[1:-1]):
        raise SoapFault("multipart/related mal formé")
    return [piece[2:] for piece in pieces[1:-1]]


def _part(block: bytes) -> tuple[dict[str, str], bytes]:
    head, separator, content = block.partition(b"\r\n\r\n")
    if not separator:
        raise SoapFault("partie sans en-têtes")
    headers = {}
    for line in head.decode("latin-1").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise SoapFault("en-tête de partie mal formé")
        headers[name.strip().lower()] = value.strip()
    return headers, content


def _check_root(headers: dict[str, str]) -> None:
    parameters = _parameters(headers.get("content-type", ""))
    if parameters[""] != "application/xop+xml" or parameters.get("type") != "application/soap+xml":
        raise SoapFault("partie racine : application/xop+xml de type application/soap+xml attendu")
