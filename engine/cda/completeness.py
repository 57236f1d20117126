"""What a CI-SIS header needs and the canonical document may lack: every lack is said, nothing is made up."""

from __future__ import annotations

from collections.abc import Iterator

from engine.cda.datatypes import addrs, telecoms
from engine.cda.parties import is_national_professional, is_national_structure, work_addresses, work_telecoms
from engine.cda.patient import identifiers
from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument, ServiceEvent
from engine.model.parties import INS_OIDS, Organization, Patient, Professional

_DIRECTORY = "Compléter la fiche du laboratoire dans l'annuaire de configuration."
_IDENTITY = "Compléter l'identité du patient auprès du laboratoire, ou faire renvoyer le message."
SENDER = "Faire compléter le message par l'émetteur."
_PDF_LIMIT_BYTES = 7_000_000


def header_findings(document: ClinicalDocument) -> Iterator[Finding]:
    """Lacks of the minimal header (CI-SIS structuration minimale), whatever the volet."""
    yield from _patient_findings(document.patient)
    if not document.title.strip():
        yield missing("title", "titre du document", "Le document n'a pas de titre.", SENDER)
    if not document.authors:
        yield missing("author", "auteur", "Le document n'a pas d'auteur.", _DIRECTORY)
    for author in document.authors:
        yield from _identity_findings("author", "auteur", author.professional)
    if not is_national_structure(document.custodian.id):
        yield missing(
            "custodian_id", "organisme de conservation", "Le numéro FINESS du laboratoire est inconnu.", _DIRECTORY
        )
    yield from _identity_findings(
        "legal_authenticator", "responsable du document", document.legal_authenticator.professional
    )
    for signature in document.authenticators:
        if not is_national_professional(signature.professional.id):
            yield missing(
                "authenticator_id",
                "biologiste ayant validé",
                "Un biologiste valideur n'a pas de numéro RPPS.",
                _DIRECTORY,
            )
    for act in (document.act, *document.acts):
        yield from _organization_findings("performer", "laboratoire exécutant", act.performer.organization)
        if act.performer.id is None or not act.performer.id.extension:
            yield missing(
                "performer_id", "laboratoire exécutant", "L'exécutant de l'acte n'a pas d'identifiant.", _DIRECTORY
            )
    responsible = document.encounter.responsible
    if responsible is not None and not is_national_professional(responsible.id):
        yield missing(
            "responsible_id", "biologiste responsable", "Le biologiste responsable n'a pas de numéro RPPS.", _DIRECTORY
        )


def cr_bio_findings(document: ClinicalDocument) -> Iterator[Finding]:
    """Lacks of the header of a biology report (CI-SIS CR-BIO 2024.01)."""
    for signature in document.authenticators:
        professional = signature.professional
        yield from _contact_findings("authenticator", "biologiste ayant validé", professional)
        if professional.organization is not None:
            yield from _structure_findings("authenticator", "biologiste ayant validé", professional.organization)
    for act in (document.act, *document.acts):
        yield from _performer_findings(act)
    if any(act.code is None for act in document.acts):
        yield missing("act_code", "acte documenté", "Un acte documenté n'a pas de code.", SENDER)
    responsible = document.encounter.responsible
    if responsible is None:
        yield missing(
            "responsible",
            "biologiste responsable",
            "Le biologiste responsable de l'examen n'est pas connu.",
            _DIRECTORY,
        )
        return
    if responsible.specialty is None:
        yield missing(
            "responsible_specialty",
            "biologiste responsable",
            "La profession du biologiste responsable est inconnue.",
            _DIRECTORY,
        )
    if responsible.name is None:
        yield missing(
            "responsible_name", "biologiste responsable", "Le nom du biologiste responsable est inconnu.", _DIRECTORY
        )


def missing(what: str, where: str, message: str, remedy: str) -> Finding:
    """Held when a person can mend it (directory, identity), refused when only another message can."""
    disposition = Disposition.REFUSE if remedy == SENDER else Disposition.HOLD
    return Finding(
        f"cda.missing_{what}", Severity.ERROR, where, message, remedy, layer="volet", disposition=disposition
    )


