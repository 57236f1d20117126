"""Any document of level 1 of the catalogue: one PDF under the CI-SIS header (CDA R2 niveau 1).

Its type, class, format and templates are those of its line of the catalogue; nobody sets them.
"""

from __future__ import annotations

from dataclasses import replace

from engine.catalogue.catalogue import entry_of
from engine.catalogue.entry import CatalogueEntry, Level
from engine.catalogue.unknown import refusal
from engine.cda.codes import MINIMAL_DOCUMENT
from engine.cda.completeness import pdf_findings
from engine.cda.entries.attached_document import encoded_pdf
from engine.cda.header import DocumentKind, clinical_document
from engine.cda.xml import V3, Element, Origins, el, serialise
from engine.context import Software
from engine.declarations import DocumentType, Rendered
from engine.documents.ins_content import ins_content
from engine.documents.n1_findings import file_findings, lacks
from engine.documents.same_patient import identity_findings
from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument, DocumentVersion, PdfBody, TextBody
from engine.rendering.child_exam import child_exam_pdf
from engine.rendering.text_pdf import text_pdf

_IDENTITY = "Vérifier l'identité du patient dans le logiciel émetteur avant de laisser partir cette version."


class _Level1:
    name = "n1"

    def merge(
        self, previous: ClinicalDocument, current: ClinicalDocument
    ) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
        """The new file replaces the one before, for the same patient and the same kind of document only."""
        identity = tuple(replace(one, remedy=_IDENTITY) for one in identity_findings(previous.patient, current.patient))
        return current, (*identity, *_kind_findings(previous, current))

    def render(self, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Rendered:
        """Build the CDA around the PDF sent, or around the text sent laid out as one.

        Raises DocumentError with everything that is missing, or when the catalogue line is not one of level 1.
        """
        entry = _entry(document)
        if findings := lacks(document, entry):
            raise DocumentError("cda.incomplete", "Le document est incomplet.", findings=findings)
        pdf = _pdf(document, entry, version, software)
        if too_large := tuple(pdf_findings(pdf)):
            raise DocumentError("cda.pdf_too_large", too_large[0].message, findings=too_large)
        roots = (*MINIMAL_DOCUMENT, *entry.templates)
        kind = DocumentKind(tuple((root, None) for root in roots), entry.type, document.title)
        body = el("nonXMLBody", encoded_pdf("text", pdf))
        origins = Origins()
        root = clinical_document(kind, document, version, (document.act, *document.acts), body, origins)
        return Rendered(serialise(_level_1(root)), pdf, origins.paths(), file_findings(pdf))


def _entry(document: ClinicalDocument) -> CatalogueEntry:
    if document.catalogue is None:
        message = "Le document ne dit pas à quelle ligne du catalogue il appartient."
        raise refusal("catalogue.missing", "catalogue", message, "Indiquer profession, profil et document.")
    entry = entry_of(document.catalogue)
    if entry.level is not Level.N1:
        message = "Ce document est structuré (niveau 3) : un PDF ou un texte ne suffit pas."
        raise refusal("catalogue.not_level_1", "catalogue", message, "Envoyer des données structurées.")
    return entry


def _pdf(document: ClinicalDocument, entry: CatalogueEntry, version: DocumentVersion, software: Software) -> bytes:
    body = document.body
    if isinstance(body, PdfBody):
        return body.pdf
    if isinstance(body, TextBody):
        content = ins_content(document, entry.class_code.code)
        return (
            document.attached_pdf
            or child_exam_pdf(document, version, software, content)
            or text_pdf(document, version, software, content)
        )
    raise DocumentError("cda.wrong_body", "Un document de niveau 1 demande un PDF ou un texte.")


def _level_1(root: Element) -> Element:
    """The header without the participants' templates: a document of level 1 declares its own three, and those that
    the common header adds (prescriber, performer, recipient) are a laboratory report's."""
    for template in [*root.iterfind(f"*//{{{V3}}}templateId")]:
        parent = template.getparent()
        assert parent is not None
        parent.remove(template)
    return root


def _kind_findings(previous: ClinicalDocument, current: ClinicalDocument) -> tuple[Finding, ...]:
    if _doc_id(previous) == _doc_id(current):
        return ()
    return (
        Finding(
            "catalogue.differs_from_previous_version",
            Severity.ERROR,
            "catalogue",
            "Ce document n'est pas du même genre que la version qu'il remplace.",
            "Vérifier le numéro du document dans le logiciel émetteur avant de laisser partir cette version.",
            layer="catalogue",
            disposition=Disposition.HOLD,
        ),
    )


def _doc_id(document: ClinicalDocument) -> str:
    """Whatever the profession and the profile of who made it: a colleague may correct it."""
    return (document.catalogue or "").rpartition("/")[2]


DOCUMENT_TYPE: DocumentType = _Level1()
