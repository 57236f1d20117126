"""Readable form of the report of a child's mandatory examination, as PDF/A-1b: its form, filled or to be filled."""

from __future__ import annotations

import re

from engine.context import Software
from engine.model.document import ClinicalDocument, DocumentVersion, TextBody
from engine.rendering.form_lines import Form, FormField, form_of
from engine.rendering.heading import heading
from engine.rendering.text_lines import wrapped
from engine.rendering.typesetting import Data, pdf_a

_BOXES = re.compile(r"\[[x ]\] [^\[\]\n]+?(?:  \[[x ]\] [^\[\]\n]+?)*")
_BOX = re.compile(r"\[([x ])\] ([^\[\]\n]+?)(?=  \[|$)")


def child_exam_pdf(
    document: ClinicalDocument, version: DocumentVersion, software: Software, ins_content: str = ""
) -> bytes | None:
    """The form under the head and above the foot of every document; None when the body is no form.

    Pure: same arguments, same bytes; the creation date is `document.created_at`.
    """
    body = document.body
    found = form_of(body.lines) if isinstance(body, TextBody) else None
    if found is None:
        return None
    shown: dict[str, Data] = {**heading(document, version, software, ins_content), **_form(found)}
    return pdf_a("child_exam.typ", shown, document.created_at)


def _form(form: Form) -> dict[str, Data]:
    return {
        "exam": form.heading,
        "sections": [
            {"title": section.title, "fields": [_field(field) for field in section.fields]} for section in form.sections
        ],
        "after": wrapped(form.after),
    }


def _field(field: FormField) -> dict[str, Data]:
    """`kind`: blank, boxes or text."""
    ticked: list[Data] = []
    if _BOXES.fullmatch(field.value):
        ticked = [{"ticked": mark == "x", "label": words} for mark, words in _BOX.findall(field.value)]
    kind = "boxes" if ticked else "text" if field.value else "blank"
    return {"label": field.label, "kind": kind, "text": field.value, "boxes": ticked}
