"""TD2.1: ITI-41 ProvideAndRegisterDocumentSet-b, judged whole before anything is taken."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cryptography import x509
from lxml import etree

from connectors.simulators.cda import CdaHeader, cda_header
from connectors.simulators.dmp.dsg import signature_problems
from connectors.simulators.dmp.mtom import Packet, content_id
from connectors.simulators.dmp.registry import Registry, Taken, patient_key
from connectors.simulators.dmp.soap import SoapFault
from connectors.simulators.dmp.vihf import Vihf
from connectors.simulators.metadata.agreement import agreement_problems
from connectors.simulators.metadata.datatypes import institution_id
from connectors.simulators.metadata.ebrim import RegistryObject, Submission, submission
from connectors.simulators.metadata.entry_rules import entry_problems, signature_entry_problems
from connectors.simulators.metadata.list_rules import list_problems
from connectors.simulators.metadata.patient_rules import ins_problems
from connectors.simulators.metadata.set_rules import set_problems
from connectors.simulators.metadata.vocabulary import (
    CONFIDENTIALITY,
    HAS_MEMBER,
    LCM,
    METADATA_ERROR,
    PATIENT_MISMATCH,
    REPOSITORY_METADATA_ERROR,
    RIM,
    RPLC,
    SET_AUTHOR,
    SET_PATIENT_ID,
    SET_UNIQUE_ID,
    SIGNS,
    UNIQUE_ID,
    UNKNOWN_PATIENT,
    XDSB,
)
from connectors.simulators.problems import Problem
from connectors.simulators.sums import sha1, size_and_hash_problems
from connectors.simulators.xml import Element, children

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
_ALLOWED = frozenset({HAS_MEMBER, SIGNS, RPLC})
_NO_AUTHOR = "Aucun AuthorInstitution ne correspond à l'utilisateur du VIHF"


@dataclass(frozen=True, slots=True)
class Feeding:
    """What the request holds, before it is judged."""

    submission: Submission
    contents: dict[str, bytes]
    """By id of the ExtrinsicObject."""
    elements: dict[str, Element]
    """ExtrinsicObjects as sent, by id."""


@dataclass(frozen=True, slots=True)
class Peer:
    """The DMP's side of the judgement."""

    registry: Registry
    authority: x509.Certificate
    production: bool
    masked_and_invisible: bool
    """Its parameter cumul-invisible_patient-masque_ps (EX_2.1-1050)."""
    patient_status: Callable[[str], str | None]
    """CX → `active`, `terminated`, or None when there is no DMP."""


def feeding(payload: Element, packet: Packet) -> Feeding:
    """Read the body. Raises SoapFault when it is not a ProvideAndRegister in MTOM."""
    if payload.tag != f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest":
        raise SoapFault("ProvideAndRegisterDocumentSetRequest attendu")
    registry_objects = payload.find(f"{{{LCM}}}SubmitObjectsRequest/{{{RIM}}}RegistryObjectList")
    if registry_objects is None:
        raise SoapFault("RegistryObjectList absent")
    contents: dict[str, bytes] = {}
    for document in payload.findall(f"{{{XDSB}}}Document"):
        includes = [e for e in children(document) if e.tag == "{http://www.w3.org/2004/08/xop/include}Include"]
        if len(includes) != 1 or len(children(document)) != 1 or (document.text or "").strip():
            raise SoapFault("document hors MTOM : un xop:Include par Document attendu (EX_2.1-1260)")
        part = packet.parts.get(content_id(includes[0].get("href", "")))
        if part is None:
            raise SoapFault("la partie MIME d'un document manque")
        if document.get("id", "") in contents:
            raise SoapFault("deux Document portent le même id")
        contents[document.get("id", "")] = part
    if len(contents) != len(packet.parts):
        raise SoapFault("partie MIME que rien ne désigne")
    elements = {e.get("id", ""): e for e in registry_objects.findall(f"{{{RIM}}}ExtrinsicObject")}
    return Feeding(submission(registry_objects), contents, elements)


