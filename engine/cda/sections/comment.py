"""Words about the whole report: FR-Commentaire-non-code (1.2.250.1.213.1.1.2.73), narrative only."""

from __future__ import annotations

from engine.cda import wording
from engine.cda.codes import COMMENT_SECTION, COMMENT_TEXT_SECTION
from engine.cda.datatypes import coded, template_ids
from engine.cda.narrative import content, label, paragraph
from engine.cda.sections.result_rows import comment_pieces
from engine.cda.xml import Element, Origins, el
from engine.model.laboratory import LaboratoryReport


def comment_sections(report: LaboratoryReport, origins: Origins) -> tuple[Element, ...]:
    """Comments and the accreditation note in one section, the full text as the laboratory wrote it in another."""
    sections = []
    if paragraphs := _comments(report, origins):
        sections.append(_section(wording.COMMENTS, paragraphs))
    if report.full_text is not None:
        text = origins.mark(paragraph(content(report.full_text.text)), report.full_text.origin)
        sections.append(_section(wording.FULL_TEXT, (text,)))
    return tuple(sections)


def _comments(report: LaboratoryReport, origins: Origins) -> tuple[Element, ...]:
    found = [paragraph(label(wording.PARTIAL_REPORT))] if report.status == "active" else []
    found.extend(origins.mark(paragraph(*comment_pieces(comment, None)), comment.origin) for comment in report.comments)
    if report.accreditation_note:
        found.append(paragraph(content(report.accreditation_note)))
    return tuple(found)


def _section(title: str, paragraphs: tuple[Element, ...]) -> Element:
    return el(
        "section",
        template_ids(COMMENT_TEXT_SECTION),
        coded("code", COMMENT_SECTION),
        el("title", title),
        el("text", paragraphs),
    )
