"""A laboratory's section of routes.yaml, with its CSV tables, as the values the formats are given."""

from __future__ import annotations

import codecs
import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zoneinfo import available_timezones

from engine.config import codes, tables
from engine.config.model import AddressSection, LaboratorySection, OrganizationSection, PersonSection
from engine.config.positions import Place
from engine.config.problems import Problem, nearest
from engine.config.tables import table_problem
from engine.findings import Disposition, Finding
from engine.formats.terminology import chapters, flags, specimens
from engine.model.directory import Laboratory
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Address, Code, Identifier, PersonName, Telecom
from engine.policy import CHOICES, is_allowed

ValueT = TypeVar("ValueT")

COFRAC_OID = "1.2.250.1.213.6.3.1"


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem of a laboratory's section, at a place below it."""

    place: Place
    message: str
    suggestion: str = ""


def organization(section: OrganizationSection) -> Organization:
    """Identifier prefixed as the national rule has it: `1` and the FINESS."""
    telecoms = [_phone(section.phone)]
    if section.email is not None:
        telecoms.append(Telecom(f"mailto:{section.email}", "WP"))
    return Organization(
        id=Identifier(STRUCTURE_OID, f"1{section.finess}"),
        name=section.name,
        addresses=(_address(section.address),),
        telecoms=tuple(telecoms),
        practice_setting=codes.practice_setting(section.practice_setting),
        facility_type=codes.facility_type(section.facility_type),
        accreditation=Identifier(COFRAC_OID, section.cofrac) if section.cofrac else None,
    )


def professional(section: PersonSection, at: Organization | None) -> Professional:
    """Identifier prefixed as the national rule has it: `8` and the RPPS."""
    telecoms = [_phone(section.phone)] if section.phone else list(at.telecoms if at else ())
    if section.mailbox is not None:
        telecoms.append(Telecom(f"mailto:{section.mailbox}"))
    return Professional(
        id=Identifier(PROFESSIONAL_OID, f"8{section.rpps}") if section.rpps else None,
        name=PersonName(section.family, section.given, section.prefix, section.suffix),
        specialty=codes.specialty(section.specialty, section.specialty_label) if section.specialty else None,
        addresses=at.addresses if at else (),
        telecoms=tuple(telecoms),
        organization=at,
    )


def _address(section: AddressSection) -> Address:
    return Address(section.lines, section.postal_code, section.city, section.country, "WP")


def _phone(number: str) -> Telecom:
    return Telecom("tel:" + "".join(sign for sign in number if sign.isdigit() or sign == "+"), "WP")


def people_by_code(sections: tuple[PersonSection, ...], at: Organization | None) -> dict[str, Professional]:
    """Each person under each of its codes, its RPPS included."""
    people: dict[str, Professional] = {}
    for section in sections:
        person = professional(section, at)
        people |= dict.fromkeys((*section.codes, *((section.rpps,) if section.rpps else ())), person)
    return people


def laboratory(
    name: str, section: LaboratorySection, base: Path
) -> tuple[Laboratory, tuple[Remark, ...], tuple[Problem, ...]]:
    """The laboratory, what is wrong in its section, and what is wrong in its tables (at their own lines)."""
    at = organization(section.organization)
    biologists = people_by_code(section.biologists, at)
    remarks = [*_remarks(section, biologists)]
    read = _Tables(base, remarks)
    built = Laboratory(
        name=name,
        sender_codes=section.sender_codes,
        organization=at,
        oid=section.oid,
        local_codes_oid=section.local_codes_oid,
        patient_ids_oid=section.patient_ids_oid,
        requester_patient_ids_oid=section.requester_patient_ids_oid,
        time_zone=section.time_zone,
        encoding=section.encoding,
        delimiters=section.delimiters,
        biologists=biologists,
        default_biologist=biologists.get(section.default_biologist or ""),
        prescribers=people_by_code(section.prescribers, None),
        tests=read(section.tables.tests, "tests", tables.tests, ()),
        values=read(section.tables.values, "values", tables.values, ()),
        units=read(section.tables.units, "units", tables.units, {}),
        identities=read(section.tables.identities, "identities", tables.identities, {}),
        chapters={word: chapters.chapter_code(loinc) for word, loinc in section.chapters.items()},
        specimens={word: specimens.specimen(code) for word, code in section.specimens.items()},
        flags={flag: _interpretation(code) for flag, code in section.flags.items()},
        trusted_identity_statuses=section.trusted_identity_statuses,
        empty_status_is_validated=section.empty_status_is_validated,
        missing_fin_is_refused=section.missing_fin_is_refused,
        partial_reports=section.partial_reports,
        policy=section.policy,
    )
    return built, tuple(remarks), tuple(read.problems)


