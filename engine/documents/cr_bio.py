"""Biology report at level 3 (CI-SIS CR-BIO 2024.01: compte rendu d'examens de biologie médicale)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.cda.characters import character_findings
from engine.cda.codes import CR_BIO, CR_BIO_DOCUMENT, CR_BIO_TITLE, CR_BIO_VOLET, MINIMAL_DOCUMENT
from engine.cda.completeness import SENDER, cr_bio_findings, header_findings, missing, pdf_findings
from engine.cda.header import DocumentKind, clinical_document
from engine.cda.sections.chapter import chapter_section
from engine.cda.sections.comment import comment_sections
from engine.cda.sections.pdf_copy import pdf_copy_section
from engine.cda.sections.reason import reason_section
from engine.cda.xml import Element, Origins, el, serialise
from engine.context import Software
from engine.declarations import DocumentType, Rendered
from engine.documents.correction import merged_report
from engine.documents.ins_content import ins_content
from engine.documents.same_patient import identity_findings
from engine.errors import DocumentError
from engine.findings import Disposition, Finding, Severity
from engine.model.document import ClinicalDocument, DocumentVersion, ServiceEvent
from engine.model.laboratory import LaboratoryReport
from engine.model.values import Code
from engine.rendering.laboratory_pdf import laboratory_pdf
from engine.rendering.pdfa import pdfa_findings

_KIND = DocumentKind(
    templates=(*((root, None) for root in (*MINIMAL_DOCUMENT, CR_BIO_DOCUMENT)), CR_BIO_VOLET),
    code=CR_BIO,
    title=CR_BIO_TITLE,
)


class _CrBio:
    name = "cr_bio"

    def merge(
        self, previous: ClinicalDocument, current: ClinicalDocument
    ) -> tuple[ClinicalDocument, tuple[Finding, ...]]:
        """Carry over what the correction did not send again; nothing is merged across two identities."""
        if findings := identity_findings(previous.patient, current.patient):
            return current, findings
        if not isinstance(previous.body, LaboratoryReport) or not isinstance(current.body, LaboratoryReport):
            return current, (_previous_not_structured(),)
        return merged_report(previous, current)

    def render(self, document: ClinicalDocument, version: DocumentVersion, software: Software) -> Rendered:
        """Build the CDA and its PDF copy: the laboratory's own when it sent one.

        Raises DocumentError with everything that is missing.
        """
        report = _report(document)
        pdf = document.attached_pdf or laboratory_pdf(document, version, software, ins_content(document, "10"))
        if too_large := tuple(pdf_findings(pdf)):
            raise DocumentError("cda.pdf_too_large", too_large[0].message, findings=too_large)
        origins = Origins()
        body = _body(report, version, pdf, origins)
        root = clinical_document(_KIND, document, version, _acts(document, report), body, origins)
        return Rendered(serialise(root), pdf, origins.paths(), pdfa_findings(pdf))


def _report(document: ClinicalDocument) -> LaboratoryReport:
    """The body, once the document is known to hold all that the volet needs."""
    report = document.body
    if not isinstance(report, LaboratoryReport):
        raise DocumentError("cda.wrong_body", "Un compte rendu de niveau 3 demande des résultats structurés.")
    findings = (
        *character_findings(document),
        *header_findings(document),
        *cr_bio_findings(document),
        *_report_findings(report),
    )
    if findings:
        raise DocumentError("cda.incomplete", "Le compte rendu est incomplet.", findings=findings)
    return report


def _report_findings(report: LaboratoryReport) -> Iterator[Finding]:
    if not any(chapter.acts for chapter in report.chapters):
        yield missing("chapter", "chapitres", "Le compte rendu ne comporte aucun chapitre de résultats.", SENDER)
    for chapter in report.chapters:
        if not chapter.acts:
            yield missing("act", "chapitre", "Un chapitre ne comporte aucune demande.", SENDER)
        for act in chapter.acts:
            if not (act.items or act.specimens):
                yield missing("result", act.origin, "Une demande ne comporte ni résultat ni commentaire.", SENDER)


def _body(report: LaboratoryReport, version: DocumentVersion, pdf: bytes, origins: Origins) -> Element:
    reason = report.clinical_information
    sections = (
        *((reason_section(reason, version.id, origins),) if reason is not None else ()),
        *(chapter_section(chapter, f"c{rank}", origins) for rank, chapter in enumerate(report.chapters, 1)),
        *comment_sections(report, origins),
        pdf_copy_section(pdf, version.id),
    )
    return el("structuredBody", tuple(el("component", section) for section in sections))


def _acts(document: ClinicalDocument, report: LaboratoryReport) -> tuple[ServiceEvent | Code, ...]:
    """The acts as sent, the main one coded by its first chapter when it has no code, then every other chapter."""
    main = document.act
    main = replace(main, code=main.code or report.chapters[0].code, status=main.status or report.status)
    said = {act.code.code for act in (main, *document.acts) if act.code is not None}
    others = {chapter.code.code: chapter.code for chapter in report.chapters if chapter.code.code not in said}
    return (main, *document.acts, *others.values())


def _previous_not_structured() -> Finding:
    return Finding(
        "merge.previous_not_structured",
        Severity.WARNING,
        "",
        "L'une des deux versions n'est pas structurée : les résultats de la version précédente n'ont pas été repris.",
        "Vérifier que la nouvelle version est complète avant de la laisser partir.",
        layer="mapping",
        disposition=Disposition.HOLD,
    )


DOCUMENT_TYPE: DocumentType = _CrBio()
