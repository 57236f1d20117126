"""One line of the Ségur document catalogue: who makes which document, at which level, coded how, sent where by default.

Sources: the ANS presentations of wave 2 for town practice (tables by profession), JDV_J07 (types), ASS_X04 (type →
class), ASS_A11 and ASS_A12 (template or media type → format).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.values import Code

EVERY_PROFILE = "all"
"""Profile of a line that holds for the whole profession."""
GENERAL_PROFILE = "general"
"""Profile every product of a profession has, whatever others it adds."""
SEVERAL = "|"
"""Between the profiles of one line: `ide|ipa`."""


class Level(StrEnum):
    """Structure of the body, in the words of the catalogue."""

    N1 = "N1"
    """A PDF under the common header (CDA R2 level 1)."""
    N3 = "N3"
    N3_WITH_PDF = "N3+pdf"
    """Structured, with its PDF copy inside (section 55108-5)."""


class Confidence(StrEnum):
    """How surely the line was read in its sources, some of which lost columns."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Model:
    """One way to write the document."""

    template: str
    """Root of the document's own templateId."""
    format: Code
    """XDS formatCode."""
    document_type: str
    """Name of the DocumentType that renders it, built or not: `n1`, `vac_note`."""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One profession × profile × document."""

    profession: str
    profiles: tuple[str, ...]
    """1..*: Ségur profiles, or `all`."""
    doc_id: str
    """Short name of the document; the same one means the same document for every profession."""
    name: str
    """In French, as the catalogue calls it."""
    level: Level
    type: Code
    """CDA code and XDS typeCode (JDV_J07)."""
    class_code: Code
    """XDS classCode (TRE_A03)."""
    models: tuple[Model, ...]
    """1..*, the first one preferred; one alone at level 1."""
    dmp: bool
    """Fed to the DMP without being asked (SC.DMP/ALI/PROG.02)."""
    mssante_professional: bool
    """Copied without being asked to the treating and addressing doctors; False forbids nothing."""
    wave_1: bool | None
    """Already wanted in wave 1; None where the sources do not say."""
    confidence: Confidence
    note: str = ""
    """What is doubtful or particular, in French."""

    @property
    def key(self) -> str:
        """`profession/profile/doc_id`: names this line and no other, and fits `ClinicalDocument.catalogue`."""
        return f"{self.profession}/{SEVERAL.join(self.profiles)}/{self.doc_id}"

    @property
    def templates(self) -> tuple[str, ...]:
        return tuple(model.template for model in self.models)

    @property
    def formats(self) -> tuple[Code, ...]:
        return tuple(model.format for model in self.models)

    @property
    def document_types(self) -> tuple[str, ...]:
        return tuple(model.document_type for model in self.models)
