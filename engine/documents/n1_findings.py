"""What a document of level 1 needs before it can be written, in words that fit whoever makes it.

The lacks of the header are those of every document (`engine.cda.completeness`); here nobody completes them by hand, the
caller sends again: each of them refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.catalogue.entry import CatalogueEntry
from engine.catalogue.legal_entity import is_legal_entity
from engine.cda.characters import character_findings
from engine.cda.completeness import header_findings
from engine.findings import Disposition, Finding, Severity
from engine.model.document import Body, ClinicalDocument, PdfBody, TextBody
from engine.rendering.pdfa import pdfa_findings

_IMAGING_REQUEST = "55115-0"
_IDENTITY = "Compléter l'identité du patient dans le logiciel émetteur, puis envoyer de nouveau le document."
_SENDER = "Compléter cette information dans le logiciel émetteur, puis envoyer de nouveau le document."
_PDF = "Produire un PDF/A-1 sans mot de passe ni contenu actif, puis envoyer de nouveau le document."
_PERFORMER = "exécutant de l'acte"
_WORDS = {
    "cda.missing_custodian_id": (
        "organisme de conservation",
        "Le numéro national (FINESS ou SIRET) de la structure qui conserve le document est inconnu.",
    ),
    "cda.missing_authenticator_id": (
        "personne ayant validé",
        "Une personne ayant validé le document n'a pas de numéro RPPS.",
    ),
    "cda.missing_performer_organization": (_PERFORMER, "La structure de l'exécutant de l'acte est inconnue."),
    "cda.missing_performer_practice_setting": (_PERFORMER, "Le cadre d'exercice de l'exécutant de l'acte est inconnu."),
    "cda.missing_performer_id": (_PERFORMER, "L'exécutant de l'acte n'a pas d'identifiant."),
    "cda.missing_responsible_id": (
        "responsable de la prise en charge",
        "Le responsable de la prise en charge n'a pas de numéro RPPS.",
    ),
}
"""Findings of the header that speak of a laboratory → (where, message) that hold for anybody."""


def lacks(document: ClinicalDocument, entry: CatalogueEntry) -> tuple[Finding, ...]:
    """Everything that keeps the document from being written; none when it can be."""
    named = tuple(author for author in document.authors if not is_legal_entity(author.professional))
    return (
        *character_findings(document),
        *(_reworded(one) for one in header_findings(replace(document, authors=named))),
        *_order_findings(document, entry),
        *_empty_findings(document.body),
    )


def file_findings(pdf: bytes) -> tuple[Finding, ...]:
    """Whether the PDF is a readable copy that may leave (PDF/A-1), with a remedy for whoever made it."""
    return tuple(replace(one, remedy=_PDF) for one in pdfa_findings(pdf))


def _reworded(finding: Finding) -> Finding:
    where, message = _WORDS.get(finding.code, (finding.where, finding.message))
    remedy = _IDENTITY if finding.where.startswith("patient") else _SENDER
    return replace(finding, where=where, message=message, remedy=remedy, disposition=Disposition.REFUSE)


def _order_findings(document: ClinicalDocument, entry: CatalogueEntry) -> Iterator[Finding]:
    """An imaging request without its number cannot be found again from the report that answers it (SC.DB/LGC.01)."""
    if entry.type.code == _IMAGING_REQUEST and not any(order.extension for order in document.orders):
        message = "La demande d'imagerie n'a pas de numéro de demande : son compte rendu ne lui serait pas rattaché."
        remedy = "Donner le numéro de la demande et l'OID de l'autorité qui l'attribue, puis envoyer de nouveau."
        yield _refusal("missing_order", "numéro de demande", message, remedy)


def _empty_findings(body: Body) -> Iterator[Finding]:
    if isinstance(body, TextBody) and not any(line.strip() for line in body.lines):
        yield _refusal("empty", "texte", "Le document est vide.", "Envoyer le document avec son texte.")
    if isinstance(body, PdfBody) and not body.pdf:
        yield _refusal("empty", "PDF", "Le document est vide.", "Envoyer le document avec son PDF.")


def _refusal(reason: str, where: str, message: str, remedy: str) -> Finding:
    return Finding(f"n1.{reason}", Severity.ERROR, where, message, remedy, "volet", Disposition.REFUSE)
