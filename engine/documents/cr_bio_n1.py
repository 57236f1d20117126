"""Biology report at level 1: one PDF under the CI-SIS header (CDA R2 niveau 1)."""

from __future__ import annotations

from engine.cda.characters import character_findings
from engine.cda.codes import CR_BIO, LEVEL_1_DOCUMENT, MINIMAL_DOCUMENT
from engine.cda.completeness import header_findings, pdf_findings
from engine.cda.entries.attached_document import encoded_pdf
from engine.cda.header import DocumentKind, clinical_document
from engine.cda.xml import Origins, el, serialise
from engine.context import Software
from engine.declarations import DocumentType, Rendered
from engine.documents.ins_content import ins_content
from engine.documents.same_patient import identity_findings
from engine.errors import DocumentError
from engine.findings import Finding
from engine.model.document import ClinicalDocument, DocumentVersion, PdfBody, TextBody
from engine.rendering.pdfa import pdfa_findings
from engine.rendering.text_pdf import text_pdf

_TEMPLATES = (*MINIMAL_DOCUMENT, LEVEL_1_DOCUMENT)


class _CrBioLevel1:
    name = "cr_bio_n1"

    def merge(
        self, previous: ClinicalDocument, current: ClinicalDocument
    ) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
        """The new text replaces the one before, for the same patient only."""
        return current, identity_findings(previous.patient, current.patient)

    def render(self, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Rendered:
        """Build the CDA around the PDF sent, or around the text sent laid out as one.

        Raises DocumentError with everything that is missing.
        """
        findings = (*character_findings(document), *header_findings(document))
        if findings:
            raise DocumentError("cda.incomplete", "Le compte rendu est incomplet.", findings=findings)
        pdf = _pdf(document, version, software)
        if too_large := tuple(pdf_findings(pdf)):
            raise DocumentError("cda.pdf_too_large", too_large[0].message, findings=too_large)
        kind = DocumentKind(tuple((root, None) for root in _TEMPLATES), CR_BIO, document.title)
        body = el("nonXMLBody", encoded_pdf("text", pdf))
        origins = Origins()
        root = clinical_document(kind, document, version, (document.act, *document.acts), body, origins)
        return Rendered(serialise(root), pdf, origins.paths(), pdfa_findings(pdf))


def _pdf(document: ClinicalDocument, version: DocumentVersion, software: Software) -> bytes:
    body = document.body
    if isinstance(body, PdfBody):
        return body.pdf
    if isinstance(body, TextBody):
        return document.attached_pdf or text_pdf(document, version, software, ins_content(document, "10"))
    raise DocumentError("cda.wrong_body", "Un compte rendu de niveau 1 demande un PDF ou un texte.")


DOCUMENT_TYPE: DocumentType = _CrBioLevel1()
