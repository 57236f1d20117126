"""Character encodings of HPRIM files: nominally ISO 8859-1, in practice anything a laboratory's machine wrote.

The order of certainty is: byte order mark, the sender's own setting, valid UTF-8, then a comparison of the four
single-byte encodings met in French laboratories. A text that was encoded twice is mended only when the way back gives
the very same characters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from engine.formats.hprim.plausibility import plausibility

NOMINAL = "cp1252"
"""Superset of ISO 8859-1, the encoding of the recommendation (HPRIM Santé 2.4)."""

_SINGLE_BYTE = (NOMINAL, "cp850", "cp437", "mac_roman")
_UNDEFINED = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
_CP1252_BYTES = {chr(b): b for b in range(256)}
_CP1252_BYTES |= {bytes([b]).decode(NOMINAL): b for b in range(0x80, 0xA0) if b not in _UNDEFINED}
"""Sign → the byte Windows-1252 or ISO 8859-1 has for it."""
_TWICE = re.compile("[ÂÃÅâ][^\x00-\x7f]")
_STRANGE_MARK = re.compile("[\u0320-\u0326\u0329-\u033f]")
"""Combining marks no French text holds; what UTF-8 makes of MacRoman bytes of a text encoded twice."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file as text, and how it was read."""

    text: str
    """Without byte order mark."""
    encoding: str
    """Python's name of the encoding; `ascii` when the file leaves nothing to decide."""
    guessed: bool
    """True when the bytes do not prove it: another encoding than the nominal one, or a tie."""
    repaired: bool
    """True when the text had been encoded twice (`Ã©`) and was mended."""
    lossy: bool
    """True when some characters are lost, here or before they came here (U+FFFD)."""


def decode(content: bytes, declared: str | None = None) -> Decoded:
    """Read the bytes of an HPRIM file; never raises.

    `declared` is the sender's setting and wins over every guess. A byte order mark wins over it, for it is no guess.
    An encoding name Python does not know is as if none was declared (the configuration refuses such a name).
    """
    marked = _marked(content)
    if marked is not None:
        return marked
    content = content.removeprefix(codecs.BOM_UTF8)
    if declared is not None and (codec := _codec(declared)) is not None:
        return _mended(_declared(content, codec), codec, guessed=False)
    if content.isascii():
        return _wide(content) or _mended(content.decode("ascii"), "ascii", guessed=False)
    text = _utf8(content)
    if text is not None and not _STRANGE_MARK.search(text):
        return _mended(text, "utf-8", guessed=False)
    return _wide(content) or _compared(content)


def _marked(content: bytes) -> Decoded | None:
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return _mended(content[2:].decode(encoding, "replace"), encoding, guessed=False)
    if content.startswith(codecs.BOM_UTF8) and (text := _utf8(content[3:])) is not None:
        return _mended(text, "utf-8", guessed=False)
    return None


def _utf8(content: bytes) -> str | None:
    """The text when the bytes are valid UTF-8; a character cut at the very end of the file is replaced."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and not content[: error.start].isascii()
        return content.decode("utf-8", "replace") if cut else None


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


def _declared(content: bytes, codec: str) -> str:
    if codec == "iso8859-1":
        codec = NOMINAL if re.search(b"[\x80-\x9f]", content) else codec
    try:
        return content.decode(codec, "replace")
    except (LookupError, UnicodeError):
        return content.decode("latin-1")


def _wide(content: bytes) -> Decoded | None:
    """UTF-16 without a byte order mark: one byte of two is nothing."""
    if len(content) < 8 or len(content) % 2:
        return None
    half = len(content) // 2
    for zeros, encoding in ((content[1::2], "utf-16-le"), (content[::2], "utf-16-be")):
        if zeros.count(0) * 10 > half * 9:
            return _mended(content.decode(encoding, "replace"), encoding, guessed=True)
    return None


def _compared(content: bytes) -> Decoded:
    """The single-byte encoding under which the file looks most like French; the nominal one when nothing tells."""
    readings: list[tuple[int, Decoded]] = []
    for encoding in _SINGLE_BYTE:
        reading = _mended(content.decode(encoding, "replace"), encoding, guessed=False)
        readings.append((plausibility(reading.text), reading))
    best = max(score for score, _ in readings)
    winners = [reading for score, reading in readings if score == best]
    chosen = winners[0]
    same = all(reading.text == chosen.text for reading in winners)
    sure = chosen.encoding == NOMINAL and same and not chosen.repaired
    return Decoded(chosen.text, chosen.encoding, not sure, chosen.repaired, chosen.lossy)


def _mended(text: str, encoding: str, *, guessed: bool) -> Decoded:
    text = text.removeprefix("\ufeff")
    mended = _encoded_once(text)
    if mended is not None:
        return Decoded(mended, encoding, guessed, True, "\ufffd" in mended)
    return Decoded(text, encoding, guessed, False, "\ufffd" in text)


def _encoded_once(text: str) -> str | None:
    """The text before UTF-8 was taken for Windows-1252; None when it was not, or when the way back is not exact."""
    if not _TWICE.search(text):
        return None
    try:
        mended = bytes(_CP1252_BYTES[sign] for sign in text).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return None
    return mended if plausibility(mended) > plausibility(text) else None
