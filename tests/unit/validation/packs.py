"""Small packs of ours with the official lay-out, whose one rule asks for a word in the title."""

from __future__ import annotations

import zipfile
from pathlib import Path

from engine.validation.layers import PROFILES
from tests.unit.validation.schemas import value_set

SCHEMA = '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2">{body}</schema>'
_TITLED = (
    '<ns prefix="cda" uri="urn:hl7-org:v3"/><pattern id="t"><rule context="cda:ClinicalDocument">'
    '<assert id="title" test="contains(cda:title, \'{word}\')">Le titre ne contient pas « {word} ».</assert>'
    "</rule></pattern>"
)
_ANYTHING = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3">'
    '<xs:element name="ClinicalDocument"><xs:complexType><xs:sequence>'
    '<xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType></xs:element>'
    "</xs:schema>"
)


def small_pack(folder: Path) -> Path:
    """A pack with what packs often lack: an included file, a vocabulary, an empty value set."""
    files = {
        "infrastructure/cda/CDA_extended.xsd": '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>',
        "ExemplesCDA/exemple.xml": "<a/>",
        "schematrons/moteur/outil.xml": "<a/>",
        "schematrons/notes.txt": "notes",
        "schematrons/CI-SIS_ESSAI_2024.01.sch": SCHEMA.format(body='<include href="Absent.sch"/>'),
        **{path: SCHEMA.format(body="") for path in PROFILES.values()},
    }
    files[PROFILES["sm"]] = SCHEMA.format(
        body='<pattern><rule context="a"><assert test="doc(\'include/voc-1.2.9-DYNAMIC.xml\')'
        '/*/valueSet/conceptList/concept/@code = @code">hors jeu</assert></rule></pattern>'
    )
    _written(folder, files)
    value_set(folder / "jeuxDeValeurs" / "JDV_Essai.xml", "K")
    (folder / "jeuxDeValeurs" / "Vide.xml").write_bytes(b"")
    return folder


def titled_pack(folder: Path, word: str) -> Path:
    """A pack without fault, whose `sm` layer wants this word in the title."""
    files = {path: SCHEMA.format(body="") for path in PROFILES.values()}
    files[PROFILES["sm"]] = SCHEMA.format(body=_TITLED.format(word=word))
    files["infrastructure/cda/CDA_extended.xsd"] = _ANYTHING
    _written(folder, files)
    return folder


def zipped(folder: Path, archive: Path, prefix: str = "", method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(archive, "w", method) as out:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                out.write(path, f"{prefix}{path.relative_to(folder).as_posix()}")
    return archive


def _written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
