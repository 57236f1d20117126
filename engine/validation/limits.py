"""Limits of the documents we read: beyond them a file is taken for an attack, not for a report."""

from __future__ import annotations

import contextlib

from lxml import etree

MAX_BYTES = 50 * 1024 * 1024
MAX_TAGS = 200_000
"""Signs `<` in the bytes, at least as many as tags: the largest official example has 10 390."""
MAX_DEPTH = 256
"""Elements inside one another: libxml2's own limit, which it raises to 2 048 where long texts are allowed."""
MAX_TEXT = 10_000_000
"""Characters of one text, base64 contents excepted: libxml2's own limit."""
MAX_ATTRIBUTE = 200_000
"""Characters of one attribute: some official rules take a time that grows with the square of it."""

_CARRIERS = frozenset({"{urn:hl7-org:v3}value", "{urn:hl7-org:v3}text"})
_CHUNK = 4096
_LONG_ATTRIBUTE = etree.XPath(f"boolean(//@*[string-length(.) > {MAX_ATTRIBUTE}])")


def has_doctype(content: bytes) -> bool:
    """True when the document has a DOCTYPE; nothing of what it declares is read.

    False when the beginning is no XML at all: the parser proper will say so.
    """
    seen = _Beginning()
    parser = etree.XMLParser(
        target=seen,  # type: ignore[arg-type]  # the stubs ask for methods that lxml does without
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    with contextlib.suppress(etree.XMLSyntaxError, _Enough):
        for start in range(0, len(content), _CHUNK):
            parser.feed(content[start : start + _CHUNK])
    return seen.doctype_found


def has_long_attribute(root: etree._Element) -> bool:
    """True when an attribute is longer than MAX_ATTRIBUTE."""
    return bool(_LONG_ATTRIBUTE(root))


def is_too_deep(root: etree._Element) -> bool:
    """True when more than MAX_DEPTH elements stand inside one another."""
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def has_long_text(root: etree._Element) -> bool:
    """True when a text that is no base64 content is longer than MAX_TEXT."""
    return any(
        len(node.tail or "") > MAX_TEXT or (not is_base64(node) and len(node.text or "") > MAX_TEXT)
        for node in root.iter()
    )


def is_base64(node: etree._Element) -> bool:
    """True for an element (`value`, `text`) whose content is announced as base64: a PDF, an image."""
    return node.tag in _CARRIERS and node.get("representation") == "B64"


class _Enough(Exception):
    """The beginning of the document has said what was asked."""


class _Beginning:
    """Target of a parser that stops at the DOCTYPE or at the first element, whichever comes first."""

    def __init__(self) -> None:
        self.doctype_found = False

    def doctype(self, name: str, public_id: str | None, system: str | None) -> None:
        self.doctype_found = True
        raise _Enough

    def start(self, tag: str, attributes: object) -> None:
        raise _Enough

    def close(self) -> None:
        return None
