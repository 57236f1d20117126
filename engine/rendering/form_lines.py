"""A form as lines that a person reads, and back: the text of a level-1 document that keeps its sections, labels and
boxes. `■ Section`, then `– Label : value`; a value's further lines are indented, an empty one is a row of dots."""

from __future__ import annotations

from dataclasses import dataclass

BLANK = "…………"
_MARK = "▣ "
_SECTION = "■ "
_FIELD = "– "
_SAYS = " : "
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class FormField:
    label: str
    value: str
    """Empty: left blank, to be filled by hand. Boxes are written `[x] oui  [ ] non`."""


@dataclass(frozen=True, slots=True)
class FormSection:
    title: str
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Form:
    heading: str
    """What stands above the first section."""
    sections: tuple[FormSection, ...]
    after: tuple[str, ...] = ()
    """Lines added below the form (an information to the patient)."""


def boxes(choices: tuple[str, ...], chosen: str | None) -> str:
    """One box for each choice, the chosen one ticked."""
    return "  ".join(f"[{'x' if one == chosen else ' '}] {one}" for one in choices)


def form_lines(form: Form) -> tuple[str, ...]:
    """The lines of a form. Raises ValueError on a label that could not be told from its value."""
    lines = [_MARK + form.heading]
    for section in form.sections:
        lines += ["", _SECTION + section.title]
        for field in section.fields:
            lines += _field(field)
    return (*lines, *(("", *form.after) if form.after else ()))


def form_of(lines: tuple[str, ...]) -> Form | None:
    """The form that these lines were made of, what was added below kept as it is; None when they are another text."""
    if not lines or not lines[0].startswith(_MARK):
        return None
    sections: list[tuple[str, list[list[str]]]] = []
    for number, line in enumerate(lines[1:], start=1):
        if line.startswith(_SECTION):
            sections.append((line.removeprefix(_SECTION), []))
        elif line.startswith(_FIELD) and _SAYS in line and sections:
            sections[-1][1].append([*line.removeprefix(_FIELD).split(_SAYS, 1)])
        elif line.startswith(_INDENT) and sections and sections[-1][1]:
            sections[-1][1][-1][1] += "\n" + line.removeprefix(_INDENT)
        elif line and lines[number - 1] == "":
            return _form(lines, sections, lines[number:])
        elif line:
            return None
    return _form(lines, sections, ())


def _form(lines: tuple[str, ...], sections: list[tuple[str, list[list[str]]]], after: tuple[str, ...]) -> Form:
    made = tuple(
        FormSection(title, tuple(FormField(label, "" if value == BLANK else value) for label, value in fields))
        for title, fields in sections
    )
    return Form(lines[0].removeprefix(_MARK), made, after)


def _field(field: FormField) -> list[str]:
    if _SAYS in field.label or "\n" in field.label:
        raise ValueError("a label holds the sign that ends it")
    first, *rest = field.value.replace("\r\n", "\n").replace("\r", "\n").split("\n") if field.value else [BLANK]
    return [f"{_FIELD}{field.label}{_SAYS}{first}", *(_INDENT + line for line in rest)]
