"""XDS metadata of a CDA: everything from its bytes (volet Partage de documents de santé, CI-SIS; ITI TF-3 4.2.3).

| DocumentEntry | ClinicalDocument |
|---|---|
| uniqueId | id |
| creationTime | effectiveTime |
| serviceStartTime, serviceStopTime | documentationOf[1]/serviceEvent/effectiveTime low, high |
| legalAuthenticator | legalAuthenticator/assignedEntity |
| sourcePatientId, sourcePatientInfo, patientId | recordTarget/patientRole |
| author | author/assignedAuthor |
| typeCode, classCode | code, and the class ASS_X04 gives it |
| formatCode | nonXMLBody media type, else the last templateId that ASS_A11 knows |
| healthcareFacilityTypeCode | componentOf/…/location/healthCareFacility/code |
| practiceSettingCode | serviceEvent/performer/…/standardIndustryClassCode |
| confidentialityCode | confidentialityCode, and the visibility asked for |
| eventCodeList | serviceEvent/code |
| referenceIdList | inFulfillmentOf/order id, accessionNumber |
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lxml import etree

from engine.model.parties import INS_OIDS
from engine.model.values import Code
from engine.xds import authors, codes, datatypes, patient
from engine.xds.header import Header
from engine.xds.values import (
    HAS_MEMBER,
    REPLACES,
    Association,
    DocumentEntry,
    Submission,
    SubmissionSet,
    XdsAuthor,
)

__all__ = [
    "Association",
    "DocumentEntry",
    "Submission",
    "SubmissionSet",
    "XdsAuthor",
    "content_type_code",
    "document_entry",
    "submission",
]

PARIS = ZoneInfo("Europe/Paris")
_TITLE_LENGTH = 128
_EVENT = "c:documentationOf/c:serviceEvent"
_SETTING = "c:performer/c:assignedEntity/c:representedOrganization/c:standardIndustryClassCode"
_FACILITY = "c:componentOf/c:encompassingEncounter/c:location/c:healthCareFacility/c:code"
_ORDER = "c:inFulfillmentOf/c:order"


def document_entry(
    cda: bytes,
    *,
    symbolic_id: str,
    uri: str | None = None,
    visibility: tuple[str, ...] = (),
    masked_and_invisible: bool = False,
    zone: ZoneInfo | None = PARIS,
) -> DocumentEntry:
    """The record of a CDA, from its bytes alone.

    `symbolic_id` names it within its submission. `visibility` adds MASQUE_PS, INVISIBLE_PATIENT or
    INVISIBLE_REPRESENTANTS_LEGAUX (JDV_J08), after the document's own code; the first two together are a finding unless
    `masked_and_invisible`. `zone` is that of an hour written without an offset; None refuses such hours. Raises
    DocumentError with every finding.
    """
    header = Header(cda, zone)
    identity = patient.identity(header)
    type_code = header.required_code(header.code("c:code"), "xds.type_code", "c:code", "Type de document")
    act = header.first(_EVENT)
    entry = DocumentEntry(
        id=symbolic_id,
        unique_id=_unique_id(header),
        mime_type="application/xslt+xml" if header.self_presenting else "text/xml",
        title=_title(header, type_code),
        creation_time=_required_time(header, "c:effectiveTime", "Date du document"),
        service_start_time=_required_time(header, "c:effectiveTime/c:low", "Début de l'acte principal", act),
        service_stop_time=header.time("c:effectiveTime/c:high", act),
        language_code=_language(header),
        legal_authenticator=authors.legal_authenticator(header),
        source_patient_id=identity.source_id,
        source_patient_info=identity.source_info,
        patient_id=identity.patient_id,
        authors=authors.authors(header),
        class_code=_class_code(header, type_code),
        type_code=type_code,
        format_code=_format_code(header),
        healthcare_facility_type_code=header.required_code(
            header.code(_FACILITY), "xds.facility_type", _FACILITY, "Secteur d'activité du lieu de prise en charge"
        ),
        practice_setting_code=_practice_setting(header),
        confidentiality_codes=_confidentiality(header, visibility, both=masked_and_invisible),
        event_codes=header.codes(f"{_EVENT}/c:code"),
        reference_ids=_reference_ids(header),
        hash=hashlib.sha1(cda, usedforsecurity=False).hexdigest(),
        size=len(cda),
        uri=uri,
    )
    header.conclude()
    return entry


def content_type_code(cda: bytes) -> Code:
    """contentTypeCode that the encounter of a document suggests (JDV_J142 → JDV_J59)."""
    return codes.content_type_code(Header(cda, None).attribute("c:componentOf/c:encompassingEncounter/c:code", "code"))


def submission(
    entries: tuple[DocumentEntry, ...],
    *,
    unique_id: str,
    source_id: str,
    submitted_at: datetime,
    content_type: Code,
    authors: tuple[XdsAuthor, ...] = (),
    intended_recipients: tuple[str, ...] = (),
    title: str | None = None,
    comments: str | None = None,
    replaced_entry_uuid: str | None = None,
    symbolic_id: str = "SubmissionSet01",
) -> Submission:
    """Documents of one patient submitted together; the first one replaces `replaced_entry_uuid`, when given.

    `submitted_at` is aware. Without `authors` the first document's are the submission's (XDM: the volet's fallback).
    Raises ValueError when there is no document, or documents of two patients.
    """
    if not entries or len({entry.patient_id for entry in entries}) != 1:
        raise ValueError("a submission holds documents of one patient")
    if submitted_at.tzinfo is None:
        raise ValueError("naive datetime")
    submission_set = SubmissionSet(
        id=symbolic_id,
        unique_id=unique_id,
        source_id=source_id,
        submission_time=submitted_at.astimezone(UTC).strftime("%Y%m%d%H%M%S"),
        content_type_code=content_type,
        authors=authors or entries[0].authors,
        patient_id=entries[0].patient_id,
        title=title,
        comments=comments,
        intended_recipients=intended_recipients,
    )
    return Submission(submission_set, entries, _associations(submission_set, entries, replaced_entry_uuid))


def _associations(
    submission_set: SubmissionSet, entries: tuple[DocumentEntry, ...], replaced: str | None
) -> tuple[Association, ...]:
    original = (("SubmissionSetStatus", ("Original",)),)
    members = tuple(
        Association(f"Association{number:02}", HAS_MEMBER, submission_set.id, entry.id, original)
        for number, entry in enumerate(entries, 1)
    )
    if replaced is None:
        return members
    number = len(members) + 1
    return (*members, Association(f"Association{number:02}", REPLACES, entries[0].id, replaced))


def _unique_id(header: Header) -> str:
    found = header.identifiers("c:id")
    if not found:
        header.missing("xds.unique_id", "c:id", "Identifiant du document")
        return ""
    return datatypes.unique_id(found[0])


def _title(header: Header, type_code: Code) -> str:
    title = header.text("c:title") or type_code.display or ""
    header.required(title, "xds.title", "c:title", "Titre du document")
    return title if len(title) <= _TITLE_LENGTH else title[: _TITLE_LENGTH - 1] + "…"


def _language(header: Header) -> str:
    return header.required(
        header.attribute("c:languageCode", "code"), "xds.language", "c:languageCode", "Langue du document"
    )


def _required_time(header: Header, path: str, what: str, within: etree._Element | None = None) -> str:
    noted = len(header.findings)
    time = header.time(path, within)
    if time is None and len(header.findings) == noted:
        header.missing("xds.time", path, what)
    return time or ""


def _class_code(header: Header, type_code: Code) -> Code:
    found = codes.class_code(type_code.code)
    if found is None and type_code.code:
        header.note(
            "xds.class_code",
            "c:code",
            f"Le type de document {type_code.code} n'a pas de classe connue (table ASS_X04).",
            "Vérifier le code du type ; s'il est récent, mettre à jour la table des classes.",
        )
    return found or Code("", "")


def _format_code(header: Header) -> Code:
    text = header.first("c:component/c:nonXMLBody/c:text")
    if text is not None:
        found = codes.format_code(text.get("mediaType") or "")
        where = "c:component/c:nonXMLBody/c:text/@mediaType"
    else:
        templates = (codes.format_code(one.root) for one in reversed(header.identifiers("c:templateId")))
        found = next((code for code in templates if code is not None), None)
        where = "c:templateId"
    if found is None:
        header.note(
            "xds.format_code",
            where,
            "Le modèle du document n'a pas de format d'échange connu (tables ASS_A11 et ASS_A12).",
            "Déclarer le modèle du volet (templateId), ou un corps PDF, texte, RTF, JPEG ou TIFF.",
        )
    return found or Code("", "")


def _practice_setting(header: Header) -> Code:
    found = next((code for event in header.all(_EVENT) if (code := header.code(_SETTING, event))), None)
    return header.required_code(found, "xds.practice_setting", f"{_EVENT}/{_SETTING}", "Cadre d'exercice")


def _confidentiality(header: Header, visibility: tuple[str, ...], *, both: bool) -> tuple[Code, ...]:
    where = "c:confidentialityCode"
    found = header.required_code(header.code(where), "xds.confidentiality", where, "Niveau de confidentialité")
    for word in visibility:
        if word not in codes.VISIBILITY:
            header.note(
                "xds.visibility", where, "Restriction de visibilité inconnue.", "Voir le jeu de valeurs JDV_J08."
            )
    if not both and {"MASQUE_PS", "INVISIBLE_PATIENT"} <= set(visibility):
        header.note(
            "xds.visibility",
            where,
            "Un document ne peut pas être à la fois masqué aux professionnels et non visible par le patient.",
            "Choisir l'une des deux restrictions.",
        )
    return (found, *(codes.VISIBILITY[word] for word in dict.fromkeys(visibility) if word in codes.VISIBILITY))


def _reference_ids(header: Header) -> tuple[str, ...]:
    orders = [datatypes.order_reference(one) for one in header.identifiers(f"{_ORDER}/c:id")]
    accessions = [
        datatypes.accession_reference(one)
        for one in header.identifiers(f"{_ORDER}/{{*}}accessionNumber")
        if one.root not in INS_OIDS
    ]
    return tuple(dict.fromkeys((*orders, *accessions)))
