"""Report of a mandatory examination: the body of its document, its title, its code, and the schema of its fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from engine.catalogue.child_exams import DOC_ID, ChildExam, child_exam
from engine.childhood.fields import ChildExamFields
from engine.childhood.form import form
from engine.model.document import ClinicalDocument, TextBody
from engine.rendering.form_lines import form_lines


def child_exam_body(fields: ChildExamFields, on: date | None = None) -> TextBody:
    """The text of the report: every field of the form, empty or not, then what was added. `on` is the day of the
    examination, by which its calendar is chosen. Raises DocumentError when the calendar has no such examination."""
    return TextBody(form_lines(form(fields, child_exam(fields.exam, on))))


def as_child_exam(document: ClinicalDocument, exam: ChildExam) -> ClinicalDocument:
    """The document with the rank of its examination in its title, and its code as that of the act; the business date
    is the start of the act, as for any document. Raises ValueError on a document of another kind."""
    if not is_child_exam(document):
        raise ValueError("the document is no report of a child's examination")
    return replace(document, title=exam.title, act=replace(document.act, code=exam.code))


def is_child_exam(document: ClinicalDocument) -> bool:
    return (document.catalogue or "").rpartition("/")[2] == DOC_ID


def child_exam_schema() -> dict[str, Any]:
    """JSON schema of the fields; `examens` names the ranks whose form shows a field. Any: JSON."""
    return ChildExamFields.model_json_schema()
