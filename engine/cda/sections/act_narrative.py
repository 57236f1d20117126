"""Narrative of one request: its state, its samples, its results."""

from __future__ import annotations

from engine.cda import wording
from engine.cda.narrative import (
    Pieces,
    cell,
    code_words,
    content,
    french_time,
    label,
    labelled,
    paragraph,
    professional_name,
    row,
    table,
)
from engine.cda.sections.result_rows import comment_pieces, item_rows
from engine.cda.xml import Element, el
from engine.model.laboratory import Comment, LabAct, Specimen
from engine.model.values import Timestamp

_NOTICES = {"active": wording.PARTIAL_ACT, "aborted": wording.CANCELLED_ACT}


def act_narrative(act: LabAct, key: str) -> Element:
    """section/text of a sub-section; its IDs are the ones `laboratory_entry` points to for the same `key`."""
    return el("text", *_statements(act), *_specimens(act, key), *_items(act, key))


def _statements(act: LabAct) -> tuple[Element, ...]:
    found = [paragraph(label(_NOTICES[act.status]))] if act.status in _NOTICES else []
    if act.time is not None:
        found.append(paragraph(*labelled(wording.OBTAINED, content(french_time(act.time)))))
    found.extend(
        paragraph(*labelled(wording.VALIDATED_BY, content(professional_name(validator))))
        for validator in act.validators
    )
    if act.code is not None:
        found.append(paragraph(*labelled(wording.CODES, code_words(act.code))))
    return tuple(found)


def _specimens(act: LabAct, key: str) -> tuple[Element, ...]:
    rows = tuple(_specimen(specimen, f"{key}-specimen{rank}") for rank, specimen in enumerate(act.specimens, 1))
    return (table(wording.SPECIMEN_COLUMNS, rows),) if rows else ()


def _specimen(specimen: Specimen, key: str) -> Element:
    return row(
        cell(*_kind(specimen, f"{key}-type")),
        cell(*_optional(specimen.id.extension if specimen.id else None)),
        cell(*_date(specimen.collected)),
        cell(*_date(specimen.received)),
        cell(*_optional(specimen.additive)),
        cell(*_optional(professional_name(specimen.collector) if specimen.collector else None)),
    )


def _kind(specimen: Specimen, narrative_id: str) -> Pieces:
    if specimen.type is None:
        return (content(specimen.text, narrative_id),) if specimen.text else ()
    words = specimen.text or specimen.type.display or specimen.type.code
    return (content(words, narrative_id), " ", *labelled(wording.CODES, code_words(specimen.type)))


def _optional(text: str | None) -> tuple[Element, ...]:
    return (content(text),) if text else ()


def _date(time: Timestamp | None) -> tuple[Element, ...]:
    return () if time is None else (content(french_time(time)),)


def _items(act: LabAct, key: str) -> tuple[Element, ...]:
    """A table of results; plain paragraphs where the act holds nothing but comments."""
    keyed = tuple((item, f"{key}-{rank}") for rank, item in enumerate(act.items, 1))
    comments = tuple((item, name) for item, name in keyed if isinstance(item, Comment))
    if len(comments) == len(keyed):
        return tuple(paragraph(*comment_pieces(comment, name)) for comment, name in comments)
    rows = tuple(made for item, name in keyed for made in item_rows(item, name))
    return (table(wording.COLUMNS, rows),) if rows else ()
