"""The header of a CDA R2 document, as a receiver reads it to compare it with the metadata."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.simulators.metadata.vocabulary import INS_REAL, INS_TEST, PROFESSIONALS
from connectors.simulators.xml import Element, parse

_NS = {"c": "urn:hl7-org:v3"}
_TS = re.compile(r"([0-9]{4,14})(?:\.[0-9]+)?([+-][0-9]{4})?")


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    system: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class CdaHeader:
    """What a receiver compares. Empty where the document says nothing."""

    root: str
    extension: str
    code: Code
    title: str
    effective_time: str
    language: str
    confidentiality: str
    record_targets: int
    patient_ids: tuple[tuple[str, str], ...]
    """(root, extension) of every recordTarget/patientRole/id."""
    birth_names: tuple[str, ...]
    """family[@qualifier=BR]."""
    names: tuple[str, ...]
    """Every family name."""
    given_names: tuple[str, ...]
    gender: str
    birth_time: str
    authors: tuple[str, ...]
    """National identifiers of the authors who are persons."""
    legal_authenticator: str
    """Its national identifier, empty when it has none."""
    has_legal_authenticator: bool
    event_codes: tuple[Code, ...]
    start: str
    stop: str
    facility: Code
    setting: Code
    replaced: tuple[str, ...]
    """relatedDocument[@typeCode=RPLC]/parentDocument/id, as `root[^extension]`."""
    template_ids: tuple[str, ...]
    body_media_type: str
    """Of a nonXMLBody; empty when the body is structured."""
    has_structured_body: bool
    embedded_pdfs: tuple[bytes, ...]
    """PDFs carried in base64, the nonXMLBody's first."""

    @property
    def unique_id(self) -> str:
        return f"{self.root}^{self.extension}" if self.extension else self.root

    @property
    def ins(self) -> tuple[tuple[str, str], ...]:
        """(OID, matricule) of each INS."""
        return tuple(i for i in self.patient_ids if i[0] in INS_REAL | INS_TEST)


def cda_header(content: bytes) -> CdaHeader:
    """Read a document. Raises ValueError when it is no CDA, or a part that every CDA has cannot be read."""
    root = parse(content)
    if root.tag != f"{{{_NS['c']}}}ClinicalDocument":
        raise ValueError("l'élément racine n'est pas ClinicalDocument")
    act = _first(root, "c:documentationOf/c:serviceEvent")
    media = _attribute(root, "c:component/c:nonXMLBody/c:text", "mediaType")
    return CdaHeader(
        root=_attribute(root, "c:id", "root"),
        extension=_attribute(root, "c:id", "extension"),
        code=_code(_first(root, "c:code")),
        title=_content(_first(root, "c:title")),
        effective_time=_attribute(root, "c:effectiveTime", "value"),
        language=_attribute(root, "c:languageCode", "code"),
        confidentiality=_attribute(root, "c:confidentialityCode", "code"),
        record_targets=len(root.findall("c:recordTarget", _NS)),
        patient_ids=_ids(root, "c:recordTarget/c:patientRole/c:id"),
        birth_names=_texts(root, "c:recordTarget/c:patientRole/c:patient/c:name/c:family[@qualifier='BR']"),
        names=_texts(root, "c:recordTarget/c:patientRole/c:patient/c:name/c:family"),
        given_names=_texts(root, "c:recordTarget/c:patientRole/c:patient/c:name/c:given"),
        gender=_attribute(root, "c:recordTarget/c:patientRole/c:patient/c:administrativeGenderCode", "code"),
        birth_time=_attribute(root, "c:recordTarget/c:patientRole/c:patient/c:birthTime", "value"),
        authors=tuple(
            extension
            for author in root.findall("c:author/c:assignedAuthor", _NS)
            if author.find("c:assignedPerson", _NS) is not None
            for oid, extension in _ids(author, "c:id")
            if oid == PROFESSIONALS
        ),
        legal_authenticator=next(
            (
                extension
                for oid, extension in _ids(root, "c:legalAuthenticator/c:assignedEntity/c:id")
                if oid == PROFESSIONALS
            ),
            "",
        ),
        has_legal_authenticator=_first(root, "c:legalAuthenticator") is not None,
        event_codes=tuple(
            _code(code)
            for code in root.findall("c:documentationOf/c:serviceEvent/c:code", _NS)
            if code.get("code") is not None
        ),
        start=_attribute(act, "c:effectiveTime/c:low", "value") or _attribute(act, "c:effectiveTime", "value"),
        stop=_attribute(act, "c:effectiveTime/c:high", "value"),
        facility=_code(_first(root, "c:componentOf/c:encompassingEncounter/c:location/c:healthCareFacility/c:code")),
        setting=_code(
            _first(act, "c:performer/c:assignedEntity/c:representedOrganization/c:standardIndustryClassCode")
        ),
        replaced=tuple(
            f"{oid}^{extension}" if extension else oid
            for oid, extension in _ids(root, "c:relatedDocument[@typeCode='RPLC']/c:parentDocument/c:id")
        ),
        template_ids=tuple(oid for oid, _ in _ids(root, "c:templateId")),
        body_media_type=media,
        has_structured_body=_first(root, "c:component/c:structuredBody") is not None,
        embedded_pdfs=tuple(_pdfs(root)),
    )


