"""National identifiers of professionals (IdNat_PS) and structures (IdNat_Struct): prefix, length, key.

RPPS, SIREN, SIRET and FINESS end with a Luhn key. Warnings: many test identities
have no valid key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID
from engine.validation.checks.remark import warning
from engine.validation.document import HL7

_NATIONAL = etree.XPath(
    f".//cda:id[@root = '{PROFESSIONAL_OID}' or @root = '{STRUCTURE_OID}']", namespaces={"cda": HL7}
)
_PROFESSIONAL = re.compile(r"^(?:8\d{11}|0[0-9AB]{9}|[13456][^/]+/.+)$")
"""8 RPPS, 0 ADELI, or an employee: structure, `/`, number given by the structure."""
_STRUCTURE = re.compile(r"^(?:1[0-9AB]{9}|2\d{9}|3\d{14}|0[0-9AB]{9}.*|4\d{11}.*)$")
"""1 FINESS, 2 SIREN, 3 SIRET, 0 ADELI and rank of a practice, 4 RPPS and rank of a practice."""


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Twice a digit, 9 taken off when there are two digits."""


def national_identifiers(cda: etree._Element) -> Iterator[Finding]:
    """Every `id` of the document whose root is one of the two national OIDs."""
    for element in _NATIONAL(cda):  # type: ignore[union-attr]
        extension = element.get("extension") or ""  # type: ignore[union-attr]
        judge = _professional if element.get("root") == PROFESSIONAL_OID else _structure  # type: ignore[union-attr]
        yield from judge(element, extension)  # type: ignore[arg-type]


def luhn(digits: str) -> bool:
    """True when the last digit is the Luhn key of the others (ISO/IEC 7812-1)."""
    plain, doubled = digits[::-2], digits[-2::-2]
    return (sum(map(int, plain)) + sum(_DOUBLED[int(digit)] for digit in doubled)) % 10 == 0


def _professional(element: etree._Element, extension: str) -> Iterator[Finding]:
    if not _PROFESSIONAL.match(extension):
        yield warning(
            "professional_id",
            element,
            "L’identifiant national de ce professionnel n’a pas la forme attendue.",
            "Écrire 8 suivi des 11 chiffres du RPPS (ou 0 suivi du numéro ADELI).",
        )
    elif extension.startswith("8") and not luhn(extension[1:]):
        yield warning(
            "rpps_key",
            element,
            "La clé du numéro RPPS de ce professionnel est fausse.",
            "Vérifier le numéro dans l’Annuaire Santé.",
        )


def _structure(element: etree._Element, extension: str) -> Iterator[Finding]:
    if not _STRUCTURE.match(extension):
        yield warning(
            "structure_id",
            element,
            "L’identifiant national de cette structure n’a pas la forme attendue.",
            "Écrire 1 suivi des 9 caractères du FINESS (ou 3 suivi du SIRET).",
        )
        return
    number = extension[1:].translate(str.maketrans("AB", "00")) if extension[0] == "1" else extension[1:]
    if extension[0] in "123" and not luhn(number):
        yield warning(
            "structure_key",
            element,
            "La clé du numéro FINESS, SIREN ou SIRET de cette structure est fausse.",
            "Vérifier le numéro dans l’Annuaire Santé ou le répertoire FINESS.",
        )
