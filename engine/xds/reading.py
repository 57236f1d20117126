"""ebRIM 3.0 read back into metadata values."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engine.errors import DocumentError
from engine.model.values import Code
from engine.xds.values import APPROVED, Association, DocumentEntry, Submission, SubmissionSet, XdsAuthor
from engine.xds.vocabulary import (
    DOCUMENT_AUTHOR,
    DOCUMENT_CODES,
    DOCUMENT_PATIENT_ID,
    DOCUMENT_UNIQUE_ID,
    RIM,
    SUBMISSION_AUTHOR,
    SUBMISSION_CONTENT_TYPE,
    SUBMISSION_PATIENT_ID,
    SUBMISSION_SOURCE_ID,
    SUBMISSION_UNIQUE_ID,
)

_NS = {"rim": RIM}
_SEVERAL = frozenset({"confidentiality_codes", "event_codes"})


def read_submission(element: etree._Element) -> Submission:
    """A SubmitObjectsRequest, or any element that holds its objects. Raises DocumentError when a part is missing."""
    packages = element.findall(".//rim:RegistryPackage", _NS)
    if len(packages) != 1:
        raise DocumentError("xds.ebrim", "Les métadonnées ne portent pas un lot de soumission et un seul.")
    return Submission(
        _submission_set(packages[0]),
        tuple(_entry(one) for one in element.findall(".//rim:ExtrinsicObject", _NS)),
        tuple(_association(one) for one in element.findall(".//rim:Association", _NS)),
    )


def _submission_set(one: etree._Element) -> SubmissionSet:
    return SubmissionSet(
        id=one.get("id", ""),
        unique_id=_required(_external(one, SUBMISSION_UNIQUE_ID), "uniqueId"),
        source_id=_required(_external(one, SUBMISSION_SOURCE_ID), "sourceId"),
        submission_time=_required(_slot(one, "submissionTime"), "submissionTime"),
        content_type_code=_one_code(one, SUBMISSION_CONTENT_TYPE, "contentTypeCode"),
        authors=_authors(one, SUBMISSION_AUTHOR),
        patient_id=_external(one, SUBMISSION_PATIENT_ID),
        title=_label(one, "Name"),
        comments=_label(one, "Description"),
        intended_recipients=_slots(one, "intendedRecipient"),
        status=one.get("status", APPROVED),
    )


def _entry(one: etree._Element) -> DocumentEntry:
    size = _slot(one, "size")
    coded: dict[str, Any] = {
        name: _codes(one, scheme) if name in _SEVERAL else _one_code(one, scheme, name)
        for name, scheme in DOCUMENT_CODES
    }
    return DocumentEntry(
        id=one.get("id", ""),
        unique_id=_required(_external(one, DOCUMENT_UNIQUE_ID), "uniqueId"),
        mime_type=one.get("mimeType", ""),
        title=_label(one, "Name") or "",
        creation_time=_required(_slot(one, "creationTime"), "creationTime"),
        service_start_time=_slot(one, "serviceStartTime") or "",
        service_stop_time=_slot(one, "serviceStopTime"),
        language_code=_required(_slot(one, "languageCode"), "languageCode"),
        legal_authenticator=_slot(one, "legalAuthenticator"),
        source_patient_id=_required(_slot(one, "sourcePatientId"), "sourcePatientId"),
        source_patient_info=_slots(one, "sourcePatientInfo"),
        patient_id=_external(one, DOCUMENT_PATIENT_ID),
        authors=_authors(one, DOCUMENT_AUTHOR),
        reference_ids=_slots(one, "urn:ihe:iti:xds:2013:referenceIdList"),
        comments=_label(one, "Description"),
        hash=_slot(one, "hash"),
        size=int(size) if size is not None and size.isascii() and size.isdigit() else None,
        uri=_slot(one, "URI"),
        action=_slot(one, "urn:action:extraMetadataSlot"),
        status=one.get("status", APPROVED),
        **coded,
    )


def _association(one: etree._Element) -> Association:
    names = [slot.get("name", "") for slot in one.findall("rim:Slot", _NS)]
    return Association(
        id=one.get("id", ""),
        type=one.get("associationType", ""),
        source=one.get("sourceObject", ""),
        target=one.get("targetObject", ""),
        slots=tuple((name, _slots(one, name)) for name in names),
    )


def _authors(one: etree._Element, scheme: str) -> tuple[XdsAuthor, ...]:
    return tuple(
        XdsAuthor(
            person=_slot(author, "authorPerson") or "",
            institutions=_slots(author, "authorInstitution"),
            specialties=_slots(author, "authorSpecialty"),
            roles=_slots(author, "authorRole"),
        )
        for author in _classifications(one, scheme)
    )


def _one_code(one: etree._Element, scheme: str, name: str) -> Code:
    found = _codes(one, scheme)
    if len(found) != 1:
        raise DocumentError("xds.ebrim", "Un code des métadonnées manque ou est répété.", where=name)
    return found[0]


def _codes(one: etree._Element, scheme: str) -> tuple[Code, ...]:
    return tuple(
        Code(found.get("nodeRepresentation", ""), _slot(found, "codingScheme") or "", _label(found, "Name"))
        for found in _classifications(one, scheme)
    )


def _classifications(one: etree._Element, scheme: str) -> list[etree._Element]:
    return [found for found in one.findall("rim:Classification", _NS) if found.get("classificationScheme") == scheme]


def _external(one: etree._Element, scheme: str) -> str | None:
    for found in one.findall("rim:ExternalIdentifier", _NS):
        if found.get("identificationScheme") == scheme:
            return found.get("value")
    return None


def _slot(one: etree._Element, name: str) -> str | None:
    return next(iter(_slots(one, name)), None)


def _slots(one: etree._Element, name: str) -> tuple[str, ...]:
    for slot in one.findall("rim:Slot", _NS):
        if slot.get("name") == name:
            return tuple(value.text or "" for value in slot.findall("rim:ValueList/rim:Value", _NS))
    return ()


def _label(one: etree._Element, tag: str) -> str | None:
    found = one.find(f"rim:{tag}/rim:LocalizedString", _NS)
    return None if found is None else found.get("value")


def _required(value: str | None, name: str) -> str:
    if value is None:
        raise DocumentError("xds.ebrim", "Une métadonnée obligatoire manque.", where=name)
    return value
