"""The person who answers for a document: NameID, role and speciality of the VIHF, author of the submission set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connectors.destinations.dmp.settings import DmpSettings, Responsible
from engine.errors import PermanentError
from engine.exchange import Order
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Professional
from engine.model.values import Code, Identifier
from engine.xds import datatypes, national
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


def responsible(order: Order, settings: DmpSettings) -> ResponsiblePerson:
    """Who answers for an order: who asks for the sending, else the person routes.yaml names, else the document's
    legalAuthenticator. Raises PermanentError when the last one cannot be named to the DMP.
    """
    asking = order.package.instructions.requester
    if asking is not None and settings.name_requester:
        found = requester(asking, order.package.cda, settings)
        if found is not None:
            return found
    return configured(settings.responsible) if settings.responsible is not None else of_document(order.package.cda)


def requester(asking: Professional, cda: bytes, settings: DmpSettings) -> ResponsiblePerson | None:
    """Who asks for the sending (PRT SB), where our certificates let us name them; None where they do not.

    | VIHF | PRT (volet Transmission de document(s) CDA-R2 en HL7v2 2.1) |
    |---|---|
    | NameID, subject-id | 5.1, 5.2 and 5.3 |
    | subject:role | what is known of that person: PRT does not say it, the document or routes.yaml may |
    | Identifiant_Structure | 8.10 |

    None for a requester of another structure than our certificates': the DMP wants one and the same in their OU, in the
    VIHF and in the author's institution. None too for a device or a service, which is nobody, and for a person without
    national identifier, name or known profession: a role is never made up, not even AUTOMATE's.
    """
    person = national.professional(asking.id)
    if person is None or person.extension is None or asking.name is None or not _asks_for_us(asking, settings):
        return None
    said = asking.specialty if asking.specialty and _J01.fullmatch(asking.specialty.code) else None
    specialty = (
        said or _specialty_in_document(Header(cda, ZoneInfo("UTC")), person) or _specialty_here(person, settings)
    )
    if specialty is None:
        return None
    found = ResponsiblePerson(person.extension, asking.name.family, asking.name.given or "", specialty)
    return None if _fault(found) else found


def configured(found: Responsible) -> ResponsiblePerson:
    """The person routes.yaml names."""
    return _checked(ResponsiblePerson(found.id, found.family, found.given, _specialty(found)))


def of_document(cda: bytes) -> ResponsiblePerson:
    """The legalAuthenticator; their speciality is taken from the author who is the same person when it is not given.

    Raises PermanentError when they cannot be named to the DMP.
    """
    header = Header(cda, ZoneInfo("UTC"))
    found = header.person("c:legalAuthenticator/c:assignedEntity")
    if found is None or found.id is None or found.id.extension is None or found.id.root != PROFESSIONAL_OID:
        raise _refused("sans identifiant national")
    specialty = found.specialty or _specialty_in_document(header, found.id)
    if specialty is None:
        raise _refused("sans profession ni spécialité")
    return _checked(ResponsiblePerson(found.id.extension, found.family, found.given, specialty))


def _specialty_in_document(header: Header, person: Identifier) -> Code | None:
    """What the document says of one who is its author, or who signed it."""
    for one in _participants(header):
        if one is not None and one.id == person and one.specialty and _J01.fullmatch(one.specialty.code):
            return one.specialty
    return None


def _specialty_here(person: Identifier, settings: DmpSettings) -> Code | None:
    """What routes.yaml says of them."""
    known = (*settings.requesters, *((settings.responsible,) if settings.responsible else ()))
    return next((_specialty(one) for one in known if one.id == person.extension), None)


def _specialty(one: Responsible) -> Code:
    return Code(one.specialty_code, _J01_SYSTEM, one.specialty_label)


def _participants(header: Header) -> tuple[Person | None, ...]:
    return (
        *(header.person("c:assignedAuthor", element) for element in header.all("c:author")),
        header.person("c:legalAuthenticator/c:assignedEntity"),
        *(header.person("c:assignedEntity", element) for element in header.all("c:authenticator")),
    )


def _asks_for_us(asking: Professional, settings: DmpSettings) -> bool:
    """Whether they are of our structure, or say nothing of theirs."""
    if asking.organization is None or asking.organization.id is None:
        return True
    found = national.structure(asking.organization.id) or asking.organization.id
    ours = (settings.structure_id, *settings.requester_structures)
    return found.root == STRUCTURE_OID and found.extension in ours


def _checked(person: ResponsiblePerson) -> ResponsiblePerson:
    fault = _fault(person)
    if fault:
        raise _refused(fault)
    return person


def _fault(person: ResponsiblePerson) -> str:
    """Why the DMP would not take this person; empty when it would."""
    if not person.family or not person.given:
        return "sans nom ou sans prénom"
    if len(set(person.id[1:])) < 2:
        return "avec un identifiant générique"
    match = _J01.fullmatch(person.specialty.code)
    if match is None:
        return "avec une profession hors du jeu de valeurs JDV_J01"
    if match.group(1) in (_PHYSICIAN, _PHARMACIST) and match.group(2) is None:
        return "médecin ou pharmacien sans spécialité"
    return ""


def _refused(what: str) -> PermanentError:
    return PermanentError(
        "dmp.responsible",
        f"Responsable du document {what} : le DMP exige une personne réelle, identifiée (RPPS) et qualifiée. "
        "Compléter l'annuaire du laboratoire ou l'option `responsible`, puis renvoyer.",
        where="legalAuthenticator",
    )
