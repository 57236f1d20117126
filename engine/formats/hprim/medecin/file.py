"""The grammar of an HPRIM Médecin file: dossiers, each with its header, its page of text and its block of results.

`file := dossier+ ****FINFICHIER****`, `dossier := header(12 lines) text* [ ****LAB**** line* ] ****FIN****`
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.findings import Finding
from engine.formats.hprim.medecin.dates import looks_like_date
from engine.formats.hprim.medecin.lines import Line, lines
from engine.formats.hprim.policy import finding

HEADER_LINES = 12
_MARKER = re.compile(r"^\*{4}(LAB|FIN|FINFICHIER)\*{4}$")
_RECORD = re.compile(r"^\s*RES\|.*\|", re.IGNORECASE)
_NIR = re.compile(r"^\s*[1-478]\d{4}[\dAB]{2}\d{6}(?: ?\d{2})?\s*$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dossier:
    """One patient's report, as lines."""

    header: tuple[Line, ...]
    """Twelve lines; fewer when the file holds no more (`hprim.header_incomplete`)."""
    text: tuple[Line, ...]
    """The page of text."""
    block: tuple[Line, ...]
    """Lines after `****LAB****`."""
    ended: bool
    """True when its own `****FIN****` was there."""


@dataclass(frozen=True, slots=True)
class MedecinFile:
    """A whole file. `lines` are all its lines, so that what came in can be given back."""

    lines: tuple[Line, ...]
    dossiers: tuple[Dossier, ...]
    findings: tuple[Finding, ...]
    """About the file's grammar only."""


def medecin_file(text: str) -> MedecinFile:
    """Read a file. Never fails: what breaks the grammar is a finding."""
    tokens = lines(text)
    found: list[Finding] = []
    end = next((place for place, line in enumerate(tokens) if marker(line) == "FINFICHIER"), None)
    found += _after_end(tokens[end + 1 :] if end is not None else ())
    inside = tokens[:end] if end is not None else tokens
    found += _indented(tokens)
    dossiers: list[Dossier] = []
    for segment, ended in _segments(inside):
        dossier, remarks = _dossier(segment, ended, first=not dossiers, closed=end is not None)
        dossiers += [dossier] if dossier is not None else []
        found += remarks
    found += _missing_ends(dossiers, closed=end is not None)
    if not any(line for line in tokens if not line.blank):
        found.append(finding("hprim.empty"))
    elif not dossiers and not found:
        found.append(finding("hprim.header_incomplete", "H", line=1))
    return MedecinFile(tokens, tuple(dossiers), tuple(found))


def marker(line: Line) -> str | None:
    """LAB, FIN or FINFICHIER when the line is a marker, however indented or written."""
    match = _MARKER.match(line.text.strip(" \t\x00\x0c\x1a\u00a0").upper())
    return match.group(1) if match else None


def _segments(inside: tuple[Line, ...]) -> list[tuple[tuple[Line, ...], bool]]:
    """Stretches of lines, each with whether a `****FIN****` closes it; the last one may be open."""
    found: list[tuple[tuple[Line, ...], bool]] = []
    start = 0
    for place, line in enumerate(inside):
        if marker(line) == "FIN":
            found.append((inside[start:place], True))
            start = place + 1
    if any(not line.blank for line in inside[start:]) or (not found and start == 0):
        found.append((inside[start:], False))
    return found


