"""Sentences that the header schematron's generator (ART-DECOR) writes in English → French, in business words.

Other messages are already in French and pass unchanged.
"""

from __future__ import annotations

import re

_TEMPLATE = re.compile(r"^\((?P<template>[\w-]+)\)(?:/[\w-]+)?\s*:\s*(?P<rest>.*)$", re.DOTALL)
_DATATYPE = re.compile(r"^dtr1-(?P<number>\w+)-(?P<type>[\w.]+)\s*:?\s*")
_PREFIX = re.compile(r"\b(?:hl7|cda):")

_WRITTEN = (
    (r"element (?P<e>.+) is required \[min (?P<n>\d+)x\]", "l’élément « {e} » est obligatoire (au moins {n})"),
    (r"element (?P<e>.+) appears too often \[max (?P<n>\d+)x\]", "l’élément « {e} » est répété (au plus {n})"),
    (r"element (?P<e>.+) is mandatory", "l’élément « {e} » est obligatoire et ne peut pas être nul"),
    (r"attribute (?P<e>@[\w:]+) SHALL be present", "l’attribut « {e} » est obligatoire"),
    (r"Attribute (?P<e>@[\w:]+) SHALL be of data type '(?P<t>\w+)'", "l’attribut « {e} » n’est pas de la forme {t}"),
    (
        r"The value for (?P<e>[\w:]+) SHALL be selected from value set '(?P<t>[^']+)'",
        "la valeur de « {e} » n’est pas dans le jeu de valeurs {t}",
    ),
    (r"The value for (?P<e>[\w:]+) SHALL be '(?P<t>[^']+)'", "la valeur de « {e} » doit être « {t} »"),
    (r"The element value SHALL be one of '(?P<t>[^']+)'", "la valeur n’est pas dans le jeu de valeurs {t}"),
    (r"this element '(?P<e>[^']*)' is not defined", "l’élément « {e} » n’est pas prévu ici, ou pas avec ce contenu"),
    (
        r"If an @xsi:type instruction is present it SHALL be valued \"\{[^}]*\}:(?P<t>[\w.]+)\"",
        "le type de données (xsi:type) doit être {t}",
    ),
    (r"choice \((?P<e>.+?)\) does not contain enough elements", "il manque l’un de ces éléments : {e}"),
    (r"choice \((?P<e>.+?)\) contains too many elements", "un seul de ces éléments est admis : {e}"),
)
_FORMS = tuple((re.compile(f"^{pattern}", re.DOTALL), words) for pattern, words in _WRITTEN)

_TYPES = {
    "II": "un identifiant",
    "TS": "une date",
    "IVL_TS": "une période",
    "IVXB_TS": "une borne de période",
    "AD": "une adresse",
    "TEL": "une coordonnée de télécommunication",
    "CD": "une valeur codée",
    "CE": "une valeur codée",
    "CS": "un code simple",
    "PN": "un nom de personne",
    "ENXP": "une partie de nom",
    "ADXP": "une partie d’adresse",
    "ST": "un texte",
    "INT": "un nombre entier",
}


def french(message: str) -> str:
    """The same remark in French; unchanged when it is not one of the generator's sentences."""
    datatype = _DATATYPE.match(message)
    if datatype:
        kind = _TYPES.get(datatype["type"].split(".")[0], "une donnée")
        return f"Le contenu n’a pas la forme attendue pour {kind} (règle {datatype['number']})."
    named = _TEMPLATE.match(message)
    if named is None:
        return message
    said = named["rest"].strip()
    return f"{_subject(named['template'])} : {_sentence(said)}"


_SUBJECTS = {
    "CI-SISRecordTarget": "Patient",
    "CI-SISAuthor": "Auteur",
    "CI-SISCustodian": "Structure conservant le document",
    "CI-SISLegalAuthenticator": "Responsable du document",
    "CI-SISAuthenticator": "Validateur",
    "CI-SISDocumentationOf": "Acte documenté",
    "CI-SISComponentOf": "Prise en charge",
    "CI-SISParticipant": "Participant",
    "CI-SISInformant": "Informateur",
    "CI-SISInformationRecipient": "Destinataire",
    "CI-SISRelatedDocument": "Document remplacé",
    "SMDS_CDAClinicalDocument": "En-tête du document",
}


def _subject(template: str) -> str:
    return _SUBJECTS.get(template, f"En-tête ({template.removeprefix('CI-SIS')})")


def _sentence(said: str) -> str:
    for pattern, words in _FORMS:
        found = pattern.match(said)
        if found:
            parts = {key: _PREFIX.sub("", value) for key, value in found.groupdict().items()}
            return f"{words.format(**parts)}."
    return said
