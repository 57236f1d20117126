"""A vendor's mapping sheet: its own kinds of documents → documents of the catalogue. CSV out, filled in, CSV in.

`host_kind` and `doc_id` are read back with, where the sheet has them, `profession` and `profile`; the other columns
help who fills it in. Several kinds may be one document; one kind is one document for a profession and a profile.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from engine.catalogue.catalogue import catalogue, entries, entries_of, entry
from engine.catalogue.entry import EVERY_PROFILE, GENERAL_PROFILE, SEVERAL, CatalogueEntry
from engine.catalogue.unknown import unknown
from engine.csv_rows import Row, problem, rows
from engine.errors import DocumentError
from engine.findings import Finding
from engine.model.directory import HostKind

COLUMNS = (
    "host_kind", "profession", "profile", "doc_id", "name", "level", "type_code", "dmp", "mssante_professional", "note",
)  # fmt: skip
_WORDS = {True: "oui", False: "non"}
_WHOLE_PROFESSION = ("", EVERY_PROFILE, GENERAL_PROFILE)


def mapping_sheet(lines: Iterable[CatalogueEntry] | None = None) -> bytes:
    """The sheet to fill in: a row for each line (the whole catalogue by default), with an empty `host_kind`.

    UTF-8 with its mark and `;`, so that a spreadsheet set to French opens it as it is.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(line) for line in (catalogue() if lines is None else lines))
    return stream.getvalue().encode("utf-8-sig")


def mapping(content: bytes, file: str) -> tuple[tuple[HostKind, ...], tuple[Finding, ...]]:
    """The sheet filled in, and every problem at once, each at `sheet.csv:12:4` (line and column of the sheet).

    A row without `host_kind` is a document the host does not make. With any problem the sheet is not to be used: it is
    to be mended. Read as UTF-8, else Windows-1252, with `;` or `,`.
    """
    lines, form = rows(content, file, COLUMNS, ("host_kind", "doc_id"))
    filled = [row for row in lines if row.cell("host_kind")]
    found = [*form, *_duplicates(filled)]
    kinds = [kind for row in filled if (kind := _kind(row, found)) is not None]
    if not filled and not form:
        message = "Aucun genre de document n'est donné."
        advice = "Remplissez la colonne « host_kind » des documents que produit votre logiciel."
        found.append(problem(file, 1, 1, "mapping_empty", message, advice))
    return tuple(kinds), tuple(sorted(found, key=lambda one: one.line or 0))


def _cells(line: CatalogueEntry) -> tuple[str, ...]:
    dmp, mail = _WORDS[line.dmp], _WORDS[line.mssante_professional]
    profile = SEVERAL.join(line.profiles)
    return ("", line.profession, profile, line.doc_id, line.name, line.level, line.type.code, dmp, mail, line.note)


def _kind(row: Row, found: list[Finding]) -> HostKind | None:
    """None, and a problem, when the row names no document of the catalogue."""
    doc_id, profession, profile = row.cell("doc_id"), row.cell("profession"), row.cell("profile")
    if not doc_id:
        advice = "Recopiez le nom court du document ; « host_kind » reste vide si votre logiciel ne le produit pas."
        found.append(row.problem("doc_id", "cell_missing", "La colonne « doc_id » est vide.", advice))
        return None
    if profile and not profession:
        found.append(row.problem("profession", "cell_missing", "Un profil est donné sans sa profession."))
        return None
    try:
        _known(profession, profile, doc_id)
    except DocumentError as error:
        told = error.findings[0]
        found.append(row.problem(told.where, told.code.partition(".")[2], told.message, told.remedy))
        return None
    return HostKind(row.cell("host_kind"), doc_id, profession, profile)


def _known(profession: str, profile: str, doc_id: str) -> None:
    """Raises DocumentError when no line of the catalogue is meant."""
    if profile:
        entry(profession, profile, doc_id)
    elif not profession:
        entries(doc_id)
    elif doc_id not in (known := tuple(one.doc_id for one in entries_of(profession))):
        message = "Ce document n'est pas au catalogue de cette profession."
        raise unknown("document", "doc_id", message, doc_id, known)


def _duplicates(filled: list[Row]) -> Iterator[Finding]:
    """A kind given twice to one profession and profile: nobody could say which document it is."""
    seen: dict[str, list[Row]] = {}
    for row in filled:
        same = seen.setdefault(row.cell("host_kind"), [])
        clash = next((other for other in same if _together(row, other)), None)
        if clash is not None:
            message = f"Genre de document déjà donné à la ligne {clash.line}."
            yield row.problem("host_kind", "duplicate", message, "Gardez une seule ligne par genre de document.")
        same.append(row)


def _together(one: Row, other: Row) -> bool:
    if one.cell("profession") != other.cell("profession"):
        return False
    return not _profiles(one).isdisjoint(_profiles(other))


def _profiles(row: Row) -> frozenset[str]:
    profile = row.cell("profile")
    return frozenset({""}) if profile in _WHOLE_PROFESSION else frozenset(profile.split(SEVERAL))