def _dossier(
    segment: tuple[Line, ...], ended: bool, *, first: bool, closed: bool
) -> tuple[Dossier | None, list[Finding]]:
    """The dossier a stretch holds; None when it is only stray text or a repeated marker."""
    filled = [line for line in segment if not line.blank]
    if not filled:
        if first and not ended:
            return None, []
        where = segment[0].number if segment else None
        return None, [finding("hprim.duplicate_end_markers", "FIN", line=where)]
    lab = next((place for place, line in enumerate(segment) if marker(line) == "LAB"), None)
    aligned = _aligned(segment)
    if not first and not _is_dossier(filled, lab is not None, aligned is not None, ended):
        return None, [
            finding("hprim.text_between_ends" if closed else "hprim.end_missing", "FIN", line=filled[0].number)
        ]
    start = aligned if aligned is not None else _start(segment, first)
    body = segment[start:]
    lab = lab - start if lab is not None else None
    head = body[: min(HEADER_LINES, lab if lab is not None else HEADER_LINES)]
    cut = lab if lab is not None else _first_record(body, len(head))
    dossier = Dossier(head, body[len(head) : cut], body[cut + 1 if lab is not None else cut :], ended)
    remarks = (
        []
        if len(head) == HEADER_LINES
        else [finding("hprim.header_incomplete", "H", line=head[0].number if head else None)]
    )
    if lab is None and dossier.block:
        remarks.append(finding("hprim.lab_marker_missing", "LAB", line=dossier.block[0].number))
    merged = _merged(dossier)
    remarks += [finding("hprim.dossiers_merged", "FIN", line=merged)] if merged is not None else []
    return dossier, remarks


def _first_record(body: tuple[Line, ...], start: int) -> int:
    """Where the block begins when its `****LAB****` was lost: at the first RES line; the end when there is none."""
    places = (place for place in range(start, len(body)) if _RECORD.match(body[place].text))
    return next(places, len(body))


def _is_dossier(filled: list[Line], has_block: bool, has_date: bool, ended: bool) -> bool:
    """Whether what stands after a `****FIN****` is another report: when in doubt it is, and will be refused."""
    return has_block or has_date or (ended and len(filled) > 1)


def _aligned(segment: tuple[Line, ...]) -> int | None:
    """Number of blank lines to leave before the header for its seventh line to be a date; None when there is none."""
    for start in range(len(segment)):
        if start + 6 < len(segment) and looks_like_date(segment[start + 6].text):
            return start
        if not segment[start].blank:
            return None
    return None


def _start(segment: tuple[Line, ...], first: bool) -> int:
    """Without a date to go by: the first line of the file, or the first filled one after another dossier."""
    if first:
        return 0
    return next(place for place, line in enumerate(segment) if not line.blank)


def _merged(dossier: Dossier) -> int | None:
    """Line where another patient's header stands inside this dossier, because a `****FIN****` was lost."""
    if len(dossier.header) < HEADER_LINES:
        return None
    sender = dossier.header[10].text.strip()
    rest = dossier.text + dossier.block
    for place, line in enumerate(rest):
        if marker(line) == "LAB":
            return line.number
        follows = rest[place + 4].text.strip() if place + 4 < len(rest) else ""
        numbered = place + 1 < len(rest) and _NIR.match(rest[place + 1].text) is not None
        if looks_like_date(line.text) and (numbered or (sender and follows == sender)):
            return line.number
    return None


def _after_end(rest: tuple[Line, ...]) -> list[Finding]:
    """What is said of lines after `****FINFICHIER****`, which are never read."""
    found: list[Finding] = []
    texts = [line for line in rest if not line.blank and marker(line) is None]
    marks = [line for line in rest if marker(line) is not None]
    if any(marker(line) == "LAB" for line in marks) or _header_in(rest):
        found.append(finding("hprim.dossier_after_end", "FINFICHIER", line=rest[0].number))
    if texts:
        found.append(finding("hprim.text_after_fin", "FINFICHIER", line=texts[0].number))
    if marks:
        found.append(finding("hprim.duplicate_end_markers", "FINFICHIER", line=marks[0].number))
    return found


def _header_in(rest: tuple[Line, ...]) -> bool:
    """A date alone on a line with six lines before it and five after: maybe a header."""
    return any(looks_like_date(line.text) for line in rest[6:-5])


def _indented(tokens: tuple[Line, ...]) -> list[Finding]:
    odd = [line for line in tokens if marker(line) and line.text[:1] != "*"]
    return [finding("hprim.marker_indented", "LAB", line=odd[0].number)] if odd else []


def _missing_ends(dossiers: list[Dossier], *, closed: bool) -> list[Finding]:
    open_ones = [dossier for dossier in dossiers if not dossier.ended]
    if not closed:
        return [finding("hprim.end_missing" if open_ones or not dossiers else "hprim.finfichier_missing", "FINFICHIER")]
    return []
