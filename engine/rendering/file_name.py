"""Name of the readable copy as a file (MSSanté operator rule ECO.2.1.6)."""

from __future__ import annotations

import re
import unicodedata

from engine.model.document import ClinicalDocument

UNKNOWN = "INCONNU"
_TYPE_LENGTH = 40
_NAME_LENGTH = 50
_NUMBER_LENGTH = 60
_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)
_OTHERS = re.compile(r"[^A-Za-z0-9]+")


def file_name(document: ClinicalDocument) -> str:
    """`<AAAAMMJJ>_<type>_<NOM>_<prenom>[_<dossier>]`, without extension, ASCII letters, digits, `-` and `_` only.

    The date is that of the act (serviceEvent/effectiveTime/low), as precise as it was sent; the name is the birth name,
    else the used one; the file number is the laboratory's request number. At most 212 characters.
    """
    patient = document.patient
    family = _plain(patient.birth_name or patient.used_name or "", _NAME_LENGTH).upper() or UNKNOWN
    given = _plain(patient.first_given_name or patient.used_given_name or "", _NAME_LENGTH) or UNKNOWN.lower()
    request = _plain(document.act.id.extension or "", _NUMBER_LENGTH) if document.act.id else ""
    parts = (document.act.start.digits[:8], _plain(type_label(document), _TYPE_LENGTH) or "document", family, given)
    return "_".join((*parts, request) if request else parts)


def type_label(document: ClinicalDocument) -> str:
    """The kind of document in words, at most 40 characters: the title its volet gives it."""
    return document.title[:_TYPE_LENGTH].rstrip()


def _plain(text: str, length: int) -> str:
    """Unaccented letters and digits; anything else, between two of them, is one `-`."""
    letters = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    unaccented = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _OTHERS.sub("-", unaccented).strip("-")[:length].rstrip("-")
