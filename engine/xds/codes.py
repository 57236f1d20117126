"""Codes of the metadata that a CDA does not say itself: class, format, content type, visibility.

`classes.csv`: type → class, ASS_X04-CorrespondanceType-Classe-CISIS (1.2.250.1.213.1.1.4.249, version 20240426120000).
`formats.csv`: document template or level-1 media type → format, ASS_A11-CorresModeleCDA-XdsFormatCode-CISIS and
ASS_A12 (level 1); labels of JDV_J60-FormatCode-DMP (1.2.250.1.213.1.1.5.8, version 20260928120000), the code itself
where that set has none; template .59 (TROD) from JDV_J60. Source: Terminologies de Santé (NOS), ANS.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from engine.model.values import Code

CLASS_SYSTEM = "1.2.250.1.213.1.1.4.1"
"""TRE_A03-ClasseDocument."""
IHE_FORMAT_SYSTEM = "1.3.6.1.4.1.19376.1.2.3"
CONTENT_TYPE_SYSTEM = "1.2.250.1.213.2.2"
"""TRE_R209-TypeActivite, as contentTypeCode of the DMP (JDV_J59)."""
VISIBILITY_SYSTEM = "1.2.250.1.213.1.1.4.13"
"""Visibility of a document, beside HL7 confidentiality (JDV_J08, JDV_J58)."""

_CLASS_NAMES = MappingProxyType(
    {
        "10": "Compte rendu",
        "11": "Synthèse",
        "31": "Imagerie médicale",
        "42": "Prescription",
        "43": "Dispensation",
        "44": "Plan de soins, protocole de soins",
        "45": "Traitement administré",
        "52": "Certificat, déclaration",
        "60": "Données de remboursement",
        "90": "Document du patient",
        "95": "Document de gestion",
        "99": "Document technique",
    }
)

MASKED_FROM_PROFESSIONALS = Code("MASQUE_PS", VISIBILITY_SYSTEM, "Masqué aux professionnels de santé")
INVISIBLE_TO_PATIENT = Code("INVISIBLE_PATIENT", VISIBILITY_SYSTEM, "Non visible par le patient")
INVISIBLE_TO_REPRESENTATIVES = Code(
    "INVISIBLE_REPRESENTANTS_LEGAUX", VISIBILITY_SYSTEM, "Non visible par les représentants légaux du patient"
)
VISIBILITY: Mapping[str, Code] = MappingProxyType(
    {code.code: code for code in (MASKED_FROM_PROFESSIONALS, INVISIBLE_TO_PATIENT, INVISIBLE_TO_REPRESENTATIVES)}
)
"""Extra confidentiality codes a document may carry (JDV_J58)."""

_CONTENT_TYPES = MappingProxyType(
    {
        "03": "Hospitalisation complète (non compris hospitalisation de semaine)",
        "04": "Hospitalisation de jour",
        "07": "Consultations soins externes",
        "08": "Bloc opératoire (y compris obstétrical et gynécologique)",
        "19": "Traitement et cure ambulatoire",
        "20": "Hospitalisation de semaine",
        "26": "Analyses médicales biologiques",
        "28": "Consultations dentaires et soins dentaires",
        "60": "Consultations et actes",
        "97": "Type d'activité indifférencié",
    }
)
_CONTENT_TYPE_OF_ENCOUNTER = MappingProxyType({"IMP": "03", "AMB": "07", "EMER": "07"})


def class_code(type_code: str) -> Code | None:
    """classCode of a typeCode, or None when the table does not know the type (ASS_X04)."""
    found = _classes().get(type_code)
    return None if found is None else Code(found, CLASS_SYSTEM, _CLASS_NAMES[found])


def format_code(template_or_media_type: str) -> Code | None:
    """formatCode of a document template (level 3) or a media type (level 1); None when unknown (ASS_A11, ASS_A12)."""
    return _formats().get(template_or_media_type)


def content_type(code: str) -> Code | None:
    """A contentTypeCode of TRE_R209 with its label; None when we do not know it (JDV_J59 has rarer ones)."""
    label = _CONTENT_TYPES.get(code)
    return None if label is None else Code(code, CONTENT_TYPE_SYSTEM, label)


def content_type_code(encounter_class: str | None) -> Code:
    """contentTypeCode of encompassingEncounter/code (JDV_J142 → JDV_J59): as the volet maps PV1-2 (I → 03, O and
    E → 07, N → 97); 97, undifferentiated, when the encounter says nothing known."""
    code = _CONTENT_TYPE_OF_ENCOUNTER.get(encounter_class or "", "97")
    return Code(code, CONTENT_TYPE_SYSTEM, _CONTENT_TYPES[code])


@cache
def _classes() -> Mapping[str, str]:
    return MappingProxyType({row["type_code"]: row["class_code"] for row in _rows("classes.csv")})


@cache
def _formats() -> Mapping[str, Code]:
    return MappingProxyType(
        {
            row["template_or_media_type"]: Code(row["format_code"], row["scheme"], row["display"])
            for row in _rows("formats.csv")
        }
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))
