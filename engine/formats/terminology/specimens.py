"""Kinds of sample as sent (HPRIM Santé 9.16) → JDV_HL7_SpecimenType (2.16.840.1.113883.21.327)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.formats.terminology.words import folded
from engine.model.directory import Laboratory
from engine.model.values import Code

SPECIMEN_OID = "2.16.840.1.113883.18.311"

DISPLAYS: Mapping[str, str] = {
    "AMN": "Liquide amniotique",
    "ASP": "Aspiration",
    "BIFL": "Bile",
    "BLD": "Sang",
    "BLDA": "Sang artériel",
    "BLDC": "Sang capillaire",
    "BLDCO": "Sang de cordon",
    "BLDV": "Sang veineux",
    "BON": "Os",
    "BRO": "Prélèvement bronchique",
    "BX": "Biopsie",
    "CALC": "Calcul",
    "CSF": "Liquide céphalorachidien",
    "CVM": "Glaire cervicale",
    "EAR": "Oreille",
    "EYE": "Oeil",
    "FGA": "Liquide abdominal",
    "GENC": "Prélèvement cervico-vaginal",
    "GENV": "Prélèvement vaginal",
    "HAR": "Poils/Cheveux",
    "JNTFLD": "Liquide articulaire",
    "MAR": "Moelle osseuse",
    "NAIL": "Ongle",
    "NOS": "Prélèvement nasopharyngée",
    "PCFL": "Liquide péricardique",
    "PLAS": "Plasma",
    "PLR": "Liquide pleural",
    "PRT": "Liquide péritonéal",
    "PUS": "Pus",
    "SAL": "Salive",
    "SER": "Sérum",
    "SKN": "Peau",
    "SMN": "Sperme",
    "SNV": "Liquide synovial",
    "SPT": "Expectoration (crachat)",
    "STL": "Selles",
    "STONE": "Calcul rénal",
    "SWT": "Sueur",
    "TASP": "Aspiration trachéale",
    "THRT": "Gorge",
    "UR": "Urine",
    "URC": "Urine 1er jet",
    "URINM": "Urine milieu de jet",
    "URINP": "Urine de poche pédiatrique",
    "URT": "Urine par cathéter",
    "URTH": "Urètre",
    "WASI": "Lavage, par ex. lavage broncho-alvéolaire",
    "WB": "Sang total",
    "WND": "Plaie",
}
"""Codes this project emits by itself, with the French words of the value set."""

_LABELS: Mapping[str, str] = {
    "sang": "BLD", "sang artériel": "BLDA", "sang capillaire": "BLDC", "sang de cordon": "BLDCO",
    "sang veineux": "BLDV", "sang total": "WB", "sérum": "SER", "plasma": "PLAS", "urine": "UR", "urines": "UR",
    "urine 1er jet": "URC", "urines 1er jet": "URC", "urine premier jet": "URC", "urines premier jet": "URC",
    "urine milieu de jet": "URINM", "urines milieu de jet": "URINM", "urine du milieu de jet": "URINM",
    "urine de poche": "URINP", "urines de poche": "URINP", "urine de sonde": "URT", "urines de sonde": "URT",
    "urine par sondage": "URT", "urines par sondage": "URT", "lcr": "CSF", "liquide céphalorachidien": "CSF",
    "liquide céphalo-rachidien": "CSF", "selle": "STL", "selles": "STL", "coproculture": "STL", "salive": "SAL",
    "sperme": "SMN", "sueur": "SWT", "bile": "BIFL", "pus": "PUS", "expectoration": "SPT", "expectorations": "SPT",
    "crachat": "SPT", "crachats": "SPT", "lba": "WASI", "lavage broncho-alvéolaire": "WASI",
    "lavage bronchoalvéolaire": "WASI", "aspiration trachéale": "TASP", "aspiration bronchique": "BRO",
    "prélèvement bronchique": "BRO", "gorge": "THRT", "prélèvement de gorge": "THRT",
    "prélèvement nasopharyngé": "NOS", "prélèvement naso-pharyngé": "NOS", "écouvillon nasopharyngé": "NOS",
    "écouvillon naso-pharyngé": "NOS", "oreille": "EAR", "prélèvement d'oreille": "EAR", "oeil": "EYE",
    "prélèvement oculaire": "EYE", "prélèvement vaginal": "GENV", "prélèvement cervico-vaginal": "GENC",
    "glaire cervicale": "CVM", "prélèvement urétral": "URTH", "urètre": "URTH", "plaie": "WND",
    "prélèvement de plaie": "WND", "peau": "SKN", "squames": "SKN", "ongle": "NAIL", "ongles": "NAIL",
    "cheveux": "HAR", "poils": "HAR", "biopsie": "BX", "moelle osseuse": "MAR", "liquide pleural": "PLR",
    "liquide péritonéal": "PRT", "liquide d'ascite": "PRT", "ascite": "PRT", "liquide péricardique": "PCFL",
    "liquide synovial": "SNV", "liquide articulaire": "JNTFLD", "liquide amniotique": "AMN", "os": "BON",
    "calcul urinaire": "STONE", "calcul rénal": "STONE", "calcul": "CALC",
}  # fmt: skip
_CODES: Mapping[str, str] = {
    "SANG": "BLD", "SG": "BLD", "SER": "SER", "SERUM": "SER", "PLASMA": "PLAS", "U": "UR", "URI": "UR", "URINE": "UR",
    "URINES": "UR", "LCR": "CSF", "SELLES": "STL",
}  # fmt: skip
"""Local codes that mean one thing everywhere; `S` does not (sang, sérum, selles) and needs its label."""
_OFFICIAL = frozenset({"BLD", "BLDA", "BLDC", "BLDCO", "BLDV", "CSF", "PLAS", "STL", "SMN", "UR", "URINM", "WB"})
"""Official codes no laboratory uses for anything else."""

_BY_LABEL = {folded(label): code for label, code in _LABELS.items()}
_LONGEST_FIRST = sorted(_BY_LABEL, key=len, reverse=True)


def specimen_type(code: str | None, label: str | None, laboratory: Laboratory) -> Code | None:
    """The official kind of a sample, or None when neither its code nor its words tell.

    The laboratory's table first (by code, then by label); then the words at the head of the label (`Sérum prélevé à
    jeun` is serum); the code alone only without a label. The body site is never deduced.
    """
    for key in (code, label):
        if key and (known := laboratory.specimens.get(key) or laboratory.specimens.get(key.strip())):
            return known
    if label and label.strip():
        return _of_label(folded(label))
    key = folded(code or "")
    found = _CODES.get(key) or (key if key in _OFFICIAL else None)
    return specimen(found) if found else None


def _of_label(words: str) -> Code | None:
    head = next((phrase for phrase in _LONGEST_FIRST if words == phrase or words.startswith(phrase + " ")), None)
    return specimen(_BY_LABEL[head]) if head else None


def specimen(code: str) -> Code:
    """A kind of sample by its official code, with its French words when it is one of ours."""
    return Code(code, SPECIMEN_OID, DISPLAYS.get(code), "SpecimenType")