def feeding_problems(request: Feeding, vihf: Vihf, peer: Peer) -> tuple[Problem, ...]:
    """Everything wrong in a feeding; empty when it may be taken. A set that came before is not judged again.

    Raises SoapFault when the certificate of the submission-set signature is not one to sign with.
    """
    problems = list(list_problems(request.submission, allowed=_ALLOWED))
    if len(request.submission.sets) != 1:
        return tuple(problems)
    the_set = request.submission.sets[0]
    if peer.registry.knows_submission(the_set.identifier(SET_UNIQUE_ID)):
        return (Problem("XDSDuplicateUniqueIdInRegistry", "lot déjà enregistré", f"{the_set.where}.uniqueId"),)
    problems += set_problems(the_set)
    problems += _patient_problems(the_set, vihf, peer)
    problems += _structure_problems(the_set, vihf)
    problems += _part_problems(request)
    for entry in request.submission.documents:
        problems += entry_problems(entry, both_hidden=peer.masked_and_invisible)
        problems += _secret_problems(entry, vihf)
        if entry.id in request.contents:
            problems += _document_problems(request, entry, the_set, peer)
    problems += _signature_problems(request, the_set, vihf, peer)
    return tuple(problems)


def documents(request: Feeding) -> tuple[Taken, ...]:
    """What to keep of an accepted feeding, clinical documents first."""
    replaced = {a.source: a.target for a in request.submission.associations if a.type == RPLC}
    return tuple(
        Taken(
            entry_uuid=entry.id if entry.id.startswith("urn:uuid:") else f"urn:uuid:{uuid.uuid4()}",
            unique_id=entry.identifier(UNIQUE_ID),
            content=request.contents[entry.id],
            metadata=etree.tostring(request.elements[entry.id], method="c14n", exclusive=True),
            replaces=replaced.get(entry.id, ""),
            signature=entry.is_signature,
        )
        for entry in (*request.submission.documents, *request.submission.signatures)
    )


def _patient_problems(the_set: RegistryObject, vihf: Vihf, peer: Peer) -> Iterator[Problem]:
    yield from ins_problems(the_set, production=peer.production)
    cx = the_set.identifier(SET_PATIENT_ID)
    if patient_key(cx) != patient_key(vihf.patient_id):
        yield Problem(PATIENT_MISMATCH, "le patient n'est pas celui du VIHF", f"{the_set.where}.patientId")
    status = peer.patient_status(cx)
    if status is None:
        yield Problem(UNKNOWN_PATIENT, "aucun DMP pour ce patient", f"{the_set.where}.patientId")
    elif status != "active":
        yield Problem("DMPClosed", "le DMP de ce patient est fermé", f"{the_set.where}.patientId")


def _structure_problems(the_set: RegistryObject, vihf: Vihf) -> Iterator[Problem]:
    institutions = {
        institution_id(value) for a in the_set.classified(SET_AUTHOR) for value in a.values("authorInstitution")
    }
    if vihf.structure_id not in institutions:
        yield Problem(METADATA_ERROR, _NO_AUTHOR, f"{the_set.where}.author.authorInstitution")


def _secret_problems(entry: RegistryObject, vihf: Vihf) -> Iterator[Problem]:
    """EX_2.1-1050: a minor's representatives must not find what was filed under a secret connection."""
    codes = {c.representation for c in entry.classified(CONFIDENTIALITY)}
    if vihf.secret_connection and "INVISIBLE_REPRESENTANTS_LEGAUX" not in codes:
        yield Problem(
            METADATA_ERROR,
            "connexion secrète : document non visible par les représentants légaux attendu",
            f"{entry.where}.confidentialityCode",
        )


def _part_problems(request: Feeding) -> Iterator[Problem]:
    described = {entry.id for entry in request.submission.entries}
    for entry in request.submission.entries:
        if entry.id not in request.contents:
            yield Problem("XDSMissingDocument", "fiche sans document", entry.where)
    if set(request.contents) - described:
        yield Problem("XDSMissingDocumentMetadata", "document sans fiche", "Document")