def _patient_findings(patient: Patient) -> Iterator[Finding]:
    if not identifiers(patient):
        yield missing("patient_id", "patient : identifiant", "Le patient n'a aucun identifiant.", _IDENTITY)
    if not (patient.birth_name or patient.used_name):
        yield missing("patient_name", "patient : nom", "Le patient n'a pas de nom.", _IDENTITY)
    if not (patient.birth_given_names or patient.first_given_name or patient.used_given_name):
        yield missing("patient_given_name", "patient : prénom", "Le patient n'a pas de prénom.", _IDENTITY)
    if patient.birth_time is None:
        yield missing("birth_time", "patient : date de naissance", "La date de naissance est absente.", _IDENTITY)
    if patient.gender is None:
        yield missing("gender", "patient : sexe", "Le sexe du patient n'a pas été transmis.", _IDENTITY)
    if patient.ins is not None and patient.ins.qualified:
        yield from _ins_findings(patient, patient.ins.oid)


def _ins_findings(patient: Patient, oid: str) -> Iterator[Finding]:
    """Traits that must come with a qualified INS (CI-SIS structuration minimale, RNIV)."""
    if oid not in INS_OIDS:
        yield Finding(
            "cda.unknown_ins_oid",
            Severity.ERROR,
            "patient : INS",
            "L'OID du matricule INS n'est pas l'un des OID connus.",
            SENDER,
            layer="volet",
            disposition=Disposition.REFUSE,
        )
    traits = (
        ("birth_name", "nom de naissance", patient.birth_name),
        ("first_given_name", "premier prénom de naissance", patient.first_given_name),
        ("birth_given_names", "liste des prénoms de naissance", patient.birth_given_names),
        ("birth_place_cog", "code INSEE du lieu de naissance", patient.birth_place and patient.birth_place.cog),
    )
    for what, words, value in traits:
        if not value:
            message = f"Une identité INS qualifiée doit comporter ce trait : {words}."
            yield missing(what, f"patient : {words}", message, _IDENTITY)


def _identity_findings(what: str, where: str, professional: Professional) -> Iterator[Finding]:
    if professional.id is None or not professional.id.extension:
        yield missing(f"{what}_id", where, f"Identifiant inconnu ({where}).", _DIRECTORY)
    if professional.name is None or not professional.name.family:
        yield missing(f"{what}_name", where, f"Nom inconnu ({where}).", _DIRECTORY)


def _contact_findings(what: str, where: str, professional: Professional) -> Iterator[Finding]:
    if not addrs(work_addresses(professional)):
        yield missing(f"{what}_addr", where, f"Adresse inconnue ({where}).", _DIRECTORY)
    if not telecoms(work_telecoms(professional)):
        yield missing(f"{what}_telecom", where, f"Coordonnées de télécommunication inconnues ({where}).", _DIRECTORY)


def _structure_findings(what: str, where: str, organization: Organization) -> Iterator[Finding]:
    if not is_national_structure(organization.id):
        yield missing(f"{what}_organization_id", where, f"Numéro FINESS de la structure inconnu ({where}).", _DIRECTORY)
    if not organization.name.strip():
        yield missing(f"{what}_organization_name", where, f"Nom de la structure inconnu ({where}).", _DIRECTORY)
    if not addrs(organization.addresses):
        yield missing(f"{what}_organization_addr", where, f"Adresse de la structure inconnue ({where}).", _DIRECTORY)
    if not telecoms(organization.telecoms):
        yield missing(
            f"{what}_organization_telecom", where, f"Coordonnées de la structure inconnues ({where}).", _DIRECTORY
        )


def _organization_findings(what: str, where: str, organization: Organization | None) -> Iterator[Finding]:
    if organization is None:
        yield missing(f"{what}_organization", where, f"Structure inconnue ({where}).", _DIRECTORY)
    elif organization.practice_setting is None:
        yield missing(f"{what}_practice_setting", where, f"Cadre d'exercice inconnu ({where}).", _DIRECTORY)


def _performer_findings(act: ServiceEvent) -> Iterator[Finding]:
    where = "laboratoire exécutant"
    if act.performer.name is None:
        yield missing("performer_name", where, "Le nom du directeur du laboratoire est inconnu.", _DIRECTORY)
    yield from _contact_findings("performer", where, act.performer)
    if act.performer.organization is not None:
        yield from _structure_findings("performer", where, act.performer.organization)


def pdf_findings(pdf: bytes) -> Iterator[Finding]:
    """A PDF that hardened XML parsers would refuse once in base64 (one text is limited to ten million bytes)."""
    if len(pdf) > _PDF_LIMIT_BYTES:
        yield Finding(
            "cda.pdf_too_large",
            Severity.ERROR,
            "PDF",
            "Le PDF joint est trop volumineux pour être porté par un document CDA.",
            "Demander à l'émetteur un PDF plus léger (moins de 7 Mo).",
            layer="pdf",
            disposition=Disposition.REFUSE,
        )
