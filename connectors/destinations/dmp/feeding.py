"""An order as the DMP will see it: metadata, signature, parts. Pure: everything derives from the order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from connectors.destinations.dmp.credentials import Signer
from connectors.destinations.dmp.dsg import signature, signature_entry
from connectors.destinations.dmp.mtom import Part
from connectors.destinations.dmp.responsible import ResponsiblePerson
from connectors.destinations.dmp.settings import DmpSettings
from engine.context import stable_oid, stable_uuid
from engine.exchange import Order
from engine.model.parties import STRUCTURE_OID
from engine.model.values import Code, Identifier
from engine.xds import codes, datatypes
from engine.xds.metadata import content_type_code, submission
from engine.xds.values import SIGNS, Association, DocumentEntry, Submission, XdsAuthor

_SIGNATURE_ID = "Signature01"


@dataclass(frozen=True, slots=True)
class Feeding:
    """One ITI-41 call, but for its envelope."""

    submission: Submission
    parts: tuple[tuple[str, Part], ...]
    """(entry id, part)."""
    boundary: str
    root_id: str


def structure_author(person: ResponsiblePerson, settings: DmpSettings) -> XdsAuthor:
    """Author of the submission set: the responsible person, for the structure of the VIHF."""
    institution = datatypes.institution(Identifier(STRUCTURE_OID, settings.structure_id), settings.structure_name)
    return XdsAuthor(person.xcn, (institution,), (datatypes.specialty(person.specialty),))


def content_type(order: Order, settings: DmpSettings) -> Code:
    chosen = None if settings.content_type_code is None else codes.content_type(settings.content_type_code)
    return chosen or content_type_code(order.package.cda)


def feeding(
    order: Order,
    document: DocumentEntry,
    person: ResponsiblePerson,
    settings: DmpSettings,
    signer: Signer,
    *,
    source_id: str,
    replaced_entry_uuid: str | None,
) -> Feeding:
    """The document, and the signature of its submission set: the same bytes on every try of the order."""
    submission_id = stable_oid("dmp", "submission", order.id)
    author = structure_author(person, settings)
    sent = submission(
        (document,),
        unique_id=submission_id,
        source_id=source_id,
        submitted_at=order.created_at,
        content_type=content_type(order, settings),
        authors=(author,),
        title=document.title,
        replaced_entry_uuid=replaced_entry_uuid,
    )
    content = signature(
        submission_id,
        ((document.unique_id, order.package.cda),),
        signer,
        signed_at=order.created_at,
        xades=settings.xades,
    )
    signed = signature_entry(
        document,
        author,
        symbolic_id=_SIGNATURE_ID,
        unique_id=stable_oid("dmp", "signature", order.id),
        submission_time=sent.submission_set.submission_time,
        form=settings.signature_format,
    )
    return Feeding(
        submission=_with_signature(sent, _hashed(signed, content)),
        parts=(
            (document.id, Part(_content_id(order, "document"), order.package.cda)),
            (signed.id, Part(_content_id(order, "signature"), content)),
        ),
        boundary="MIME_" + stable_uuid("dmp", "boundary", order.id),
        root_id=_content_id(order, "envelope"),
    )


def _with_signature(sent: Submission, signed: DocumentEntry) -> Submission:
    """The signature belongs to the submission set, and signs it."""
    submission_set = sent.submission_set
    original = (("SubmissionSetStatus", ("Original",)),)
    links = (
        Association("AssociationSignature01", sent.associations[0].type, submission_set.id, signed.id, original),
        Association("AssociationSignature02", SIGNS, signed.id, submission_set.id),
    )
    return Submission(submission_set, (*sent.entries, signed), (*sent.associations, *links))


def _hashed(signed: DocumentEntry, content: bytes) -> DocumentEntry:
    return replace(signed, hash=hashlib.sha1(content, usedforsecurity=False).hexdigest(), size=len(content))


def _content_id(order: Order, name: str) -> str:
    return f"{stable_uuid('dmp', name, order.id)}@passeur"
