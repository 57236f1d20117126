"""Small schematrons written by the tests, and what they say of small documents."""

from __future__ import annotations

from pathlib import Path

from engine.validation.schematron import saxon
from engine.validation.schematron.run import Failure, Schematron
from engine.validation.schematron.sources import Sources

_HEAD = (
    '<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="xslt2" {attributes}>'
    '<title>Essai</title><ns prefix="cda" uri="urn:hl7-org:v3"/><ns prefix="svs" uri="urn:ihe:iti:svs:2008"/>'
    "{body}</schema>"
)


def schema(folder: Path, body: str, attributes: str = "", *, file: str = "essai.sch") -> Schematron:
    """A compiled schema whose content is `body`, at a place of a folder."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_HEAD.format(body=body, attributes=attributes), encoding="utf-8")
    return Schematron(Sources(folder), file)


def failures(compiled: Schematron, document: str) -> tuple[Failure, ...]:
    return compiled.failures(saxon.document(document))


def messages(compiled: Schematron, document: str) -> list[str]:
    return [failure.message for failure in failures(compiled, document)]


def value_set(path: Path, *codes: str) -> None:
    """An SVS file with these codes of system 1.2.3."""
    concepts = "".join(f'<Concept code="{code}" codeSystem="1.2.3" displayName="libellé"/>' for code in codes)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"><ValueSet id="1.2.9" displayName="Essai">'
        f"<ConceptList>{concepts}</ConceptList></ValueSet></RetrieveValueSetResponse>",
        encoding="utf-8",
    )
