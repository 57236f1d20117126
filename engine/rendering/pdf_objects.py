"""What the objects of a PDF hold, wherever they hide: fonts, actions, files, transparency."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import pikepdf

MAX_OBJECTS = 200_000
_BESIDE_THE_PAGES = frozenset({"/Parent", "/P", "/StructTreeRoot", "/ParentTree"})
"""Ways back up and the logical structure: nothing there is drawn or done that is not reached otherwise."""
_SCRIPTS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/Rendition", "/Movie", "/Sound", "/RichMediaExecute"})
_ELSEWHERE = frozenset({"/GoToR", "/GoToE", "/SubmitForm", "/Thread"})
_OPAQUE_MODES = frozenset({"/Normal", "/Compatible"})
_FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")
_WITHOUT_FILE = frozenset({"/Type0", "/Type3"})
"""Type 0 has its file in its descendants; type 3 is drawn by the document itself."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found; names are PDF's own, never words of the document."""

    fonts_not_embedded: tuple[str, ...]
    scripts: tuple[str, ...]
    external_references: tuple[str, ...]
    transparency: tuple[str, ...]
    embedded_files: bool
    lzw: bool
    truncated: bool
    """True when there were more than MAX_OBJECTS objects and the walk stopped."""


@dataclass(slots=True)
class _Notes:
    """Names in the order they are met, each once."""

    fonts: dict[str, None] = field(default_factory=dict)
    scripts: dict[str, None] = field(default_factory=dict)
    elsewhere: dict[str, None] = field(default_factory=dict)
    transparency: dict[str, None] = field(default_factory=dict)
    embedded: bool = False
    lzw: bool = False


def survey(pdf: pikepdf.Pdf) -> Survey:
    """Walk every object that the catalogue reaches, each once, and note what matters."""
    notes = _Notes()
    seen: set[tuple[int, int]] = set()
    waiting: list[pikepdf.Object] = [pdf.Root]
    count = 0
    while waiting and count < MAX_OBJECTS:
        found = waiting.pop()
        if found.is_indirect:
            if found.objgen in seen:
                continue
            seen.add(found.objgen)
        count += 1
        if isinstance(found, pikepdf.Array):
            waiting.extend(_objects(list(found)))
        elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
            entries = dict(found.items())
            _note(entries, isinstance(found, pikepdf.Stream), notes)
            waiting.extend(_objects([value for key, value in entries.items() if key not in _BESIDE_THE_PAGES]))
    return Survey(
        fonts_not_embedded=tuple(notes.fonts),
        scripts=tuple(notes.scripts),
        external_references=tuple(notes.elsewhere),
        transparency=tuple(notes.transparency),
        embedded_files=notes.embedded,
        lzw=notes.lzw,
        truncated=bool(waiting),
    )


def _objects(values: list[object]) -> Iterator[pikepdf.Object]:
    return (value for value in values if isinstance(value, pikepdf.Array | pikepdf.Dictionary | pikepdf.Stream))


Entries = Mapping[str, object]


def _note(entries: Entries, is_stream: bool, notes: _Notes) -> None:
    _note_fonts(entries, notes)
    _note_actions(entries, notes)
    _note_transparency(entries, notes)
    if "/EF" in entries or "/EmbeddedFiles" in entries or _name(entries, "/Subtype") == "/FileAttachment":
        notes.embedded = True
    if is_stream:
        if "/F" in entries:
            notes.elsewhere["Stream/F"] = None
        if any(name in ("/LZWDecode", "/LZW") for name in _names(entries.get("/Filter"))):
            notes.lzw = True
    if "/Ref" in entries and _name(entries, "/Subtype") == "/Form":
        notes.elsewhere["Ref"] = None


def _note_fonts(entries: Entries, notes: _Notes) -> None:
    """Fonts by their place in resources, and by their type wherever they are."""
    resources = entries.get("/Font")
    fonts = list(dict(resources.items()).values()) if isinstance(resources, pikepdf.Dictionary) else []
    found: list[Entries] = [dict(font.items()) for font in fonts if isinstance(font, pikepdf.Dictionary)]
    if _name(entries, "/Type") == "/Font":
        found.append(entries)
    for font in found:
        if not _embedded(font):
            notes.fonts[_name(font, "/BaseFont").lstrip("/") or "police sans nom"] = None


def _embedded(font: Entries) -> bool:
    if _name(font, "/Subtype") in _WITHOUT_FILE:
        return True
    descriptor = font.get("/FontDescriptor")
    if not isinstance(descriptor, pikepdf.Dictionary):
        return False
    return any(isinstance(descriptor.get(key), pikepdf.Stream) for key in _FONT_FILES)


def _note_actions(entries: Entries, notes: _Notes) -> None:
    kind = _name(entries, "/S")
    if kind in _SCRIPTS:
        notes.scripts[kind.lstrip("/")] = None
    if "/JS" in entries or "/JavaScript" in entries:
        notes.scripts["JavaScript"] = None
    if "/XFA" in entries:
        notes.scripts["XFA"] = None
    if kind in _ELSEWHERE:
        notes.elsewhere[kind.lstrip("/")] = None
    if _name(entries, "/Subtype") in ("/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"):
        notes.scripts[_name(entries, "/Subtype").lstrip("/")] = None


def _note_transparency(entries: Entries, notes: _Notes) -> None:
    """ISO 19005-1, 6.4: no soft mask, no blend mode, no constant below 1, no transparency group."""
    if "/SMask" in entries and _name(entries, "/SMask") != "/None":
        notes.transparency["SMask"] = None
    if _name(entries, "/S") == "/Transparency":
        notes.transparency["Group"] = None
    modes = _names(entries.get("/BM"))
    if any(mode not in _OPAQUE_MODES for mode in modes):
        notes.transparency["BM"] = None
    notes.transparency.update({key[1:]: None for key in ("/CA", "/ca") if _below_one(entries.get(key))})


def _below_one(value: object) -> bool:
    """A number other than 1; /CA is also a caption, a text, in form fields."""
    return isinstance(value, int | float | Decimal) and value != 1


def _name(entries: Entries, key: str) -> str:
    """A name of the dictionary, `/Font`; empty for anything else."""
    value = entries.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _names(value: object) -> list[str]:
    if isinstance(value, pikepdf.Name):
        return [str(value)]
    if isinstance(value, pikepdf.Array):
        return [str(entry) for entry in list(value) if isinstance(entry, pikepdf.Name)]
    return []
