"""Metadata against the document they describe: same identity, same codes, same instants."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.simulators.cda import CdaHeader, Code, agrees
from connectors.simulators.metadata.cardinality import coding_scheme
from connectors.simulators.metadata.datatypes import patient_id
from connectors.simulators.metadata.ebrim import RegistryObject
from connectors.simulators.metadata.vocabulary import (
    AUTHOR,
    CONFIDENTIALITY,
    EVENT_CODE,
    FACILITY_TYPE,
    FORMAT_CODE,
    PATIENT_ID,
    PATIENT_MISMATCH,
    PRACTICE_SETTING,
    PROFESSIONALS,
    TYPE_CODE,
    UNIQUE_ID,
)
from connectors.simulators.metadata.vocabulary import REPOSITORY_METADATA_ERROR as DISAGREES
from connectors.simulators.problems import Problem

_FORMATS = {
    "application/pdf": "urn:ihe:iti:xds-sd:pdf:2008",
    "text/plain": "urn:ihe:iti:xds-sd:text:2008",
}
_LABORATORY_TEMPLATES = frozenset({"1.2.250.1.213.1.1.1.55", "1.3.6.1.4.1.19376.1.3.3"})


def agreement_problems(entry: RegistryObject, cda: CdaHeader) -> Iterator[Problem]:
    """Everything in which an entry and its document do not say the same."""
    yield from patient_agreement(entry, cda)
    where = entry.where
    if entry.identifier(UNIQUE_ID) != cda.unique_id:
        yield Problem(DISAGREES, "uniqueId n'est pas l'id du document", f"{where}.uniqueId")
    if len(cda.title) <= 128 and " ".join(entry.name.split()) != cda.title:
        yield Problem(DISAGREES, "le titre n'est pas celui du document", f"{where}.title")
    if entry.value("languageCode") != cda.language:
        yield Problem(DISAGREES, "la langue n'est pas celle du document", f"{where}.languageCode")
    yield from _time_problems(entry, cda)
    yield from _code_problems(entry, cda)
    yield from _author_problems(entry, cda)


def patient_agreement(entry: RegistryObject, cda: CdaHeader) -> Iterator[Problem]:
    """The patient of the entry is the one of the document, by INS and by traits."""
    where = entry.where
    if cda.record_targets != 1 or len(cda.ins) > 1:
        yield Problem(PATIENT_MISMATCH, "le document ne désigne pas un patient et un seul", where)
        return
    found = patient_id(entry.identifier(PATIENT_ID))
    if found is None or (found.oid, found.value) not in (cda.ins or cda.patient_ids):
        yield Problem(PATIENT_MISMATCH, "le patient n'est pas celui du document", f"{where}.patientId")
    source = patient_id(entry.value("sourcePatientId"))
    if source is not None and (source.oid, source.value) not in cda.patient_ids:
        yield Problem(PATIENT_MISMATCH, "identifiant absent du document", f"{where}.sourcePatientId")
    if not _same_traits(entry, cda):
        yield Problem(PATIENT_MISMATCH, "les traits ne sont pas ceux du document", f"{where}.sourcePatientInfo")


def _same_traits(entry: RegistryObject, cda: CdaHeader) -> bool:
    pairs = [value.partition("|")[::2] for value in entry.values("sourcePatientInfo")]
    names = {value.split("^")[0] for field, value in pairs if field == "PID-5"}
    births = {value for field, value in pairs if field == "PID-7"}
    genders = {value for field, value in pairs if field == "PID-8"}
    return (
        names <= set(cda.names)
        and (not cda.birth_names or bool(names & set(cda.birth_names)))
        and all(cda.birth_time[:8] == birth[:8] for birth in births)
        and all(gender == cda.gender or gender not in ("F", "M") for gender in genders)
    )


def _time_problems(entry: RegistryObject, cda: CdaHeader) -> Iterator[Problem]:
    for name, ts in (
        ("creationTime", cda.effective_time),
        ("serviceStartTime", cda.start),
        ("serviceStopTime", cda.stop),
    ):
        value = entry.value(name)
        if bool(value) != bool(ts) or (value and not agrees(value, ts)):
            yield Problem(DISAGREES, "l'instant n'est pas celui du document", f"{entry.where}.{name}")


def _code_problems(entry: RegistryObject, cda: CdaHeader) -> Iterator[Problem]:
    for attribute, scheme, code in (
        ("typeCode", TYPE_CODE, cda.code),
        ("healthcareFacilityTypeCode", FACILITY_TYPE, cda.facility),
        ("practiceSettingCode", PRACTICE_SETTING, cda.setting),
    ):
        if code.code and (code.code, code.system) not in _codes(entry, scheme):
            yield Problem(DISAGREES, "le code n'est pas celui du document", f"{entry.where}.{attribute}")
    if cda.confidentiality not in {code for code, _ in _codes(entry, CONFIDENTIALITY)}:
        yield Problem(DISAGREES, "le code n'est pas celui du document", f"{entry.where}.confidentialityCode")
    if not _pairs(cda.event_codes) <= _codes(entry, EVENT_CODE):
        yield Problem(DISAGREES, "un acte du document manque", f"{entry.where}.eventCodeList")
    wanted = _format(cda)
    if wanted and wanted not in {code for code, _ in _codes(entry, FORMAT_CODE)}:
        yield Problem(DISAGREES, "le format n'est pas celui du corps du document", f"{entry.where}.formatCode")


def _format(cda: CdaHeader) -> str:
    if cda.body_media_type:
        return _FORMATS.get(cda.body_media_type, "")
    return "urn:ihe:lab:xd-lab:2008" if _LABORATORY_TEMPLATES & set(cda.template_ids) else ""


def _author_problems(entry: RegistryObject, cda: CdaHeader) -> Iterator[Problem]:
    persons = {
        value.split("^")[0]
        for author in entry.classified(AUTHOR)
        for value in author.values("authorPerson")
        if f"&{PROFESSIONALS}&ISO" in value
    }
    if not set(cda.authors) <= persons:
        yield Problem(DISAGREES, "les auteurs ne sont pas ceux du document", f"{entry.where}.author")
    signer = entry.value("legalAuthenticator").split("^")[0]
    if not cda.has_legal_authenticator or (cda.legal_authenticator and signer != cda.legal_authenticator):
        yield Problem(DISAGREES, "le signataire n'est pas celui du document", f"{entry.where}.legalAuthenticator")


def _codes(entry: RegistryObject, scheme: str) -> set[tuple[str, str]]:
    return {(c.representation or "", coding_scheme(c)) for c in entry.classified(scheme)}


def _pairs(codes: tuple[Code, ...]) -> set[tuple[str, str]]:
    return {(code.code, code.system) for code in codes}
