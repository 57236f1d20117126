"""The document catalogue, read once from `documents.csv` and `types.csv`, and its look-ups.

Class and format come by the rules that write the XDS metadata (`engine.xds.codes`): a line that says otherwise stops
the loading, so the catalogue and the metadata never say two things. A type that ASS_X04 does not classify keeps the
class of its line.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from engine.catalogue.entry import EVERY_PROFILE, GENERAL_PROFILE, SEVERAL, CatalogueEntry, Confidence, Level, Model
from engine.catalogue.unknown import refusal, unknown
from engine.cda.codes import LEVEL_1_DOCUMENT
from engine.errors import DocumentError
from engine.model.values import Code
from engine.xds import codes

_SAID = {"yes": True, "no": False}


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every line, in the order of the file. Raises ValueError when a line contradicts the metadata tables."""
    rows, types = _rows("documents.csv"), _types()
    classes = {found.code: found for row in rows if (found := codes.class_code(row["type_code"])) is not None}
    return tuple(_entry(row, types, classes) for row in rows)


def professions() -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.profession for entry in catalogue()))


def profiles(profession: str) -> tuple[str, ...]:
    """Of one profession. Raises DocumentError as `entries_of` does."""
    return tuple(dict.fromkeys(profile for one in entries_of(profession) for profile in one.profiles))


def doc_ids() -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.doc_id for entry in catalogue()))


def entries(doc_id: str) -> tuple[CatalogueEntry, ...]:
    """1..*: the lines of one document, one for each profession and profile that makes it.

    Their level, codes and models are the same; what is sent where may differ. Raises DocumentError
    (`catalogue.unknown_document`) with the nearest name.
    """
    found = tuple(one for one in catalogue() if one.doc_id == doc_id)
    if not found:
        raise unknown("document", "doc_id", "Ce document n'est pas au catalogue.", doc_id, doc_ids())
    return found


def entries_of(profession: str) -> tuple[CatalogueEntry, ...]:
    """1..*: the lines of one profession.

    Raises DocumentError (`catalogue.unknown_profession`) with the nearest name.
    """
    found = tuple(one for one in catalogue() if one.profession == profession)
    if not found:
        message = "Cette profession n'est pas au catalogue."
        raise unknown("profession", "profession", message, profession, professions())
    return found


def entry(profession: str, profile: str, doc_id: str) -> CatalogueEntry:
    """The line of one profession, profile and document.

    A line of the profile itself comes first, then the profession's general ones. Raises DocumentError
    (`catalogue.unknown_profession`, `…_profile`, `…_document`) with the nearest name.
    """
    own = entries_of(profession)
    asked = profile.split(SEVERAL)
    if not set(asked) <= set(profiles(profession)):
        message = "Ce profil n'est pas l'un de ceux de la profession."
        raise unknown("profile", "profile", message, profile, profiles(profession))
    known = (*(one for one in own if set(asked) <= set(one.profiles)), *(one for one in own if _general(one)))
    found = next((one for one in known if one.doc_id == doc_id), None)
    if found is None:
        raise _not_for_them(profession, doc_id, known)
    return found


def entry_of(key: str) -> CatalogueEntry:
    """The line named by `profession/profile/doc_id` (`CatalogueEntry.key`). Raises DocumentError as `entry` does."""
    parts = key.split("/")
    if len(parts) != 3:
        message = "Un document du catalogue se nomme profession/profil/document."
        raise refusal("catalogue.key", "catalogue", message, "Exemple : medecin/general/cr-consultation.")
    return entry(*parts)


def _general(one: CatalogueEntry) -> bool:
    return one.profiles in ((EVERY_PROFILE,), (GENERAL_PROFILE,))


def _not_for_them(profession: str, doc_id: str, known: tuple[CatalogueEntry, ...]) -> DocumentError:
    """A document of somebody else says whose; one that is nobody's gets the nearest name."""
    others = tuple(one for one in catalogue() if one.doc_id == doc_id)
    mine = tuple(one for one in others if one.profession == profession)
    if mine:
        whose = "Profil : " + " ou ".join(SEVERAL.join(one.profiles) for one in mine) + "."
        return refusal(
            "catalogue.unknown_document", "doc_id", "Ce document relève d'un autre profil de la profession.", whose
        )
    if others:
        whose = "Professions : " + ", ".join(dict.fromkeys(one.profession for one in others)) + "."
        return refusal("catalogue.unknown_document", "doc_id", "Ce document relève d'une autre profession.", whose)
    message = "Ce document n'est pas au catalogue."
    return unknown("document", "doc_id", message, doc_id, (one.doc_id for one in known))


# -- loading --------------------------------------------------------------------------------------------------------


def _entry(row: Mapping[str, str], types: Mapping[str, Code], classes: Mapping[str, Code]) -> CatalogueEntry:
    listed = codes.class_code(row["type_code"])
    if listed is not None and listed.code != row["class_code"]:
        raise ValueError(f"documents.csv: {row['doc_id']} has another class than its type")
    return CatalogueEntry(
        profession=row["profession"],
        profiles=tuple(row["profile"].split(SEVERAL)),
        doc_id=row["doc_id"],
        name=row["name"],
        level=Level(row["level"]),
        type=types[row["type_code"]],
        class_code=classes[row["class_code"]],
        models=_models(row),
        dmp=_SAID[row["dmp"]],
        mssante_professional=_SAID[row["mssante_professional"]],
        wave_1=_SAID[row["wave_1"]] if row["wave_1"] else None,
        confidence=Confidence(row["confidence"]),
        note=row["note"],
    )


def _models(row: Mapping[str, str]) -> tuple[Model, ...]:
    columns = (row[name].split(SEVERAL) for name in ("templates", "format_codes", "document_types"))
    return tuple(_model(row["doc_id"], *parts) for parts in zip(*columns, strict=True))


def _model(doc_id: str, template: str, format_code: str, document_type: str) -> Model:
    """Level 1 is a PDF whatever the document: its format follows the media type (ASS_A12)."""
    found = codes.format_code("application/pdf" if template == LEVEL_1_DOCUMENT else template)
    if found is None or found.code != format_code:
        raise ValueError(f"documents.csv: {doc_id} has another format than its template")
    return Model(template, found, document_type)


def _types() -> Mapping[str, Code]:
    """Types with their system and their label of JDV_J07-XdsTypeCode-CISIS (1.2.250.1.213.1.1.5.471)."""
    rows = _rows("types.csv")
    return MappingProxyType({row["type_code"]: Code(row["type_code"], row["system"], row["display"]) for row in rows})


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";", strict=True))
