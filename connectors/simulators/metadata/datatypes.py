"""Forms of the French metadata: CX, XCN, XON, codes, OIDs, instants. Pure checks on text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from connectors.simulators.metadata.vocabulary import PROFESSIONALS, STRUCTURES

_OID = re.compile(r"(?=.{1,64}$)[0-2](\.(0|[1-9][0-9]*))+")
_MATRICULE = re.compile(r"[0-9]{5}([0-9]{2}|2A|2B)[0-9]{8}")
_INS_CX = re.compile(r"([^^&]+)\^\^\^&([0-9.]+)&ISO\^NH(?:\^\^[0-9]{14})?")
_LOCAL_CX = re.compile(r"([^^&]+)\^\^\^&([0-9.]+)&ISO\^PI")


def is_oid(value: str) -> bool:
    """An OID of at most 64 characters, no leading zero in an arc."""
    return bool(_OID.fullmatch(value))


def is_utc_time(value: str) -> bool:
    """`YYYYMMDDHHMMSS`, a date and an hour that exist."""
    if not re.fullmatch(r"[0-9]{14}", value):
        return False
    try:
        datetime.strptime(value, "%Y%m%d%H%M%S")  # noqa: DTZ007 - only whether it exists
    except ValueError:
        return False
    return True


def is_matricule(value: str) -> bool:
    """The fifteen characters of an INS."""
    return bool(_MATRICULE.fullmatch(value))


def has_right_key(matricule: str) -> bool:
    """The last two digits are 97 minus the rest modulo 97, Corsica's 2A and 2B counted as 19 and 18."""
    if not is_matricule(matricule):
        return False
    number = matricule[:13].replace("2A", "19").replace("2B", "18")
    return int(matricule[13:]) == 97 - int(number) % 97


@dataclass(frozen=True, slots=True)
class PatientId:
    value: str
    oid: str
    national: bool
    """True for an INS (`NH`), False for a number of the structure (`PI`)."""


def patient_id(value: str) -> PatientId | None:
    """`<INS>^^^&<OID>&ISO^NH`, possibly with its CX-7 instant, or `<IPP>^^^&<OID>&ISO^PI`; None for anything else."""
    for pattern, national in ((_INS_CX, True), (_LOCAL_CX, False)):
        match = pattern.fullmatch(value)
        if match and is_oid(match.group(2)):
            return PatientId(match.group(1), match.group(2), national)
    return None


def person_fault(value: str) -> str:
    """What is wrong in an XCN author or authenticator; empty when nothing is."""
    parts = value.split("^")
    if len(parts) != 13:
        return "XCN de 13 composants attendu"
    identifier, family, given = parts[0], parts[1], parts[2]
    authority, name_type, identifier_type = parts[8], parts[9], parts[12]
    if not identifier or not family or not given:
        return "identifiant, nom ou prénom vide"
    if any(parts[i] for i in (3, 4, 5, 6, 7, 10, 11)):
        return "composant XCN inattendu"
    if name_type == "U":
        return "" if identifier_type == "RI" and _assigning_oid(authority) else "système : XCN-13 doit être RI"
    if authority != f"&{PROFESSIONALS}&ISO":
        return "XCN-9 doit nommer l'annuaire national des professionnels"
    if name_type != "D":
        return "XCN-10 doit être D"
    wanted = "EI" if "/" in identifier else "IDNPS"
    if identifier_type != wanted:
        return f"XCN-13 doit être {wanted}"
    return "" if is_professional_id(identifier) else "identifiant national de professionnel mal formé"


def is_professional_id(value: str) -> bool:
    """IdNat_PS: 0 + ADELI, 8 + RPPS, or structure/internal for 1, 3, 4, 5 and 6."""
    return bool(re.fullmatch(r"0[0-9][0-9AB][0-9]{7}|8[0-9]{11}|[13456][0-9A-Z]{8,16}/[^\s/^]{1,64}", value))


def _assigning_oid(value: str) -> bool:
    match = re.fullmatch(r"&([0-9.]+)&ISO", value)
    return match is not None and is_oid(match.group(1))


def institution_fault(value: str) -> str:
    """What is wrong in an XON institution; empty when nothing is."""
    parts = value.split("^")
    if len(parts) != 10:
        return "XON de 10 composants attendu"
    if not parts[0].strip():
        return "nom de la structure vide"
    if any(parts[i] for i in (1, 2, 3, 4, 7, 8)):
        return "composant XON inattendu"
    if parts[5] != f"&{STRUCTURES}&ISO" or parts[6] != "IDNST":
        return "XON-6 et XON-7 doivent nommer l'identifiant national de structure (IDNST)"
    return "" if is_structure_id(parts[9]) else "identifiant national de structure mal formé"


def is_structure_id(value: str) -> bool:
    """Struct_IdNat: 0 + ADELI, 1 + FINESS, 2 + SIREN, 3 + SIRET, 4 + RPPS-rank."""
    return bool(re.fullmatch(r"[01][0-9][0-9AB][0-9]{7}|2[0-9]{9}|3[0-9]{14}|4[0-9]{11}[0-9-]*", value))


def institution_id(value: str) -> str:
    """XON-10."""
    parts = value.split("^")
    return parts[9] if len(parts) > 9 else ""


def specialty_fault(value: str) -> str:
    """What is wrong in an authorSpecialty `code^label^OID`; empty when nothing is."""
    parts = value.split("^")
    if len(parts) != 3 or not parts[0] or not parts[1] or not is_oid(parts[2]):
        return "spécialité attendue sous la forme code^libellé^OID"
    return ""
