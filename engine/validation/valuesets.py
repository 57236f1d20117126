"""Value sets (jeux de valeurs, JDV) in the SVS format (IHE ITI RetrieveValueSetResponse, `urn:ihe:iti:svs:2008`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from engine.errors import ConfigError

SVS = "urn:ihe:iti:svs:2008"


@dataclass(frozen=True, slots=True)
class Concept:
    """One code of a value set."""

    code: str
    system: str
    """OID of its code system."""
    display: str


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A value set: which codes may stand somewhere."""

    oid: str
    name: str
    concepts: tuple[Concept, ...]

    def holds(self, code: str, system: str) -> bool:
        """True when the pair is one of its concepts."""
        return any(concept.code == code and concept.system == system for concept in self.concepts)


def load(path: Path) -> ValueSet:
    """Read one file. Raises ConfigError when it is not a value set."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.parse(path, parser).getroot()
    except (etree.XMLSyntaxError, OSError) as error:
        raise ConfigError("valueset.unreadable", "jeu de valeurs illisible", where=path.name) from error
    found = root if root.tag == f"{{{SVS}}}ValueSet" else root.find(f"{{{SVS}}}ValueSet")
    if found is None:
        raise ConfigError("valueset.format", "ce fichier n’est pas un jeu de valeurs SVS", where=path.name)
    return ValueSet(
        oid=found.get("id", ""),
        name=found.get("displayName", "") or path.stem,
        concepts=tuple(
            Concept(c.get("code", ""), c.get("codeSystem", ""), c.get("displayName", ""))
            for c in found.iter(f"{{{SVS}}}Concept")
        ),
    )
