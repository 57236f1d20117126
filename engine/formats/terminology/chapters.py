"""Chapters of a laboratory report (JDV_BIO_Chapitres, 1.2.250.1.213.1.1.5.90) from the words a laboratory uses."""

from __future__ import annotations

from collections.abc import Mapping

from engine.formats.terminology.words import folded
from engine.model.directory import Laboratory
from engine.model.values import Code

LOINC = "2.16.840.1.113883.6.1"

TITLES: Mapping[str, str] = {
    "18719-5": "Biochimie",
    "18723-7": "Hématologie",
    "18768-2": "Numération",
    "18720-3": "Hémostase",
    "18725-2": "Microbiologie",
    "18769-0": "Antibiogramme",
    "92893-7": "Sérologie virale",
    "92894-5": "Sérologie bactérienne",
    "92892-9": "Sérologie parasitaire",
    "18717-9": "Immuno-hématologie",
    "18727-8": "Auto-immunité",
    "18716-1": "Allergie",
    "92895-2": "Endocrinologie",
    "18721-1": "Dosages de médicaments",
    "18728-6": "Toxicologie",
    "18729-4": "Examens urinaires",
    "18767-4": "Gaz du sang",
    "18722-9": "Fertilité",
    "18724-5": "HLA",
    "26435-8": "Génétique",
    "27898-6": "Pathologie",
    "26438-2": "Cytologie",
    "82314-6": "Examens transmis à un laboratoire spécialisé",
    "26436-6": "Biologie polyvalente",
}
FALLBACK = "26436-6"

_KEYWORDS: tuple[tuple[str, str], ...] = (
    ("GAZ DU SANG", "18767-4"),
    ("GAZOMETRIE", "18767-4"),
    ("ANTIBIOG*", "18769-0"),
    ("ATB", "18769-0"),
    ("SEROLOGIE VIRALE", "92893-7"),
    ("SEROLOGIES VIRALES", "92893-7"),
    ("SEROLOGIE BACTERIENNE", "92894-5"),
    ("SEROLOGIES BACTERIENNES", "92894-5"),
    ("SEROLOGIE PARASITAIRE", "92892-9"),
    ("SEROLOGIES PARASITAIRES", "92892-9"),
    ("AUTO IMMUN*", "18727-8"),
    ("AUTOIMMUN*", "18727-8"),
    ("IMMUNO HEMATO*", "18717-9"),
    ("IMMUNOHEMATO*", "18717-9"),
    ("GROUPE SANGUIN", "18717-9"),
    ("RAI", "18717-9"),
    ("ALLERG*", "18716-1"),
    ("IGE", "18716-1"),
    ("ECBU", "18725-2"),
    ("CYTOBACTERIO*", "18725-2"),
    ("BACT*", "18725-2"),
    ("MICRO", "18725-2"),
    ("MICROBIO*", "18725-2"),
    ("NFS", "18768-2"),
    ("HEMOGRAMME", "18768-2"),
    ("NUMERATION*", "18768-2"),
    ("HEMOST*", "18720-3"),
    ("COAG*", "18720-3"),
    ("HEMAT*", "18723-7"),
    ("HORMON*", "92895-2"),
    ("ENDOCRINO*", "92895-2"),
    ("MARQUEURS TUMORAUX", "18719-5"),
    ("MEDICAMENT*", "18721-1"),
    ("TOXICO*", "18728-6"),
    ("URINE*", "18729-4"),
    ("URINAIRE*", "18729-4"),
    ("SPERMO*", "18722-9"),
    ("FERTILITE", "18722-9"),
    ("HLA", "18724-5"),
    ("GENETIQUE*", "26435-8"),
    ("ANATOMOPATHOLOGIE", "27898-6"),
    ("ANAPATH*", "27898-6"),
    ("PATHOLOGIE", "27898-6"),
    ("CYTOLOGIE", "26438-2"),
    ("BIOCH*", "18719-5"),
    ("TRANSMIS*", "82314-6"),
)
"""Phrase → chapter, the more telling first; `*` stands for the end of a word."""


def chapter(words: tuple[str, ...], laboratory: Laboratory) -> tuple[Code, bool]:
    """The chapter that the words name, and whether it is only the fallback (Biologie polyvalente, 26436-6).

    `words` come in order of trust. The laboratory's own table is tried with all of them before the common words are.
    """
    own = {folded(word): code for word, code in laboratory.chapters.items()}
    for word in words:
        if (known := own.get(folded(word))) is not None:
            return known, False
    for word in words:
        if (code := _keyword(folded(word))) is not None:
            return chapter_code(code), False
    return chapter_code(FALLBACK), True


def chapter_code(loinc: str) -> Code:
    """A chapter by its LOINC code, with its French title when it is one of ours."""
    return Code(loinc, LOINC, TITLES.get(loinc), "LOINC")


def _keyword(words: str) -> str | None:
    padded = f" {words} "
    for phrase, code in _KEYWORDS:
        if f" {phrase[:-1]}" in padded if phrase.endswith("*") else f" {phrase} " in padded:
            return code
    return None
