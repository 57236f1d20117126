"""Which of our rules apply to a document: those of every header, then those of the type it says it is."""

from __future__ import annotations

from lxml import etree

from engine.validation.document import NS

LOINC = "2.16.840.1.113883.6.1"
CR_BIO = "1.2.250.1.213.1.1.1.55"
CERTIFICATES = "1.2.250.1.213.1.1.1.5"
"""Parent template of the child health certificates (CSE)."""

_HEADER = ("header.sch", "header_datatypes.sch", "header_values.sch")
_MODELS = ("sections.sch", "entries.sch")
_CERTIFICATE = {
    f"{CERTIFICATES}.1": "cse_cs8.sch",
    f"{CERTIFICATES}.2": "cse_cs9.sch",
    f"{CERTIFICATES}.3": "cse_cs24.sch",
}


def schemas(cda: etree._Element) -> tuple[str, ...]:
    """File names of our schematrons for a ClinicalDocument, in the order of the run."""
    if cda.find("cda:component/cda:nonXMLBody", NS) is not None:
        return (*_HEADER, "n1.sch")
    if is_biology(cda):
        return (*_HEADER, *_MODELS, "laboratory.sch", "cr_bio.sch")
    if is_certificate(cda):
        return (*_HEADER, *_MODELS, "cse.sch", *(_CERTIFICATE[root] for root in _roots(cda) if root in _CERTIFICATE))
    return _HEADER


def is_biology(cda: etree._Element) -> bool:
    """True for a laboratory report (CR-BIO), by its type code or by its template."""
    code = cda.find("cda:code", NS)
    typed = code is not None and (code.get("code"), code.get("codeSystem")) == ("11502-2", LOINC)
    return typed or CR_BIO in _roots(cda)


def is_certificate(cda: etree._Element) -> bool:
    """True for a child health certificate (CSE), by its template or that of all certificates."""
    return any(root == CERTIFICATES or root.startswith(f"{CERTIFICATES}.") for root in _roots(cda))


def _roots(cda: etree._Element) -> tuple[str, ...]:
    return tuple(dict.fromkeys(template.get("root") or "" for template in cda.findall("cda:templateId", NS)))
