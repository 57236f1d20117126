"""Readable copy of a laboratory report (compte rendu d'examens de biologie médicale), as PDF/A-1b."""

from __future__ import annotations

from engine.context import Software
from engine.model.document import ClinicalDocument, DocumentVersion
from engine.model.laboratory import LaboratoryReport
from engine.rendering.chapters import chapters, legend
from engine.rendering.heading import heading
from engine.rendering.results import comment_text
from engine.rendering.text_lines import wrapped
from engine.rendering.typesetting import Data, pdf_a


def laboratory_pdf(
    document: ClinicalDocument, version: DocumentVersion, software: Software, ins_content: str = ""
) -> bytes:
    """The report laid out for reading: every value, unit, range, flag and comment of the document, as sent.

    Pure: same arguments, same bytes; the creation date is `document.created_at`. Raises ValueError when the body is no
    laboratory report. MSSanté operator rules ECO.2.1.1 and ECO.2.1.5 ask for this copy, in PDF/A-1, beside the CDA.
    """
    report = document.body
    if not isinstance(report, LaboratoryReport):
        raise ValueError("the body is no laboratory report")
    data: dict[str, Data] = {
        **heading(document, version, software, ins_content),
        "clinical_information": report.clinical_information.text if report.clinical_information else "",
        "chapters": chapters(report, document),
        "comments": [comment_text(comment) for comment in report.comments],
        "accreditation_note": report.accreditation_note or "",
        "legend": legend(report),
        "full_text": wrapped(report.full_text.text.split("\n")) if report.full_text else {},
    }
    return pdf_a("laboratory.typ", data, document.created_at)
