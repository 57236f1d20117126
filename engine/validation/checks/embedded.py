"""Contents carried in base64 (PDF, images): they must decode, and be of the kind announced.

IHE ITI XDS-SD and the CI-SIS PDF copy (section 1.2.250.1.213.1.1.2.243) announce `mediaType` with
`representation="B64"`; no official layer looks inside.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.remark import error, warning
from engine.validation.document import HL7, NS

_KINDS = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/tiff": (b"II*\x00", b"MM\x00*"),
    "text/rtf": (b"{\\rtf",),
}
_HEAD = 64
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPACES = b" \t\r\n"


def embedded_content(cda: etree._Element) -> Iterator[Finding]:
    """Every `value` and `text` with `representation="B64"`, and the body of a level 1 document."""
    for element in cda.iter(f"{{{HL7}}}value", f"{{{HL7}}}text"):
        if element.get("representation") == "B64":
            yield from _content(element)
    yield from _level_1_body(cda)


def _content(element: etree._Element) -> Iterator[Finding]:
    if element.find("cda:reference", NS) is not None and not (element.text or "").strip():
        return
    content = _decoded(element.text or "")
    if content is None:
        yield error(
            "base64",
            element,
            "Le fichier joint (PDF ou image) est illisible : son codage base64 est faux.",
            "Le logiciel émetteur doit joindre le fichier de nouveau.",
        )
    elif not content:
        yield error("embedded_empty", element, "Le fichier joint est vide.", "Joindre de nouveau le fichier.")
    else:
        yield from _kind(element, content)


def _kind(element: etree._Element, content: bytes) -> Iterator[Finding]:
    announced = element.get("mediaType") or ""
    expected = _KINDS.get(announced)
    if expected is None or content.startswith(expected):
        return
    is_image = announced.startswith("image/") and any(
        content.startswith(signs) for kind, signs in _KINDS.items() if kind.startswith("image/")
    )
    say = warning if is_image else error
    yield say(
        "embedded_kind",
        element,
        f"Le fichier joint n’est pas du type annoncé ({announced}).",
        "Joindre le bon fichier, ou corriger mediaType.",
    )


def _level_1_body(cda: etree._Element) -> Iterator[Finding]:
    text = cda.find("cda:component/cda:nonXMLBody/cda:text", NS)
    if text is None or text.get("representation") == "B64":
        return
    if (text.get("mediaType") or "") == "application/pdf":
        yield error(
            "body_representation",
            text,
            "Le PDF du document n’est pas annoncé comme codé en base64.",
            'Ajouter representation="B64" et coder le PDF en base64.',
        )


def _decoded(text: str) -> bytes | None:
    """The first bytes of a content, the whole of which is verified; None when it is no base64 (RFC 4648, 4)."""
    try:
        written = text.encode("ascii")
    except UnicodeEncodeError:
        return None
    others = written.translate(None, _ALPHABET + _SPACES)
    length = len(written) - sum(written.count(space) for space in _SPACES)
    end = written[written.find(b"=") :].translate(None, _SPACES) if others else b""
    if others not in (b"", b"=", b"==") or end != others or length % 4:
        return None
    head = written[: 8 * _HEAD].translate(None, _SPACES)
    if len(head) < 2 * _HEAD:  # a short file, or much white space
        head = written.translate(None, _SPACES)
    return base64.b64decode(head[: len(head) // 4 * 4])[:_HEAD]
