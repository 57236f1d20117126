"""Systems of identifiers and codes: FHIR's URIs → the OIDs of CDA."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.context import stable_oid
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"
CATALOGUE = "urn:passeur:catalogue"
"""Of `DocumentReference.category`: a document of the catalogue by its short name."""
KIND = "urn:passeur:kind"
"""Of `DocumentReference.category`: the host's own kind of document, mapped once."""
RPPS = frozenset({"https://rpps.esante.gouv.fr", "http://rpps.esante.gouv.fr", f"urn:oid:{PROFESSIONAL_OID}"})
FINESS = frozenset({"https://finess.esante.gouv.fr", "http://finess.esante.gouv.fr", f"urn:oid:{STRUCTURE_OID}"})

_OIDS: Mapping[str, str] = {
    LOINC: "2.16.840.1.113883.6.1",
    UCUM: "2.16.840.1.113883.6.8",
    "http://snomed.info/sct": "2.16.840.1.113883.6.96",
    "http://www.ncbi.nlm.nih.gov/taxonomy": "2.16.840.1.113883.3.9471",
    INTERPRETATION: "2.16.840.1.113883.5.83",
    CONFIDENTIALITY: "2.16.840.1.113883.5.25",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode": "2.16.840.1.113883.5.4",
    "http://terminology.hl7.org/CodeSystem/v2-0487": "2.16.840.1.113883.18.311",
    "http://terminology.hl7.org/CodeSystem/v3-ObservationMethod": "2.16.840.1.113883.5.84",
}
OFFICIAL = frozenset(_OIDS.values()) - {"2.16.840.1.113883.6.8"}
"""Code systems that mean the same at everyone's."""
_OID = re.compile(r"urn:oid:([0-2](?:\.(?:0|[1-9][0-9]*))+)")
_NOS = re.compile(r"https?://mos\.esante\.gouv\.fr/NOS/(?:TRE|JDV)_([A-Z]+[0-9]+)-", re.ASCII)
_TABLES: Mapping[str, str] = {
    "A05": "1.2.250.1.213.1.1.4.12",
    "J01": "1.2.250.1.213.1.1.4.5",
}


def known_oid(uri: str) -> str | None:
    """The OID of a URI: `urn:oid:…`, a code system of HL7's, a table of the NOS; None when nobody gave it one."""
    match = _OID.fullmatch(uri)
    if match is not None:
        return match.group(1)
    return _OIDS.get(uri) or _TABLES.get(nos_table(uri))


def oid(uri: str, *, unsaid: str) -> str:
    """The same, an OID of ours for a URI that has none (the same on any day), `unsaid` for an empty one."""
    return unsaid if not uri else known_oid(uri) or stable_oid("system", uri)


def nos_table(uri: str) -> str:
    """`G15` of `https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/…`; empty for any other system."""
    match = _NOS.match(uri)
    return match.group(1) if match else ""
