"""Character sets of a message: what MSH-18 says (HL7 table 0211), checked against the bytes.

A declared set that the bytes contradict is not believed: a French name read in the wrong set is another name. UTF-8 is
taken wherever all the bytes are UTF-8 and some are not ASCII, for no French text looks so by chance; Windows-1252 is
taken for an ISO 8859 set that uses signs that set does not have.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

UTF_8 = "utf-8"
ISO_8859_1 = "iso8859-1"
ISO_8859_15 = "iso8859-15"
WINDOWS_1252 = "cp1252"
ASCII = "ascii"

_TABLE_0211 = {
    "ASCII": ASCII,
    "8859/1": ISO_8859_1,
    "8859/2": "iso8859-2",
    "8859/3": "iso8859-3",
    "8859/4": "iso8859-4",
    "8859/5": "iso8859-5",
    "8859/7": "iso8859-7",
    "8859/9": "iso8859-9",
    "8859/15": ISO_8859_15,
    "UNICODE UTF-8": UTF_8,
}
_ALIASES = {
    "UTF-8": UTF_8,
    "UTF8": UTF_8,
    "UNICODE": UTF_8,
    "UNICODE UTF8": UTF_8,
    "ISO-8859-1": ISO_8859_1,
    "ISO8859-1": ISO_8859_1,
    "LATIN1": ISO_8859_1,
    "ISO-8859-15": ISO_8859_15,
    "ISO8859-15": ISO_8859_15,
    "WINDOWS-1252": WINDOWS_1252,
    "CP1252": WINDOWS_1252,
}
_CONTROLS = bytes(range(0x80, 0xA0))
_FRENCH_UTF_8 = re.compile(rb"\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xc5[\x92\x93]|\xe2[\x80-\x84][\x80-\xbf]")
"""Accents, ligatures and quotes in UTF-8: pairs no French text in a single-byte set has."""
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Charset:
    """The character set a message is read in."""

    codec: str
    """Python's name."""
    doubt: str = ""
    """Code of the finding that says why it is not simply the declared one; empty when it is."""


def codec(declared: str) -> str | None:
    """Python's name of a character set of table 0211, or of a common misspelling; None when it is not one we read."""
    name = " ".join(declared.upper().split())
    return _TABLE_0211.get(name) or _ALIASES.get(name)


def table_0211(name: str) -> str | None:
    """The contrary of `codec`: how MSH-18 says it; None for a set the table has not (Windows-1252)."""
    return next((code for code, one in _TABLE_0211.items() if one == name), None)


def charset(content: bytes, declared: str) -> Charset:
    """The set to read `content` in; `declared` is MSH-18, empty when it was not sent."""
    known = codec(declared)
    if content.isascii():
        if known is None:
            return Charset(UTF_8, "hl7v2.charset_unknown" if declared else "")
        return Charset(known)
    found, pure = _found(content, known)
    if known is None:
        return Charset(found, "hl7v2.charset_unknown" if declared else "hl7v2.charset_guessed")
    return Charset(found, "" if pure and found == known else "hl7v2.charset_contradicted")


def _found(content: bytes, known: str | None) -> tuple[str, bool]:
    """The set, and whether all the bytes are in it."""
    if _is_utf_8(content):
        return UTF_8, True
    if known in {ISO_8859_1, ISO_8859_15}:
        return (WINDOWS_1252 if _has_any(content, _CONTROLS) else known), True
    if known is None or known in {UTF_8, ASCII}:
        return (UTF_8, False) if _FRENCH_UTF_8.search(content) else (WINDOWS_1252, True)
    return known, True


def _has_any(content: bytes, signs: bytes) -> bool:
    return any(content.find(sign) >= 0 for sign in signs)


def _is_utf_8(content: bytes) -> bool:
    """Chunk by chunk: a ten-megabyte message is not copied."""
    decoder = codecs.getincrementaldecoder(UTF_8)()
    view = memoryview(content)
    try:
        for start in range(0, len(view), _CHUNK):
            decoder.decode(view[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decoded(raw: bytes, name: str) -> str:
    """Text of a value. A value that is not UTF-8 in a message that otherwise is: Windows-1252 when all of it may be.

    Bytes no set explains become U+FFFD, never a character that was not sent.
    """
    if name != UTF_8:
        return raw.decode(name, "replace")
    try:
        return raw.decode(UTF_8)
    except UnicodeDecodeError:
        return raw.decode(UTF_8 if _FRENCH_UTF_8.search(raw) else WINDOWS_1252, "replace")


_PLAIN = {
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "•": "-",
    "\u202f": " ",
    "\u2009": " ",
}


def writable(text: str, name: str) -> str:
    """The text with typographic signs that the set has not written plainly; nothing that changes a value is touched.

    Raises UnicodeEncodeError for any other sign the set has not: nothing is dropped silently.
    """
    plain = _plainly(text, name)
    plain.encode(name)
    return plain


def shown(text: str, name: str) -> str:
    """As `writable`, for words that no value depends on: any other sign the set has not becomes `?`."""
    return _plainly(text, name).encode(name, "replace").decode(name)


def _plainly(text: str, name: str) -> str:
    if name == UTF_8 or text.isascii():
        return text
    return "".join(sign if _has(name, sign) else _PLAIN.get(sign, sign) for sign in text)


@lru_cache(maxsize=4096)
def _has(name: str, sign: str) -> bool:
    try:
        sign.encode(name)
    except UnicodeEncodeError:
        return False
    return True