def instant(value: str) -> datetime | None:
    """A TS with at least minutes and a zone, in UTC; None when it is less precise or cannot be read."""
    match = _TS.fullmatch(value)
    if match is None or match.group(2) is None or len(match.group(1)) not in (12, 14):
        return None
    try:
        return datetime.strptime(match.group(1).ljust(14, "0") + match.group(2), "%Y%m%d%H%M%S%z").astimezone(UTC)
    except ValueError:
        return None


def agrees(metadata_time: str, ts: str) -> bool:
    """Whether a UTC metadata time says the same as a document's TS; where that has no hour or no zone: within its day,
    month or year, give or take one day."""
    try:
        told = datetime.strptime(metadata_time, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    exact = instant(ts)
    if exact is not None:
        return told == exact
    match = _TS.fullmatch(ts)
    if match is None:
        return False
    digits = match.group(1)
    try:
        first = datetime.strptime(_first_day(digits[:8]), "%Y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return False
    length = {4: 366, 6: 31}.get(len(digits), 1)
    return first - timedelta(days=1) <= told < first + timedelta(days=length + 1)


def _first_day(digits: str) -> str:
    return digits + "0101"[len(digits) - 4 :] if len(digits) in (4, 6) else digits


def _first(element: Element | None, path: str) -> Element | None:
    return element.find(path, _NS) if element is not None else None


def _attribute(element: Element | None, path: str, name: str) -> str:
    found = _first(element, path)
    return found.get(name, "") if found is not None else ""


def _content(element: Element | None) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def _texts(element: Element, path: str) -> tuple[str, ...]:
    return tuple(text for text in (_content(e) for e in element.findall(path, _NS)) if text)


def _ids(element: Element, path: str) -> tuple[tuple[str, str], ...]:
    return tuple((e.get("root", ""), e.get("extension", "")) for e in element.findall(path, _NS))


def _code(element: Element | None) -> Code:
    if element is None:
        return Code("", "")
    return Code(element.get("code", ""), element.get("codeSystem", ""), element.get("displayName", ""))


def _pdfs(root: Element) -> list[bytes]:
    found = []
    for element in root.iter(f"{{{_NS['c']}}}text", f"{{{_NS['c']}}}value"):
        if element.get("mediaType") == "application/pdf" and element.get("representation") == "B64":
            try:
                found.append(base64.b64decode("".join((element.text or "").split()), validate=True))
            except binascii.Error as error:
                raise ValueError("PDF embarqué illisible (base64)") from error
    return found
