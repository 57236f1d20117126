"""One way to read what a scanner typed: its signs, what surrounds the data, and tokens that lose nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from engine.findings import Finding
from engine.identity.datamatrix import GS
from engine.scan.keyboard import Layout, signs
from engine.scan.rules import finding

LONGEST = 2000
"""Signs; a datamatrix holds fewer, whatever a scanner adds."""
_SEPARATOR = re.compile(
    r"<(?:GS|FNC1|RS|FS)>|\{(?:GS|FNC1)\}|\[(?:GS|FNC1)\]|\\x1d|\\u001d|\^\]|\r\n|[\t\r\n\x1c-\x1f\u241d\u241e|~]",
    re.IGNORECASE,
)
"""GS as scanners transmit it, or what they are set to send in its place; no sign of it may stand in a value."""
_BEFORE = re.compile(r"[\x00-\x20\x7f\xa0\ufeff]*(\][A-Za-z][0-9])?[\x00-\x20\x7f\xa0]*")
_AFTER = re.compile(r"[\x00-\x20\x7f\xa0]*\Z")


class TokenKind(StrEnum):
    AROUND = "around"
    """What the scanner adds: prefix, symbology identifier, end of line."""
    HEAD = "head"
    IDENTIFIER = "identifier"
    VALUE = "value"
    SEPARATOR = "separator"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of what was typed; the `raw` of all of them, joined, is the text."""

    kind: TokenKind
    raw: str
    read: str
    """The same piece, read; GS for any separator."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was typed, read by one layout: sign for sign, GS for every separator."""

    layout: Layout
    text: str
    raws: tuple[str, ...]
    """What was typed for each sign of `text`."""
    start: int
    """Where the data begins, after what the scanner adds."""
    end: int

    def token(self, kind: TokenKind, start: int, end: int) -> Token:
        return Token(kind, "".join(self.raws[start:end]), self.text[start:end])


def reading(typed: str, layout: Layout) -> Reading:
    """The typed text read by a layout, separators recognised and the surroundings found."""
    read = signs(typed, layout)
    plain = "".join(sign.read for sign in read)
    text, raws, done = [], [], 0
    for match in _SEPARATOR.finditer(plain):
        text += list(plain[done : match.start()])
        raws += [sign.raw for sign in read[done : match.start()]]
        text.append(GS)
        raws.append("".join(sign.raw for sign in read[match.start() : match.end()]))
        done = match.end()
    text += list(plain[done:])
    raws += [sign.raw for sign in read[done:]]
    whole = "".join(text)
    before = _BEFORE.match(whole)
    start = before.end() if before else 0
    after = _AFTER.search(whole, start)
    return Reading(layout, whole, tuple(raws), start, after.start() if after else len(whole))


_KEYBOARD = {
    Layout.CAPS_LOCK: ("scan.keyboard_caps_lock",),
    Layout.AZERTY_CAPS: ("scan.keyboard_caps_lock",),
    Layout.QWERTY_TO_AZERTY: ("scan.keyboard_qwerty",),
    Layout.QWERTY_TO_AZERTY_CAPS: ("scan.keyboard_qwerty", "scan.keyboard_caps_lock"),
    Layout.AZERTY_TO_QWERTY: ("scan.keyboard_azerty",),
    Layout.AZERTY_TO_QWERTY_CAPS: ("scan.keyboard_azerty", "scan.keyboard_caps_lock"),
}


def keyboard_findings(layout: Layout) -> tuple[Finding, ...]:
    """What is set wrong, when a text could be read only by another layout."""
    return tuple(finding(code) for code in _KEYBOARD.get(layout, ()))


def size_findings(typed: str) -> tuple[Finding, ...]:
    """Why a text is not read at all: nothing in it, or far too much."""
    if not typed.strip():
        return (finding("scan.empty"),)
    return (finding("scan.too_long"),) if len(typed) > LONGEST else ()
