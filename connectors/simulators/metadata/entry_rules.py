"""Rules of a DocumentEntry: those of a clinical document, and those of the submission-set signature."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.simulators.metadata.author_rules import author_problems
from connectors.simulators.metadata.cardinality import (
    CodeRule,
    code_problems,
    coding_scheme,
    exactly_one_identifier,
    exactly_one_slot,
)
from connectors.simulators.metadata.datatypes import is_oid, is_utc_time, patient_id, person_fault
from connectors.simulators.metadata.ebrim import RegistryObject
from connectors.simulators.metadata.vocabulary import (
    AUTHOR,
    CLASS_CODE,
    CLASS_CODES,
    CLASSES_FR,
    CONFIDENTIALITY,
    CONFIDENTIALITY_HL7,
    EVENT_CODE,
    FACILITIES_FR,
    FACILITY_TYPE,
    FORMAT_CODE,
    FORMATS_FR,
    FORMATS_IHE,
    LOINC,
    METADATA_ERROR,
    NON_PROFESSIONALS_FR,
    PATIENT_ID,
    PRACTICE_SETTING,
    SETTING_CODES,
    SETTINGS_FR,
    SIGNATURE_CLASS,
    SIGNATURE_FORMAT,
    SIGNATURE_PURPOSE,
    SIGNATURE_PURPOSES,
    SIGNATURE_TYPE,
    STABLE_DOCUMENT,
    TYPE_CODE,
    TYPES_FR,
    UNIQUE_ID,
    VISIBILITIES,
    VISIBILITY_FR,
)
from connectors.simulators.problems import Problem

_CODES = (
    CodeRule("classCode", CLASS_CODE, frozenset({CLASSES_FR})),
    CodeRule("typeCode", TYPE_CODE, frozenset({LOINC, TYPES_FR})),
    CodeRule("formatCode", FORMAT_CODE, frozenset({FORMATS_IHE, FORMATS_FR})),
    CodeRule("healthcareFacilityTypeCode", FACILITY_TYPE, frozenset({FACILITIES_FR, NON_PROFESSIONALS_FR})),
    CodeRule("practiceSettingCode", PRACTICE_SETTING, frozenset({SETTINGS_FR, NON_PROFESSIONALS_FR})),
    CodeRule("confidentialityCode", CONFIDENTIALITY, frozenset({CONFIDENTIALITY_HL7, VISIBILITY_FR}), 1, 4),
    CodeRule("eventCodeList", EVENT_CODE, frozenset(), 0, None),
)
_SLOTS = frozenset(
    [
        "creationTime",
        "languageCode",
        "serviceStartTime",
        "serviceStopTime",
        "legalAuthenticator",
        "sourcePatientId",
        "sourcePatientInfo",
        "hash",
        "size",
        "URI",
        "urn:ihe:iti:xds:2013:referenceIdList",
        "urn:action:extraMetadataSlot",
    ]
)
_PATIENT_FIELDS = frozenset(
    ["PID-3", "PID-5", "PID-7", "PID-8", "PID-11", "PID-13", "PID-14", "PID-15", "PID-16", "PID-18", "PID-21"]
)


def entry_problems(entry: RegistryObject, *, both_hidden: bool = False) -> Iterator[Problem]:
    """Everything wrong in the entry of a clinical document taken alone. `both_hidden`: it may be hidden from
    professionals and from the patient (a parameter of the DMP, EX_2.1-1050)."""
    where = entry.where
    yield from _object_problems(entry)
    for slot in entry.slots:
        if slot.name not in _SLOTS:
            yield Problem(METADATA_ERROR, "slot inattendu", f"{where}.{slot.name}")
    for name in ("creationTime", "serviceStartTime", "languageCode", "legalAuthenticator", "sourcePatientId"):
        yield from exactly_one_slot(entry, name)
    yield from _time_problems(entry)
    if entry.values("languageCode") and entry.value("languageCode") != "fr-FR":
        yield Problem(METADATA_ERROR, "langue fr-FR attendue", f"{where}.languageCode")
    for value in entry.values("legalAuthenticator"):
        if reason := person_fault(value):
            yield Problem(METADATA_ERROR, reason, f"{where}.legalAuthenticator")
    for value in entry.values("sourcePatientId"):
        if patient_id(value) is None:
            yield Problem(METADATA_ERROR, "CX attendu", f"{where}.sourcePatientId")
    yield from _source_patient_problems(entry)
    yield from author_problems(entry, AUTHOR)
    for rule in _CODES:
        yield from code_problems(entry, rule)
    yield from _value_set_problems(entry)
    yield from _confidentiality_problems(entry, both_hidden)


def signature_entry_problems(entry: RegistryObject) -> Iterator[Problem]:
    """Everything wrong in the entry of the signature (DMP, submission-set signature)."""
    where = entry.where
    yield from _object_problems(entry)
    for name in ("creationTime", "languageCode", "sourcePatientId"):
        yield from exactly_one_slot(entry, name)
    yield from _time_problems(entry)
    if entry.value("languageCode") != "art":
        yield Problem(METADATA_ERROR, "langue art attendue pour la signature", f"{where}.languageCode")
    if entry.value("sourcePatientId") != entry.identifier(PATIENT_ID):
        yield Problem(METADATA_ERROR, "doit être égal à patientId pour la signature", f"{where}.sourcePatientId")
    if entry.name != "Source":
        yield Problem(METADATA_ERROR, "titre Source attendu pour la signature", f"{where}.title")
    yield from author_problems(entry, AUTHOR)
    wanted = (
        ("classCode", CLASS_CODE, {(SIGNATURE_CLASS, "URN")}),
        ("typeCode", TYPE_CODE, {(SIGNATURE_TYPE, "ASTM")}),
        ("formatCode", FORMAT_CODE, {(SIGNATURE_FORMAT, "URN")}),
        ("eventCodeList", EVENT_CODE, {(SIGNATURE_PURPOSE, SIGNATURE_PURPOSES)}),
        (
            "confidentialityCode",
            CONFIDENTIALITY,
            {("N", CONFIDENTIALITY_HL7), ("MASQUE_PS", VISIBILITY_FR), ("INVISIBLE_PATIENT", VISIBILITY_FR)},
        ),
    )
    for attribute, scheme, codes in wanted:
        found = [(c.representation or "", coding_scheme(c)) for c in entry.classified(scheme)]
        if len(found) != len(codes) or set(found) != codes:
            yield Problem(METADATA_ERROR, "codes de la fiche de signature non conformes", f"{where}.{attribute}")


def _object_problems(entry: RegistryObject) -> Iterator[Problem]:
    where = entry.where
    if entry.attributes.get("objectType") != STABLE_DOCUMENT:
        yield Problem(METADATA_ERROR, "objectType d'un document stable attendu", f"{where}.objectType")
    if entry.attributes.get("mimeType") != "text/xml":
        yield Problem(METADATA_ERROR, "text/xml attendu", f"{where}.mimeType")
    if not entry.name or len(entry.name) > 128:
        yield Problem(METADATA_ERROR, "titre absent ou de plus de 128 caractères", f"{where}.title")
    yield from exactly_one_identifier(entry, PATIENT_ID, "patientId")
    yield from exactly_one_identifier(entry, UNIQUE_ID, "uniqueId")
    root, _, extension = entry.identifier(UNIQUE_ID).partition("^")
    if root and (not is_oid(root) or len(extension) > 16 or (extension == "" and "^" in entry.identifier(UNIQUE_ID))):
        yield Problem(METADATA_ERROR, "OID attendu", f"{where}.uniqueId")


def _time_problems(entry: RegistryObject) -> Iterator[Problem]:
    for name in ("creationTime", "serviceStartTime", "serviceStopTime"):
        for value in entry.values(name):
            if not is_utc_time(value):
                yield Problem(METADATA_ERROR, "instant UTC de 14 chiffres attendu", f"{entry.where}.{name}")
    if len(entry.values("serviceStopTime")) > 1:
        yield Problem(METADATA_ERROR, "une valeur au plus", f"{entry.where}.serviceStopTime")
    start, stop = entry.value("serviceStartTime"), entry.value("serviceStopTime")
    if is_utc_time(start) and is_utc_time(stop) and stop < start:
        yield Problem(METADATA_ERROR, "fin de l'acte avant son début", f"{entry.where}.serviceStopTime")


def _source_patient_problems(entry: RegistryObject) -> Iterator[Problem]:
    where = f"{entry.where}.sourcePatientInfo"
    fields = [value.partition("|")[0] for value in entry.values("sourcePatientInfo")]
    for wanted in ("PID-5", "PID-7", "PID-8"):
        if wanted not in fields:
            yield Problem(METADATA_ERROR, f"{wanted} manque", where)
    if any(field not in _PATIENT_FIELDS for field in fields):
        yield Problem(METADATA_ERROR, "champ PID inattendu", where)


def _value_set_problems(entry: RegistryObject) -> Iterator[Problem]:
    for scheme, codes, attribute in (
        (CLASS_CODE, CLASS_CODES, "classCode"),
        (PRACTICE_SETTING, SETTING_CODES, "practiceSettingCode"),
    ):
        for classification in entry.classified(scheme):
            if classification.representation and classification.representation not in codes:
                yield Problem(METADATA_ERROR, "code hors du jeu de valeurs", f"{entry.where}.{attribute}")


def _confidentiality_problems(entry: RegistryObject, both_hidden: bool) -> Iterator[Problem]:
    where = f"{entry.where}.confidentialityCode"
    found = [(c.representation, coding_scheme(c)) for c in entry.classified(CONFIDENTIALITY)]
    general = [code for code, system in found if system == CONFIDENTIALITY_HL7]
    visible = [code for code, system in found if system == VISIBILITY_FR]
    if len(general) != 1 or general[0] not in ("N", "R", "V"):
        yield Problem(METADATA_ERROR, "un code N, R ou V et un seul", where)
    if any(code not in VISIBILITIES for code in visible) or len(set(visible)) != len(visible):
        yield Problem(METADATA_ERROR, "code de visibilité inconnu ou répété", where)
    if found and found[0][1] != CONFIDENTIALITY_HL7:
        yield Problem(METADATA_ERROR, "le code du document d'abord, sa visibilité ensuite", where)
    if not both_hidden and {"MASQUE_PS", "INVISIBLE_PATIENT"} <= set(visible):
        yield Problem(METADATA_ERROR, "un document ne peut être masqué aux professionnels et au patient", where)