class _Tables:
    """Reads the CSV files of one laboratory; gathers what is wrong in them."""

    def __init__(self, base: Path, remarks: list[Remark]) -> None:
        self._base = base
        self._remarks = remarks
        self.problems: list[Problem] = []

    def __call__(
        self,
        path: str | None,
        option: str,
        reader: Callable[[bytes, str], tuple[ValueT, tuple[Finding, ...]]],
        nothing: ValueT,
    ) -> ValueT:
        if path is None:
            return nothing
        try:
            content = (self._base / path).read_bytes()
        except OSError as error:
            words = f"table illisible : {path} ({error.strerror})"
            self._remarks.append(Remark(("tables", option), words, "chemin relatif à routes.yaml"))
            return nothing
        value, findings = reader(content, Path(path).name)
        self.problems += [table_problem(finding, Path(path).name) for finding in findings]
        return value


def _remarks(section: LaboratorySection, biologists: dict[str, Professional]) -> list[Remark]:
    found = []
    default = section.default_biologist
    if default is not None and default not in biologists:
        words = f"default_biologist « {default} » n'est pas un des biologistes"
        found.append(Remark(("default_biologist",), words, nearest(default, biologists)))
    if section.time_zone not in available_timezones():
        words = f"fuseau horaire inconnu « {section.time_zone} »"
        found.append(Remark(("time_zone",), words, nearest(section.time_zone, available_timezones())))
    if section.encoding is not None and not _is_encoding(section.encoding):
        words = f"encodage inconnu « {section.encoding} »"
        found.append(Remark(("encoding",), words, nearest(section.encoding, ("cp1252", "cp850", "mac_roman", "utf-8"))))
    setting = section.organization.practice_setting
    if setting not in codes.known_practice_settings():
        words = f"cadre d'exercice inconnu « {setting} »"
        place = ("organization", "practice_setting")
        found.append(Remark(place, words, nearest(setting, codes.known_practice_settings())))
    for flag, code in section.flags.items():
        if code not in flags.DISPLAYS:
            words = f"interprétation inconnue « {code} »"
            found.append(Remark(("flags", flag), words, nearest(code, flags.DISPLAYS)))
    for word, code in section.specimens.items():
        if code not in specimens.DISPLAYS:
            words = f"type d'échantillon inconnu « {code} »"
            found.append(Remark(("specimens", word), words, nearest(code, specimens.DISPLAYS)))
    return [*found, *policy_remarks(section.policy)]


def policy_remarks(chosen: Mapping[str, str]) -> Iterator[Remark]:
    for code, word in chosen.items():
        if code not in CHOICES:
            yield Remark(("policy", code), f"constat inconnu, ou qui ne se règle pas « {code} »", _near(code))
        elif word in {one.value for one in Disposition} and not is_allowed(code, Disposition(word)):
            words = f"le constat « {code} » ne peut pas être assoupli"
            yield Remark(("policy", code), words, f"au moins « {CHOICES[code].default.value} »")


def _near(code: str) -> str:
    """The codes of the same area when none is near: all of them would be too many to read."""
    area = code.split(".", 1)[0] + "."
    close = difflib.get_close_matches(code, CHOICES, n=1, cutoff=0.6)
    return nearest(code, close or [one for one in CHOICES if one.startswith(area)])


def _interpretation(code: str) -> Code:
    return Code(code, flags.INTERPRETATION_OID, flags.DISPLAYS.get(code, code), "ObservationInterpretation")


def _is_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
