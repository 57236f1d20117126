"""National identifiers as the metadata bear them: IdNat_PS of a professional, Struct_IdNat of a structure.

Senders write the bare number as often as the identifier, which begins with a digit that says what number follows
(volet Transmission de document(s) CDA-R2 en HL7v2: IDNPS or RPPS, IDNST or FINEG and FINEJ).
"""

from __future__ import annotations

import re

from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID
from engine.model.values import Identifier

_ADELI = r"[0-9][0-9AB][0-9]{7}"
_PROFESSIONAL = re.compile(rf"8[0-9]{{11}}|0{_ADELI}|[13456][0-9A-Z]{{8,16}}/[^\s/^]{{1,64}}")
_STRUCTURE = re.compile(rf"1[0-9][0-9AB][0-9]{{7}}|0{_ADELI}|2[0-9]{{9}}|3[0-9]{{14}}|4[0-9]{{11}}[0-9-]*")
_BARE_PROFESSIONAL = ((re.compile(r"[0-9]{11}"), "8"), (re.compile(_ADELI), "0"))
"""RPPS, ADELI."""
_BARE_STRUCTURE = ((re.compile(r"[0-9][0-9AB][0-9]{7}"), "1"), (re.compile(r"[0-9]{14}"), "3"))
"""FINESS, SIRET."""


def professional(identifier: Identifier | None) -> Identifier | None:
    """The national identifier of a person; None when it is none: another directory's, a generic or malformed one."""
    number = _completed(identifier, PROFESSIONAL_OID, _PROFESSIONAL, _BARE_PROFESSIONAL)
    if number is None or len(set(number[1:])) < 2:
        return None
    return Identifier(PROFESSIONAL_OID, number)


def structure(identifier: Identifier | None) -> Identifier | None:
    """The national identifier of a structure; None when it is none."""
    number = _completed(identifier, STRUCTURE_OID, _STRUCTURE, _BARE_STRUCTURE)
    return None if number is None else Identifier(STRUCTURE_OID, number)


def _completed(
    identifier: Identifier | None, root: str, whole: re.Pattern[str], bare: tuple[tuple[re.Pattern[str], str], ...]
) -> str | None:
    if identifier is None or identifier.root != root:
        return None
    number = (identifier.extension or "").strip()
    if whole.fullmatch(number):
        return number
    return next((prefix + number for pattern, prefix in bare if pattern.fullmatch(number)), None)