def _document_problems(
    request: Feeding, entry: RegistryObject, the_set: RegistryObject, peer: Peer
) -> Iterator[Problem]:
    content = request.contents[entry.id]
    yield from size_and_hash_problems(entry, content)
    if "^" in entry.identifier(UNIQUE_ID):
        yield Problem(METADATA_ERROR, "le DMP n'admet pas d'extension", f"{entry.where}.uniqueId")
    if entry.values("URI"):
        yield Problem(METADATA_ERROR, "URI est réservé aux archives XDM", f"{entry.where}.URI")
    if peer.registry.entry(entry.id) is not None:
        yield Problem(METADATA_ERROR, "entryUUID déjà enregistré", f"{entry.where}.id")
    if any(known.sha1 != sha1(content) for known in peer.registry.by_unique_id(entry.identifier(UNIQUE_ID))):
        yield Problem("XDSNonIdenticalHash", "même uniqueId, autre contenu", f"{entry.where}.uniqueId")
    try:
        cda = cda_header(content)
    except ValueError as error:
        yield Problem("InvalidDocumentContent", str(error), entry.where)
        return
    yield from agreement_problems(entry, cda)
    yield from _replacement_problems(request, entry, cda, patient_key(the_set.identifier(SET_PATIENT_ID)), peer)


def _replacement_problems(
    request: Feeding, entry: RegistryObject, cda: CdaHeader, patient: str, peer: Peer
) -> Iterator[Problem]:
    where = f"{entry.where}.RPLC"
    targets = [a.target for a in request.submission.associations if a.type == RPLC and a.source == entry.id]
    if len(targets) > 1:
        yield Problem(METADATA_ERROR, "un document en remplace un seul", where)
    for target in targets:
        known = peer.registry.entry(target)
        if known is None:
            yield Problem("XDSReplaceFailed", "document à remplacer inconnu", where)
        elif known.patient != patient:
            yield Problem(PATIENT_MISMATCH, "le document à remplacer est celui d'un autre patient", where)
        elif not known.approved:
            yield Problem("XDSRegistryDeprecatedDocumentError", "le document à remplacer n'est plus en vigueur", where)
        elif known.unique_id not in cda.replaced:
            yield Problem(REPOSITORY_METADATA_ERROR, "le document ne dit pas remplacer celui-là", where)
    if not targets and any(known.approved for old in cda.replaced for known in peer.registry.by_unique_id(old)):
        yield Problem(REPOSITORY_METADATA_ERROR, "le document dit en remplacer un : association RPLC attendue", where)


def _signature_problems(request: Feeding, the_set: RegistryObject, vihf: Vihf, peer: Peer) -> Iterator[Problem]:
    signatures = request.submission.signatures
    if len(signatures) != 1:
        yield Problem(METADATA_ERROR, "une signature de lot et une seule attendue", "RegistryObjectList")
        return
    entry = signatures[0]
    yield from signature_entry_problems(entry)
    if [a.source for a in request.submission.associations if a.type == SIGNS] != [entry.id]:
        yield Problem(METADATA_ERROR, "association signs attendue", entry.where)
    known = peer.registry.by_unique_id(entry.identifier(UNIQUE_ID))
    if any(other.sha1 != sha1(request.contents.get(entry.id, b"")) for other in known):
        yield Problem("XDSNonIdenticalHash", "uniqueId de signature déjà enregistré", f"{entry.where}.uniqueId")
    if entry.id not in request.contents:
        return
    contents = {
        e.identifier(UNIQUE_ID): request.contents[e.id]
        for e in request.submission.documents
        if e.id in request.contents
    }
    yield from signature_problems(
        request.contents[entry.id],
        set_unique_id=the_set.identifier(SET_UNIQUE_ID),
        documents=contents,
        authority=peer.authority,
        structure_id=vihf.structure_id,
    )
