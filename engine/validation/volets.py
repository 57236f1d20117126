"""Which official schema a document calls for: its document templateId and that template's version."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from engine.validation.document import NS

LEVEL_1 = "1.3.6.1.4.1.19376.1.2.20"
"""Template of a document whose body is not structured (IHE ITI XDS-SD)."""

_FR = "1.2.250.1.213.1.1.1."
_NAMES = {
    f"{_FR}2.1.1": "CARD-F-PRC-AVK",
    f"{_FR}2.1.2": "CARD-F-PRC-TAP",
    f"{_FR}2.1.3": "CARD-F-PRC-DCI",
    f"{_FR}2.1.4": "CARD-F-PRC-PSC",
    f"{_FR}2.1.5": "CARD-F-PRC-PPV",
    f"{_FR}5.1": "CSE-CS8",
    f"{_FR}5.2": "CSE-CS9",
    f"{_FR}5.3": "CSE-CS24",
    f"{_FR}5.4": "CSE-MDE",
    f"{_FR}8": "CANCER-FRCP",
    f"{_FR}12.1": "OBP-SAP",
    f"{_FR}12.2": "OBP-SNM",
    f"{_FR}12.3": "OBP-SNE",
    f"{_FR}12.4": "OBP-SCM",
    f"{_FR}12.5": "OBP-SEM",
    f"{_FR}13": "VSM",
    f"{_FR}15": "AVC-AUNV",
    f"{_FR}16": "AVC-EUNV",
    f"{_FR}17": "AVC-SUNV",
    f"{_FR}18": "OPH-CR-RTN",
    f"{_FR}21": "LDL-EES",
    f"{_FR}22": "DLU-EHPAD-DLU",
    f"{_FR}23": "DLU-EHPAD-FLUDT",
    f"{_FR}24": "DLU-EHPAD-FLUDR",
    f"{_FR}25": "AVC-PAVC",
    f"{_FR}26": "CANCER-PPS",
    f"{_FR}27": "CANCER-D2LM-FIN",
    f"{_FR}28": "CANCER-D2LM-FIDD",
    f"{_FR}29": "LDL-SES",
    f"{_FR}30": "SDM-MR",
    f"{_FR}32": "CANCER-CR-GM",
    f"{_FR}36": "CNAM-HR",
    f"{_FR}37": "VAC",
    f"{_FR}38": "TLM-DA",
    f"{_FR}39": "EP-MED-DM",
    f"{_FR}40": "ANEST-CR-ANEST",
    f"{_FR}41": "ANEST-CR-CPA",
    f"{_FR}42": "OPH-BRE",
    f"{_FR}45": "IMG-CR-IMG",
    f"{_FR}46": "VAC-NOTE",
    f"{_FR}47": "IMG-DA-IMG",
    f"{_FR}51": "IPS-FR",
    f"{_FR}54": "eDISP-MED",
    f"{_FR}55": "BIO-CR-BIO",
    f"{_FR}59": "BIO-TROD",
}
"""Document template → name of its volet, as in the file names of the pack."""

_CR_BIO = f"{_FR}55"
_PDF_COPY = "1.2.250.1.213.1.1.2.243"
_VERSIONS = {(f"{_FR}13", "201310"): "VSM_1.4_2022.01"}
"""Templates whose extension is not the version in the file's name."""


@dataclass(frozen=True, slots=True)
class Volet:
    """What a document says it is."""

    type_code: str
    template: str
    """`root` or `root^extension`; empty when no document template is known to us."""
    name: str
    """`BIO-CR-BIO_2024.01`; empty when only the common profiles apply."""
    level: int | None

    @property
    def schema(self) -> str:
        """Its schema's place in the pack."""
        return f"schematrons/CI-SIS_{self.name}.sch" if self.name else ""


def volet(cda: etree._Element) -> Volet:
    """Read from ClinicalDocument/templateId, code and component."""
    code = cda.find("cda:code", NS)
    level = _level(cda)
    template, name = ("", "") if level == 1 else _template(cda)
    if level == 1 and any(t.get("root") == LEVEL_1 for t in cda.findall("cda:templateId", NS)):
        template = LEVEL_1
    return Volet((code.get("code") or "") if code is not None else "", template, name, level)


def _level(cda: etree._Element) -> int | None:
    if cda.find("cda:component/cda:nonXMLBody", NS) is not None:
        return 1
    return 3 if cda.find("cda:component/cda:structuredBody", NS) is not None else None


def _template(cda: etree._Element) -> tuple[str, str]:
    for element in cda.findall("cda:templateId", NS):
        root, extension = element.get("root") or "", element.get("extension") or ""
        if root in _NAMES:
            name = _VERSIONS.get((root, extension)) or (f"{_NAMES[root]}_{extension}" if extension else "")
            if root == _CR_BIO and not extension:
                name = _unversioned_cr_bio(cda)
            return (f"{root}^{extension}" if extension else root), name
    return "", ""


def _unversioned_cr_bio(cda: etree._Element) -> str:
    """CR-BIO 2021.01 had no version in its template, and official examples of 2024.01 leave it out: the PDF copy, which
    2021.01 does not admit, tells them apart."""
    sections = cda.iterfind("cda:component/cda:structuredBody/cda:component/cda:section/cda:templateId", NS)
    is_2024 = any(template.get("root") == _PDF_COPY for template in sections)
    return "BIO-CR-BIO_2024.01" if is_2024 else "BIO-CR-BIO_2021.01"
