"""Typst as a pure function: a template of this folder and JSON-like data in, the bytes of a PDF/A-1b out."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from unicodedata import bidirectional, category

import font_source_sans_pro
import typst

from engine.model.values import Timestamp

Data = str | bool | int | Sequence["Data"] | Mapping[str, "Data"]
"""What a template receives: text stays text, nothing in it is ever read as markup."""

_TEMPLATES = Path(__file__).resolve().parent
_FONT_FILES = Path(font_source_sans_pro.__file__).resolve().parent / "files"
_FACES = ("Regular", "Semibold", "Bold", "It")
_LINE_BREAKS = str.maketrans(dict.fromkeys("\r\v\f\u2028\u2029", "\n"))
_BEYOND_OUR_FONTS = 0x2E80
"""First code point of the CJK blocks: from here on, only the signs of `_FAR_SIGNS` are in our fonts."""
_FAR_SIGNS = frozenset("\ufb01\ufb02\ufffd")
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_PROBE = b"""#set page(width: 9cm, height: 9cm)
#set text(font: ("Source Sans Pro", "DejaVu Sans Mono"))
#for face in ((400, "normal"), (600, "normal"), (700, "normal"), (400, "italic")) {
  text(weight: face.at(0), style: face.at(1), sys.inputs.at("sign"))
}"""

_compiling = Lock()


def pdf_a(template: str, data: Mapping[str, Data], created_at: Timestamp) -> bytes:
    """The PDF/A-1b (ISO 19005-1, level B) of a template of this folder. Same arguments, same bytes.

    `created_at` becomes the file's creation date. Raises typst.TypstError only for a fault of the template.
    """
    shown = json.dumps(printable(data), ensure_ascii=True)
    compiler = _compiler()
    with _compiling:
        pdf = compiler.compile(
            input=_TEMPLATES / template,
            sys_inputs={"data": shown},
            format="pdf",
            pdf_standards="a-1b",
            timestamp=int(created_at.instant().timestamp()),
        )
    if not isinstance(pdf, bytes):
        raise TypeError("typst gave no PDF")
    return pdf


def printable(data: Data) -> Data:
    """The same data with every sign that cannot be shown written as `[U+001B]`: none is dropped, none is a box."""
    if isinstance(data, str):
        return _printable_text(data)
    if isinstance(data, Mapping):
        return {key: printable(value) for key, value in data.items()}
    if isinstance(data, Sequence):
        return [printable(value) for value in data]
    return data


def _printable_text(text: str) -> str:
    lines = text.replace("\r\n", "\n").translate(_LINE_BREAKS).expandtabs(8)
    if lines.isascii() and lines.isprintable():
        return lines
    return "".join(sign if sign == "\n" or displayable(sign) else f"[U+{ord(sign):04X}]" for sign in lines)


@lru_cache(maxsize=16384)
def displayable(sign: str) -> bool:
    """Whether a sign can be shown as it is: our fonts have it, and it does not act on the signs around it.

    Right-to-left letters are not: they would change the order in which figures beside them are read.
    """
    if category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") or bidirectional(sign) in _RIGHT_TO_LEFT:
        return False
    if ord(sign) < 0x7F:
        return True
    if ord(sign) >= _BEYOND_OUR_FONTS and sign not in _FAR_SIGNS:
        return False
    return _has_glyph(sign)


def _has_glyph(sign: str) -> bool:
    """PDF/A-2b forbids the missing-glyph box that PDF/A-1b lets through, so the writer itself answers."""
    compiler = _compiler()
    with _compiling:
        try:
            compiler.compile(input=_PROBE, sys_inputs={"sign": sign}, format="pdf", pdf_standards="a-2b")
        except typst.TypstError:
            return False
    return True


@cache
def _compiler() -> typst.Compiler:
    """One compiler per process, with Source Sans Pro and the fonts inside typst, never those of the machine.

    The package holds each face twice (otf, ttf): a folder with one of each makes the choice the same everywhere.
    """
    with tempfile.TemporaryDirectory(prefix="passeur-fonts-") as folder:
        for face in _FACES:
            shutil.copy(_FONT_FILES / f"SourceSansPro-{face}.ttf", folder)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])
        compiler = typst.Compiler(root=_TEMPLATES, font_paths=fonts)
        # Faces are read on first use: use each now, before the folder goes.
        compiler.compile(input=_PROBE, sys_inputs={"sign": "é"}, format="pdf")
    return compiler
