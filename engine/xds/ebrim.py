"""Metadata ↔ ebRIM 3.0 (ITI TF-3 4.2): SubmitObjectsRequest as ITI-41 sends it and as METADATA.XML holds it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.model.values import Code
from engine.xds.reading import read_submission
from engine.xds.values import Association, DocumentEntry, Submission, SubmissionSet, XdsAuthor
from engine.xds.vocabulary import (
    DOCUMENT_AUTHOR,
    DOCUMENT_CODES,
    DOCUMENT_PATIENT_ID,
    DOCUMENT_UNIQUE_ID,
    EXTRINSIC_OBJECT_TYPE,
    LCM,
    RIM,
    RIM_MAP,
    SUBMISSION_AUTHOR,
    SUBMISSION_CONTENT_TYPE,
    SUBMISSION_NODE,
    SUBMISSION_PATIENT_ID,
    SUBMISSION_SOURCE_ID,
    SUBMISSION_UNIQUE_ID,
)
from engine.xds.xml import Builder

__all__ = ["read_submission", "submit_objects_request"]

_RIM = Builder(RIM, RIM_MAP)
_LCM = Builder(LCM, RIM_MAP)
_OBJECTS = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:"


def submit_objects_request(submission: Submission, *, with_hash: bool) -> etree._Element:
    """lcm:SubmitObjectsRequest: the package, its classification, the documents, the associations.

    `with_hash` writes hash and size: always in an XDM, not towards the DMP, which computes them.
    """
    objects = _RIM(
        "RegistryObjectList",
        None,
        _registry_package(submission.submission_set),
        _RIM(
            "Classification",
            {
                "id": f"{submission.submission_set.id}_node",
                "classificationNode": SUBMISSION_NODE,
                "classifiedObject": submission.submission_set.id,
                "objectType": f"{_OBJECTS}Classification",
            },
        ),
        *(_extrinsic_object(entry, with_hash) for entry in submission.entries),
        *(_association(one) for one in submission.associations),
    )
    return _LCM("SubmitObjectsRequest", None, objects)


def _extrinsic_object(entry: DocumentEntry, with_hash: bool) -> etree._Element:
    parts = _Parts(entry.id)
    return _RIM(
        "ExtrinsicObject",
        {
            "id": entry.id,
            "mimeType": entry.mime_type,
            "objectType": EXTRINSIC_OBJECT_TYPE,
            "status": entry.status,
        },
        *_document_slots(entry, with_hash),
        *_labels(entry.title, entry.comments),
        *(parts.author(DOCUMENT_AUTHOR, one) for one in entry.authors),
        *(parts.code(scheme, one) for name, scheme in DOCUMENT_CODES for one in _entry_codes(entry, name)),
        *parts.identifier(DOCUMENT_PATIENT_ID, entry.patient_id, "XDSDocumentEntry.patientId"),
        *parts.identifier(DOCUMENT_UNIQUE_ID, entry.unique_id, "XDSDocumentEntry.uniqueId"),
    )


def _document_slots(entry: DocumentEntry, with_hash: bool) -> Iterator[etree._Element]:
    yield from _slot("creationTime", entry.creation_time)
    if with_hash:
        yield from _slot("hash", entry.hash)
        yield from _slot("size", None if entry.size is None else str(entry.size))
    yield from _slot("URI", entry.uri)
    yield from _slot("languageCode", entry.language_code)
    yield from _slot("legalAuthenticator", entry.legal_authenticator)
    yield from _slot("serviceStartTime", entry.service_start_time or None)
    yield from _slot("serviceStopTime", entry.service_stop_time)
    yield from _slot("sourcePatientId", entry.source_patient_id)
    yield from _slot("sourcePatientInfo", *entry.source_patient_info)
    yield from _slot("urn:ihe:iti:xds:2013:referenceIdList", *entry.reference_ids)
    yield from _slot("urn:action:extraMetadataSlot", entry.action)


def _entry_codes(entry: DocumentEntry, name: str) -> tuple[Code, ...]:
    found = getattr(entry, name)
    return (found,) if isinstance(found, Code) else tuple(found)


def _registry_package(one: SubmissionSet) -> etree._Element:
    parts = _Parts(one.id)
    return _RIM(
        "RegistryPackage",
        {"id": one.id, "objectType": f"{_OBJECTS}RegistryPackage", "status": one.status},
        *_slot("submissionTime", one.submission_time),
        *_slot("intendedRecipient", *one.intended_recipients),
        *_labels(one.title, one.comments),
        *(parts.author(SUBMISSION_AUTHOR, author) for author in one.authors),
        parts.code(SUBMISSION_CONTENT_TYPE, one.content_type_code),
        *parts.identifier(SUBMISSION_PATIENT_ID, one.patient_id, "XDSSubmissionSet.patientId"),
        *parts.identifier(SUBMISSION_SOURCE_ID, one.source_id, "XDSSubmissionSet.sourceId"),
        *parts.identifier(SUBMISSION_UNIQUE_ID, one.unique_id, "XDSSubmissionSet.uniqueId"),
    )


def _association(one: Association) -> etree._Element:
    return _RIM(
        "Association",
        {
            "id": one.id,
            "associationType": one.type,
            "sourceObject": one.source,
            "targetObject": one.target,
            "objectType": f"{_OBJECTS}Association",
        },
        *(slot for name, values in one.slots for slot in _slot(name, *values)),
    )


class _Parts:
    """Classifications and external identifiers of one object, numbered within it."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._number = 0

    def author(self, scheme: str, author: XdsAuthor) -> etree._Element:
        return self._classification(
            scheme,
            "",
            *_slot("authorPerson", author.person),
            *_slot("authorInstitution", *author.institutions),
            *_slot("authorSpecialty", *author.specialties),
            *_slot("authorRole", *author.roles),
        )

    def code(self, scheme: str, code: Code) -> etree._Element:
        label = () if code.display is None else (_localized("Name", code.display),)
        return self._classification(scheme, code.code, *_slot("codingScheme", code.system), *label)

    def identifier(self, scheme: str, value: str | None, name: str) -> Iterator[etree._Element]:
        if value is None:
            return
        yield _RIM(
            "ExternalIdentifier",
            {
                "id": self._next(),
                "registryObject": self._owner,
                "identificationScheme": scheme,
                "value": value,
                "objectType": f"{_OBJECTS}ExternalIdentifier",
            },
            _localized("Name", name),
        )

    def _classification(self, scheme: str, code: str, *content: etree._Element) -> etree._Element:
        return _RIM(
            "Classification",
            {
                "id": self._next(),
                "classificationScheme": scheme,
                "classifiedObject": self._owner,
                "nodeRepresentation": code,
                "objectType": f"{_OBJECTS}Classification",
            },
            *content,
        )

    def _next(self) -> str:
        self._number += 1
        return f"{self._owner}_{self._number:02}"


def _slot(name: str, *values: str | None) -> Iterator[etree._Element]:
    present = [value for value in values if value is not None]
    if present:
        yield _RIM("Slot", {"name": name}, _RIM("ValueList", None, *(_RIM("Value", None, value) for value in present)))


def _labels(title: str | None, comments: str | None) -> Iterator[etree._Element]:
    if title is not None:
        yield _localized("Name", title)
    if comments is not None:
        yield _localized("Description", comments)


def _localized(tag: str, text: str) -> etree._Element:
    xml_lang = "{http://www.w3.org/XML/1998/namespace}lang"
    return _RIM(tag, None, _RIM("LocalizedString", {xml_lang: "FR", "charset": "UTF8", "value": text}))
