"""Fields of an examination → its form: every field of the examination's form, empty or not, and every value sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from engine.catalogue.child_exams import ChildExam
from engine.childhood.fields import ChildExamFields
from engine.childhood.vaccines import Doses
from engine.childhood.values import Measure, Part
from engine.rendering.form_lines import Form, FormField, FormSection, boxes


def form(fields: ChildExamFields, exam: ChildExam) -> Form:
    """The form of an examination. Raises ValueError when the fields are another examination's."""
    if fields.exam != exam.rank:
        raise ValueError("these are the fields of another examination")
    parts = [getattr(fields, name) for name in type(fields).model_fields]
    sections = [_section(part, exam.rank) for part in parts if isinstance(part, Part)]
    sections.append(FormSection("Texte libre", (FormField("Texte", fields.texte_libre or ""),)))
    if fields.autres:
        sections.append(FormSection("Autres champs", tuple(FormField(one.label, one.value) for one in fields.autres)))
    heading = f"Examen obligatoire n° {exam.rank} · {exam.label} · calendrier {exam.calendar_version}"
    return Form(heading, tuple(section for section in sections if section.fields))


def _section(part: Part, rank: int) -> FormSection:
    return FormSection(type(part).model_config.get("title") or "", tuple(_fields(part, rank)))


def _fields(part: Part, rank: int, before: str = "") -> Iterator[FormField]:
    """Those that the form of an examination shows, and those sent for it all the same."""
    for name, info in type(part).model_fields.items():
        value, extra = getattr(part, name), info.json_schema_extra
        ranks = extra.get("examens") if isinstance(extra, dict) else None
        if value is None and not (isinstance(ranks, list) and rank in ranks):
            continue
        label = before + (info.title or name)
        if Doses in get_args(info.annotation):
            yield from _fields(value or Doses(), rank, f"{label}, ")
        else:
            yield FormField(label, _value(value, _choices(info.annotation)))


def _value(value: Any, choices: tuple[str, ...]) -> str:
    """Any: what pydantic has read of a field."""
    if choices:
        return boxes(choices, value)
    if isinstance(value, Measure):
        return f"{value.valeur.replace('.', ',')} {value.unite}"
    return "" if value is None else str(value)


def _choices(annotation: Any) -> tuple[str, ...]:
    found = next((one for one in get_args(annotation) if get_origin(one) is Literal), None)
    return get_args(found) if found is not None else ()
