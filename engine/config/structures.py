"""A structure's section of routes.yaml, with its table of document kinds, as the values the formats are given."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

from engine.catalogue.catalogue import professions, profiles
from engine.catalogue.mapping import mapping
from engine.config import codes
from engine.config.laboratories import Remark, organization, people_by_code
from engine.config.model import StructureSection
from engine.config.problems import Problem, nearest
from engine.config.tables import table_problem
from engine.model.directory import HostKind, IdentityContract, Structure


def structure(
    name: str, section: StructureSection, base: Path
) -> tuple[Structure, tuple[Remark, ...], tuple[Problem, ...]]:
    """The structure, what is wrong in its section, and what is wrong in its table (at its own lines)."""
    remarks = _remarks(section)
    kinds, problems = _kinds(section.kinds, base, remarks)
    at = organization(section.organization)
    contract = section.identity_contract
    built = Structure(
        name=name,
        organization=at,
        oid=section.oid,
        patient_ids_oid=section.patient_ids_oid,
        profession=section.profession,
        profile=section.profile,
        time_zone=section.time_zone,
        professionals=people_by_code(section.professionals, at),
        kinds=kinds,
        identity_contract=None
        if contract is None
        else IdentityContract(contract.since, contract.signed_by, contract.reference, contract.until),
        information=section.information,
    )
    return built, tuple(remarks), problems


def _kinds(path: str | None, base: Path, remarks: list[Remark]) -> tuple[tuple[HostKind, ...], tuple[Problem, ...]]:
    if path is None:
        return (), ()
    try:
        content = (base / path).read_bytes()
    except OSError as error:
        words = f"table illisible : {path} ({error.strerror})"
        remarks.append(Remark(("kinds",), words, "chemin relatif à routes.yaml"))
        return (), ()
    name = Path(path).name
    kinds, findings = mapping(content, name)
    return kinds, tuple(table_problem(finding, name) for finding in findings)


def _remarks(section: StructureSection) -> list[Remark]:
    found = []
    if section.profession not in professions():
        words = f"profession inconnue « {section.profession} »"
        found.append(Remark(("profession",), words, nearest(section.profession, professions())))
    else:
        known = {"all", *profiles(section.profession)}
        unknown = set(section.profile.split("|")) - known
        if unknown:
            words = f"profil inconnu « {section.profile} »"
            found.append(Remark(("profile",), words, nearest(section.profile, known)))
    if section.time_zone not in available_timezones():
        words = f"fuseau horaire inconnu « {section.time_zone} »"
        found.append(Remark(("time_zone",), words, nearest(section.time_zone, available_timezones())))
    setting = section.organization.practice_setting
    if setting not in codes.known_practice_settings():
        words = f"cadre d'exercice inconnu « {setting} »"
        place = ("organization", "practice_setting")
        found.append(Remark(place, words, nearest(setting, codes.known_practice_settings())))
    contract = section.identity_contract
    if contract is not None and contract.until is not None and contract.until < contract.since:
        found.append(Remark(("identity_contract", "until"), "le contrat finit avant de commencer"))
    return found
