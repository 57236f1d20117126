"""One minimal document for each line of level 1 of the catalogue, and a few that are not minimal; all invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.catalogue.catalogue import catalogue, entry
from engine.catalogue.entry import CatalogueEntry, Level
from engine.catalogue.legal_entity import with_legal_entity
from engine.catalogue.minimal import minimal_document
from engine.model.document import ClinicalDocument, DocumentVersion, Participant, PdfBody
from engine.model.values import Code, Identifier, Timestamp
from tests.golden.n1 import people

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n%%EOF\n"
"""Stands for the host's own PDF: opaque to the renderer."""
MADE = Timestamp("20240312153000+0100")
ACT = Timestamp("202403121510+0100")
ORDER = Identifier(people.HOST_OID, "DI-2024-0042")
VERSION = DocumentVersion(Identifier("2.25.5001"), Identifier("2.25.5000"), 1)
SECOND_VERSION = DocumentVersion(Identifier("2.25.5002"), Identifier("2.25.5000"), 2, Identifier("2.25.5001"))

LEVEL_1 = tuple(one for one in catalogue() if one.level is Level.N1)


def minimal(line: CatalogueEntry) -> ClinicalDocument:
    """What the catalogue and the header ask for, nothing more."""
    document = minimal_document(
        line,
        PdfBody(PDF),
        patient=people.PATIENT,
        professional=people.author(line),
        created_at=MADE,
        act_start=ACT,
        act_id=Identifier(people.HOST_OID, "ACTE-1"),
    )
    return replace(document, orders=(ORDER,)) if line.doc_id == "demande-imagerie" else document


def file_stem(line: CatalogueEntry) -> str:
    """`paramedical.ide+ipa.note-vaccination`."""
    return line.key.replace("/", ".").replace("|", "+")


def historic() -> ClinicalDocument:
    """A report of 2019 fed today; its author has left the RPPS since."""
    line = entry("medecin", "general", "cr-consultation")
    document = minimal_document(
        line,
        PdfBody(PDF),
        patient=people.PATIENT,
        professional=people.author(line),
        created_at=MADE,
        signed_at=Timestamp("20190506"),
        act_start=Timestamp("20190506"),
        title="Consultation du 6 mai 2019",
    )
    return with_legal_entity(document, people.OFFICE)


def imaging_report() -> ClinicalDocument:
    """Answers a request by its number, for a doctor, copied to another, in its second version."""
    line = entry("medecin", "general", "cr-imagerie")
    return replace(
        minimal(line),
        title="Radiographie du genou droit",
        orders=(ORDER,),
        participants=(
            Participant("REF", people.author(line), Timestamp("20240301")),
            Participant("INF", people.GP, None, Code("PCP", "2.16.840.1.113883.5.88", "Médecin Traitant")),
        ),
        recipients=(people.GP,),
    )


FURTHER: dict[str, tuple[Callable[[], ClinicalDocument], DocumentVersion]] = {
    "historic_with_legal_entity": (historic, VERSION),
    "imaging_report_in_second_version": (imaging_report, SECOND_VERSION),
}
SITUATIONS: dict[str, tuple[Callable[[], ClinicalDocument], DocumentVersion]] = {
    **{file_stem(line): ((lambda line=line: minimal(line)), VERSION) for line in LEVEL_1},  # type: ignore[misc]
    **FURTHER,
}
"""Name of the golden document → how to make it."""
