"""XDS data types written as text: DTM, CX, XCN, XON (HL7 v2.5, as ITI TF-3 4.2.3.1.7 and the French profile use them).

Separators inside a value are escaped the HL7 v2.5 way (2.7): a name with `&` is `\\T\\`.
"""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from engine.model.parties import INS_OIDS, PROFESSIONAL_OID, STRUCTURE_OID
from engine.model.values import Code, Identifier, Timestamp

_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"}
_ORDER = "urn:ihe:iti:xds:2013:order"
_ACCESSION = "urn:ihe:iti:xds:2013:accession"


def escaped(text: str) -> str:
    """Text as one component: separators escaped, white space collapsed."""
    return "".join(_ESCAPES.get(sign, sign) for sign in " ".join(text.split()))


def dtm(time: Timestamp, zone: ZoneInfo | None) -> str:
    """`YYYYMMDDHHMMSS` in UTC: the start of the period named, for the index only; the document keeps its precision.

    `zone` holds for a date, and for an hour sent without an offset. Raises ValueError when there is neither.
    """
    if time.digits == time.value and zone is None:
        raise ValueError("no offset")
    return time.instant(zone).astimezone(UTC).strftime("%Y%m%d%H%M%S")


def unique_id(identifier: Identifier) -> str:
    """uniqueId of a document: `root`, or `root^extension`."""
    return identifier.root if identifier.extension is None else f"{identifier.root}^{identifier.extension}"


def patient_id(identifier: Identifier) -> str:
    """CX of a patient: the INS is typed NH, a local number PI."""
    kind = "NH" if identifier.root in INS_OIDS else "PI"
    return f"{escaped(identifier.extension or '')}^^^&{escaped(identifier.root)}&ISO^{kind}"


def person(identifier: Identifier, family: str, given: str | None) -> str:
    """XCN of a professional: IDNPS for a national number, EI for one internal to a structure (`structure/number`)."""
    number = identifier.extension or ""
    internal = identifier.root != PROFESSIONAL_OID or "/" in number
    return (
        f"{escaped(number)}^{escaped(family)}^{escaped(given or '')}^^^^^^&{escaped(identifier.root)}&ISO^D^^^"
        f"{'EI' if internal else 'IDNPS'}"
    )


def device(identifier: Identifier, software: str, model: str) -> str:
    """XCN of a device or of a piece of software."""
    return (
        f"{escaped(identifier.extension or '')}^{escaped(software)}^{escaped(model)}^^^^^^&"
        f"{escaped(identifier.root)}&ISO^U^^^RI"
    )


def institution(identifier: Identifier | None, name: str) -> str:
    """XON: IDNST for a national structure number; the name alone when there is no number."""
    if identifier is None or not identifier.extension:
        return escaped(name)
    kind = "IDNST" if identifier.root == STRUCTURE_OID else "XX"
    return f"{escaped(name)}^^^^^&{escaped(identifier.root)}&ISO^{kind}^^^{escaped(identifier.extension)}"


def specialty(code: Code) -> str:
    """authorSpecialty: `code^label^system`."""
    return f"{escaped(code.code)}^{escaped(code.display or '')}^{escaped(code.system)}"


def order_reference(identifier: Identifier) -> str:
    """CXi of an order number (JDV_J231)."""
    return _reference(identifier, _ORDER)


def accession_reference(identifier: Identifier) -> str:
    """CXi of an accession number (JDV_J231)."""
    return _reference(identifier, _ACCESSION)


def _reference(identifier: Identifier, kind: str) -> str:
    if identifier.extension is None:
        return f"{escaped(identifier.root)}^^^^{kind}"
    return f"{escaped(identifier.extension)}^^^&{escaped(identifier.root)}&ISO^{kind}"
