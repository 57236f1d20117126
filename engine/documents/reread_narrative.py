"""What a reader of the narrative blocks sees, read back from the bytes, in order, section by section."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.cda import wording
from engine.documents.facts import plain

_V3 = "{urn:hl7-org:v3}"
_NS = {"h": "urn:hl7-org:v3"}
_PUNCTUATION = frozenset({"", ",", "(", ")"})
_CHAPTER = "1.3.6.1.4.1.19376.1.3.3.2.1"

Node = etree._Element


def _vocabulary() -> frozenset[str]:
    words: set[str] = set()
    for value in vars(wording).values():
        words.update({value} if isinstance(value, str) else value if isinstance(value, tuple) else ())
    return frozenset(words)


_OUR_WORDS = _vocabulary()


def shown_in(root: Node) -> dict[str, list[str]]:
    """By path of section; words neither ours nor inside `content` are given too: nobody should have put them."""
    shown: dict[str, list[str]] = {}
    number = 0
    for section in root.findall("h:component/h:structuredBody/h:component/h:section", _NS):
        code = section.find("h:code", _NS)
        kind = None if code is None else code.get("code")
        if section.find(f"h:templateId[@root='{_CHAPTER}']", _NS) is not None:
            number += 1
            for rank, act in enumerate(section.findall("h:component/h:section", _NS), 1):
                shown[f"chapter[{number}].act[{rank}]"] = _words(act)
        elif kind == "42349-1":
            shown["reason"] = _words(section)
        elif words := _words(section):
            shown.setdefault("comments", []).extend(words)
    return shown


def _words(section: Node) -> list[str]:
    text = section.find("h:text", _NS)
    return [] if text is None else [word for word in _read(text) if word]


def _read(node: Node) -> Iterator[str]:
    yield _loose(node.text)
    for child in node:
        if child.tag == f"{_V3}content":
            yield from _content(child)
        elif child.tag == f"{_V3}th":
            yield _unless_ours(_flat(child))
        else:
            yield from _read(child)
        yield _loose(child.tail)


def _content(node: Node) -> Iterator[str]:
    words = _flat(node)
    yield _unless_ours(words) if node.get("styleCode") == "Italics" else words


def _unless_ours(words: str) -> str:
    return "" if words in _OUR_WORDS else words


def _loose(text: str | None) -> str:
    words = plain((text or "").replace("\n", " "))
    return "" if words in _PUNCTUATION else words


def _flat(node: Node) -> str:
    pieces = [(node.text or "").replace("\n", " ")]
    for child in node.iterdescendants():
        pieces.append("\n" if child.tag == f"{_V3}br" else (child.text or "").replace("\n", " "))
        pieces.append((child.tail or "").replace("\n", " "))
    return plain("".join(pieces))
