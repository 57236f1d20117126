"""Empty documents, one per document type of the engine: validating one compiles all that the type needs."""

from __future__ import annotations

_EMPTY = (
    '<ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>{}'
    "<component>{}</component></ClinicalDocument>"
)
_STRUCTURED = "<structuredBody/>"

OTHER = _EMPTY.format("", "<nonXMLBody/>").encode()
"""A level 1 document: the common profiles alone."""

skeletons = {
    "cr_bio": _EMPTY.format(
        '<templateId root="1.2.250.1.213.1.1.1.55" extension="2024.01"/>'
        '<code code="11502-2" codeSystem="2.16.840.1.113883.6.1"/>',
        _STRUCTURED,
    ).encode(),
}
"""By the type's name in the engine; a type that is not here needs the common profiles only."""
