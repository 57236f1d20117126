"""Practitioner, PractitionerRole and Organization → Named: what a Bundle says of someone.

identifier (RPPS) national number · identifier others the host's own code · name · qualification, PractitionerRole.code
profession and speciality (TRE_G15, TRE_R38 of the NOS) · telecom phones and mailboxes · organization.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.formats.fhir.datatypes import addresses, codings, concept_words, in_force, mailboxes, person_name, phones
from engine.formats.fhir.node import Node
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.systems import FINESS, RPPS, known_oid, nos_table
from engine.formats.terminology.words import folded
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Professional
from engine.model.values import Address, Code, Identifier, PersonName, Telecom

PEOPLE = ("Practitioner", "PractitionerRole")
SPECIALTIES_OID = "1.2.250.1.213.1.1.4.5"
_RPPS = re.compile(r"8?([0-9]{11})")
_FINESS = re.compile(r"1?([0-9A-Z]{9})")


@dataclass(frozen=True, slots=True)
class Named:
    """Someone as sent."""

    where: str
    rpps: str
    """11 digits; empty when none was sent."""
    codes: tuple[str, ...]
    """Numbers of the host's own."""
    name: PersonName | None
    specialty: Code | None
    addresses: tuple[Address, ...]
    phones: tuple[Telecom, ...]
    mailboxes: tuple[str, ...]
    organization: Node | None
    """Of a PractitionerRole."""

    @property
    def national_id(self) -> Identifier | None:
        return Identifier(PROFESSIONAL_OID, f"8{self.rpps}") if self.rpps else None

    @property
    def label(self) -> str:
        """What may be said of them in a finding: a number, never a name."""
        return self.rpps or next(iter(self.codes), "sans numéro")

    def known(self, directory: Mapping[str, Professional]) -> Professional | None:
        """Who the directory knows under this number, or under one of these codes."""
        for key in (self.rpps, *self.codes):
            if key and key in directory:
                return directory[key]
        wanted = self.national_id
        return None if wanted is None else next((one for one in directory.values() if one.id == wanted), None)

    def is_same_person(self, known: Professional) -> bool:
        """False when both have a family name and these differ: a code may be given to someone else."""
        if self.name is None or known.name is None:
            return True
        return folded(self.name.family) == folded(known.name.family)

    def described(self) -> Professional:
        """As sent, without an organisation."""
        mails = tuple(Telecom(f"mailto:{one}") for one in self.mailboxes)
        return Professional(self.national_id, self.name, self.specialty, self.addresses, (*self.phones, *mails))


def named(reference: Node | None, scope: Scope) -> Named | None:
    """Who a Reference names, in the Bundle or by an identifier alone; None when nobody is named, or it is no person."""
    if reference is None:
        return None
    if reference.text("reference"):
        found = scope.bundle.followed(reference, *PEOPLE)
        return None if found is None else of_resource(found, scope)
    number = reference.node("identifier")
    if number is None:
        return None
    rpps, codes = _numbers((number,))
    return Named(reference.where, rpps, codes, None, None, (), (), (), None) if rpps or codes else None


def of_resource(node: Node, scope: Scope) -> Named:
    """A Practitioner alone, or one in a role: the role's own codes and telecoms come first."""
    role = node if node.type == "PractitionerRole" else None
    person = node if role is None else None
    if role is not None and role.node("practitioner") is not None:
        person = scope.bundle.followed(role.node("practitioner"), "Practitioner")
    sources = tuple(one for one in (role, person) if one is not None)
    rpps, codes = _numbers(tuple(number for one in sources for number in one.nodes("identifier")))
    organization = None
    if role is not None and role.node("organization") is not None:
        organization = scope.bundle.followed(role.node("organization"), "Organization")
    telecoms = tuple(telecom for one in sources for telecom in one.nodes("telecom"))
    return Named(
        where=node.where,
        rpps=rpps,
        codes=codes,
        name=person_name(person.nodes("name")) if person is not None else None,
        specialty=_specialty(sources),
        addresses=addresses(person.nodes("address"), "WP") if person is not None else (),
        phones=phones(telecoms),
        mailboxes=mailboxes(telecoms),
        organization=organization,
    )


def finess(organization: Node) -> str:
    """`1` + FINESS, as IdNat_Struct writes it; empty when the Organization bears none."""
    for one in in_force(organization.nodes("identifier")):
        national = one.text("system") in FINESS or known_oid(one.text("system")) == STRUCTURE_OID
        match = _FINESS.fullmatch(one.text("value").strip()) if national else None
        if match is not None:
            return f"1{match.group(1)}"
    return ""


def organization_codes(organization: Node) -> tuple[str, ...]:
    """Every number it bears, as sent."""
    return tuple(one.text("value").strip() for one in in_force(organization.nodes("identifier")) if one.text("value"))


def _numbers(identifiers: tuple[Node, ...]) -> tuple[str, tuple[str, ...]]:
    rpps, codes = "", []
    for one in in_force(identifiers):
        value = one.text("value").strip()
        kinds = {code.text("code") for code in codings(one.node("type"))}
        match = _RPPS.fullmatch(value) if one.text("system") in RPPS or kinds & {"RPPS", "IDNPS"} else None
        if match is not None:
            rpps = rpps or match.group(1)
        elif value:
            codes.append(value)
    return rpps, tuple(codes)


def _specialty(sources: tuple[Node, ...]) -> Code | None:
    """A code of JDV_J01 as it is, else profession (TRE_G15) and speciality (TRE_R38): `G15_10/SM26`."""
    concepts = [concept for one in sources for concept in (*one.nodes("code"), *one.nodes("specialty"))]
    concepts += [found for one in sources for held in one.nodes("qualification") if (found := held.node("code"))]
    every = [(code, concept) for concept in concepts for code in codings(concept) if code.text("code")]
    for code, concept in every:
        if known_oid(code.text("system")) == SPECIALTIES_OID:
            words = code.text("display") or concept_words(concept)
            return Code(code.text("code"), SPECIALTIES_OID, words)
    profession = next((code for code, _ in every if nos_table(code.text("system")) == "G15"), None)
    skill = next((code for code, _ in every if nos_table(code.text("system")) == "R38"), None)
    if profession is None:
        return None
    base = f"G15_{profession.text('code').removeprefix('G15_')}"
    words = " - ".join(one.text("display") for one in (profession, skill) if one is not None and one.text("display"))
    whole = base if skill is None else f"{base}/{skill.text('code')}"
    return Code(whole, SPECIALTIES_OID, words or whole)
