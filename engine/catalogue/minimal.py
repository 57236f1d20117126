"""A line of the catalogue, a content, a patient and who made it → the smallest whole document.

Everything else (recipients, orders, further authors, stay) is added by `dataclasses.replace`.
"""

from __future__ import annotations

from engine.catalogue.entry import CatalogueEntry
from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.model.document import Author, Body, ClinicalDocument, Encounter, ServiceEvent, Signature
from engine.model.parties import Organization, Patient, Professional
from engine.model.values import Code, Identifier, Timestamp

_SENDER = "Compléter cette information dans le logiciel émetteur, puis envoyer de nouveau le document."


def minimal_document(
    entry: CatalogueEntry,
    body: Body,
    *,
    patient: Patient,
    professional: Professional,
    created_at: Timestamp,
    document_type: str | None = None,
    title: str = "",
    signed_at: Timestamp | None = None,
    act_start: Timestamp | None = None,
    act_stop: Timestamp | None = None,
    act_id: Identifier | None = None,
) -> ClinicalDocument:
    """One author, who signs it and did the act; their structure keeps it and is where the patient was cared for.

    `document_type` is the name `document_type_of` gave; the line's preferred one by default. Without `title` the
    document bears the label of its type. `created_at` is when the document was made, `signed_at` when its author
    validated it and `act_start` the business date, when the act was: of a document of the past (SC.DMP/HISTO.03) only
    the first is of today; left out, the three are the same. `act_id` is the host's own number of the act, the last
    part of the file name. Raises DocumentError when the structure, or its sector of activity, is unknown.
    """
    structure, sector = _structure(professional)
    start, signed = act_start or created_at, signed_at or created_at
    return ClinicalDocument(
        type=document_type or entry.document_types[0],
        title=" ".join(title.split()) or entry.type.display or entry.name,
        created_at=created_at,
        patient=patient,
        authors=(Author(signed, professional),),
        custodian=structure,
        legal_authenticator=Signature(signed, professional),
        act=ServiceEvent(code=None, performer=professional, start=start, stop=act_stop, id=act_id),
        encounter=Encounter(facility_type=sector, start=start, stop=act_stop),
        body=body,
        catalogue=entry.key,
    )


def _structure(professional: Professional) -> tuple[Organization, Code]:
    structure = professional.organization
    sector = structure.facility_type if structure is not None else None
    if structure is None or sector is None:
        findings = (
            *(
                (_missing("organization", "structure", "La structure de l'auteur est inconnue."),)
                if structure is None
                else ()
            ),
            _missing("facility_type", "secteur d'activité", "Le secteur d'activité de la structure est inconnu."),
        )
        raise DocumentError("cda.incomplete", "Le document est incomplet.", findings=findings)
    return structure, sector


def _missing(what: str, where: str, message: str) -> Finding:
    return Finding(f"cda.missing_{what}", Severity.ERROR, where, message, _SENDER, "volet", Disposition.REFUSE)
