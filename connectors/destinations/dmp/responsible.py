"""The person who answers for a document: NameID, role and speciality of the VIHF, author of the submission set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.destinations.dmp.settings import Responsible
from engine.errors import PermanentError
from engine.model.parties import PROFESSIONAL_OID
from engine.model.values import Code, Identifier
from engine.xds import datatypes
from engine.xds.header import Header, Person

_PROFESSION_SYSTEM = "1.2.250.1.71.1.2.7"
_SPECIALTY_SYSTEM = "1.2.250.1.71.4.2.5"
_PHARMACIST_SYSTEM = "1.2.250.1.71.4.2.6"
_J01_SYSTEM = "1.2.250.1.213.1.1.4.5"
_J01 = re.compile(r"G15_(\d+)(?:/(\w+))?")
_PHYSICIAN = "10"
_PHARMACIST = "21"


@dataclass(frozen=True, slots=True)
class ResponsiblePerson:
    id: str
    """National identifier of the person, never that of a structure or a generic one (SC.DMP/PSC)."""
    family: str
    given: str
    specialty: Code
    """JDV_J01: profession, and speciality for a physician or a pharmacist."""

    @property
    def roles(self) -> tuple[Code, ...]:
        """Profession, then the speciality of a physician (SM) or the section of a pharmacist: two VIHF values."""
        match = _J01.fullmatch(self.specialty.code)
        assert match is not None
        profession, speciality = match.groups()
        words = (self.specialty.display or "").split(" - ", 1)
        roles = (Code(profession, _PROFESSION_SYSTEM, words[0] or None),)
        if speciality is None or profession not in (_PHYSICIAN, _PHARMACIST):
            return roles
        system = _PHARMACIST_SYSTEM if profession == _PHARMACIST else _SPECIALTY_SYSTEM
        return (*roles, Code(speciality, system, words[-1] or None))

    @property
    def xcn(self) -> str:
        return datatypes.person(Identifier(PROFESSIONAL_OID, self.id), self.family, self.given)


def configured(found: Responsible) -> ResponsiblePerson:
    """The person routes.yaml names."""
    specialty = Code(found.specialty_code, _J01_SYSTEM, found.specialty_label)
    return _checked(ResponsiblePerson(found.id, found.family, found.given, specialty))


def of_document(cda: bytes) -> ResponsiblePerson:
    """The legalAuthenticator; their speciality is taken from the author who is the same person when it is not given.

    Raises PermanentError when they cannot be named to the DMP.
    """
    header = Header(cda, ZoneInfo("UTC"))
    found = header.person("c:legalAuthenticator/c:assignedEntity")
    if found is None or found.id is None or found.id.extension is None or found.id.root != PROFESSIONAL_OID:
        raise _refused("sans identifiant national")
    specialty = found.specialty or _specialty_as_author(header, found)
    if specialty is None:
        raise _refused("sans profession ni spécialité")
    return _checked(ResponsiblePerson(found.id.extension, found.family, found.given, specialty))


def _specialty_as_author(header: Header, person: Person) -> Code | None:
    authors = (header.person("c:assignedAuthor", element) for element in header.all("c:author"))
    return next((one.specialty for one in authors if one and one.id == person.id and one.specialty), None)


def _checked(person: ResponsiblePerson) -> ResponsiblePerson:
    if not person.family or not person.given:
        raise _refused("sans nom ou sans prénom")
    if len(set(person.id[1:])) < 2:
        raise _refused("avec un identifiant générique")
    match = _J01.fullmatch(person.specialty.code)
    if match is None:
        raise _refused("avec une profession hors du jeu de valeurs JDV_J01")
    if match.group(1) in (_PHYSICIAN, _PHARMACIST) and match.group(2) is None:
        raise _refused("médecin ou pharmacien sans spécialité")
    return person


def _refused(what: str) -> PermanentError:
    return PermanentError(
        "dmp.responsible",
        f"Responsable du document {what} : le DMP exige une personne réelle, identifiée (RPPS) et qualifiée. "
        "Compléter l'annuaire du laboratoire ou l'option `responsible`, puis renvoyer.",
        where="legalAuthenticator",
    )
