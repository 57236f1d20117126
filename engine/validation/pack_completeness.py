"""What a pack lacks to run: absent or miscased files, empty value sets; and the one that can be rebuilt."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from engine.errors import ConfigError
from engine.findings import Disposition, Finding, Severity
from engine.validation.layers import PROFILES
from engine.validation.schematron.compile import stylesheet
from engine.validation.schematron.flatten import flatten
from engine.validation.schematron.includes import SchematronError
from engine.validation.schematron.sources import Sources
from engine.validation.schematron.vocabularies import addresses, missing
from engine.validation.valuesets import load

_VOCABULARY = re.compile(r"(?:^|/)voc-([\d.]+)-DYNAMIC\.xml$")


def complete(folder: Path) -> tuple[Finding, ...]:
    """Try every schema of a pack just copied; rebuild what can be; say the rest. No finding twice."""
    sources = Sources(folder)
    found: list[Finding] = [*_absent_profiles(sources), *_empty_value_sets(folder)]
    for schema in schemas(sources):
        try:
            flat = flatten(sources, schema)
            literals = stylesheet(flat).literals
        except SchematronError as error:
            found.append(_unusable(schema, str(error)))
            continue
        rebuilt = _rebuild(folder, sources, schema, literals)
        if rebuilt:
            sources = Sources(folder)
        found += [*flat.problems, *rebuilt, *missing(sources, schema, literals)]
    return tuple(dict.fromkeys(found))


def schemas(sources: Sources) -> tuple[str, ...]:
    """The shared profiles, then the schema of each document type and version."""
    profiles = tuple(path for path in PROFILES.values() if sources.find(path))
    volets = tuple(f"schematrons/{name}" for name in sources.files("schematrons") if name.endswith(".sch"))
    return profiles + volets


def _rebuild(folder: Path, sources: Sources, schema: str, literals: frozenset[str]) -> list[Finding]:
    """Vocabularies in the ART-DECOR form, made from the value set that has the same OID."""
    found = []
    for address, path in addresses(sources, schema, literals).items():
        named = _VOCABULARY.search(address)
        if path is not None or named is None:
            continue
        origin = _value_set_file(folder, named.group(1))
        wanted = sources.beside(schema, address)
        if origin is not None and not wanted.startswith(("/", "..")):
            target = folder / wanted
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_vocabulary(origin))
            found.append(_rebuilt(schema, address, origin.name))
    return found


def _value_set_file(folder: Path, oid: str) -> Path | None:
    needle = f'id="{oid}"'.encode()
    for path in sorted((folder / "jeuxDeValeurs").glob("*.xml")):
        if needle in path.read_bytes()[:4000]:
            return path
    return None


def _vocabulary(value_set: Path) -> bytes:
    loaded = load(value_set)
    root = etree.Element("valueSets")
    concepts = etree.SubElement(etree.SubElement(root, "valueSet", id=loaded.oid), "conceptList")
    for concept in loaded.concepts:
        etree.SubElement(concepts, "concept", code=concept.code, codeSystem=concept.system, displayName=concept.display)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _absent_profiles(sources: Sources) -> list[Finding]:
    return [
        Finding(
            code="pack.missing_profile",
            severity=Severity.ERROR,
            where=path,
            message="Un profil commun de vérification est absent du pack : cette couche ne sera pas vérifiée.",
            remedy="Installer un pack complet.",
            layer="pack",
            disposition=Disposition.HOLD,
        )
        for path in PROFILES.values()
        if sources.find(path) is None
    ]


def _empty_value_sets(folder: Path) -> list[Finding]:
    found = []
    for path in sorted((folder / "jeuxDeValeurs").glob("*.xml")):
        try:
            load(path)
        except ConfigError:
            found.append(
                Finding(
                    code="pack.empty_value_set",
                    severity=Severity.WARNING,
                    where=f"jeuxDeValeurs/{path.name}",
                    message="Ce jeu de valeurs est vide ou illisible dans le pack.",
                    layer="pack",
                )
            )
    return found


def _rebuilt(schema: str, address: str, origin: str) -> Finding:
    return Finding(
        code="pack.rebuilt_vocabulary",
        severity=Severity.INFO,
        where=schema,
        message=f"Le vocabulaire {address}, absent du pack, a été reconstruit depuis {origin}.",
        layer="pack",
    )


def _unusable(schema: str, reason: str) -> Finding:
    return Finding(
        code="pack.unusable_schema",
        severity=Severity.ERROR,
        where=schema,
        message=f"Ce schéma ne peut pas être utilisé : {reason}.",
        remedy="Les documents de ce type seront retenus ; installer un pack complet.",
        layer="pack",
        disposition=Disposition.HOLD,
    )
