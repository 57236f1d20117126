"""Rows of the results table: all that is coded of a result, readable without the coded part."""

from __future__ import annotations

from engine.cda import wording
from engine.cda.narrative import (
    Pieces,
    cell,
    code_words,
    comma,
    content,
    french_time,
    label,
    labelled,
    line_break,
    professional_name,
    row,
    separated,
)
from engine.cda.xml import Element
from engine.model.laboratory import (
    PREVIOUS_VERSION,
    Battery,
    CodedValue,
    Comment,
    Concept,
    Isolate,
    Item,
    PreviousResult,
    Result,
    Value,
)

_SPAN = len(wording.COLUMNS)
_STATUS_WORDS = {"C": wording.CORRECTED, "U": wording.CONFIRMED}


def item_rows(item: Item, key: str) -> tuple[Element, ...]:
    if isinstance(item, Battery):
        return _battery_rows(item, key)
    if isinstance(item, Isolate):
        return _isolate_rows(item, key)
    if isinstance(item, Comment):
        return (comment_row(item, key),)
    return result_rows(item, key)


def result_rows(result: Result, key: str) -> tuple[Element, ...]:
    """The row of the result, then its particulars and its comments across the table."""
    main = row(
        cell(content(shown_label(result.concept), f"{key}-label")),
        cell(*_value(result.value, result.value_as_sent, f"{key}-value")),
        cell(*([content(result.unit_as_sent)] if result.unit_as_sent else [])),
        cell(*([content(result.reference_range.text, f"{key}-range")] if result.reference_range else [])),
        cell(*separated(tuple((content(flag.as_sent),) for flag in result.interpretations), comma)),
        cell(
            *separated(
                tuple(_previous(previous, f"{key}-previous{rank}") for rank, previous in enumerate(result.previous, 1)),
                line_break,
            )
        ),
        narrative_id=key,
    )
    particulars = _particulars(result, key)
    details = (row(cell(*separated(particulars, line_break), span=_SPAN)),) if particulars else ()
    return (main, *details, *comment_rows(result.comments, key))


def comment_rows(comments: tuple[Comment, ...], key: str) -> tuple[Element, ...]:
    return tuple(comment_row(comment, f"{key}-comment{rank}") for rank, comment in enumerate(comments, 1))


def comment_row(comment: Comment, narrative_id: str) -> Element:
    return row(cell(*comment_pieces(comment, narrative_id), span=_SPAN))


def comment_pieces(comment: Comment, narrative_id: str | None) -> Pieces:
    words = wording.PREVIOUS_COMMENT if comment.origin.endswith(PREVIOUS_VERSION) else wording.COMMENT
    return labelled(words, content(comment.text, narrative_id))


def shown_label(concept: Concept) -> str:
    """The laboratory's label, else the code it sent: a row is never without a name."""
    codes = (*concept.local, *((concept.code,) if concept.code else ()))
    return concept.text or next((code.code for code in codes), "")


def concept_codes(concept: Concept) -> tuple[Element, ...]:
    given = () if concept.code is None else (concept.code,)
    return tuple(code_words(code) for code in (*given, *concept.local))


def _value(value: Value | None, as_sent: str, narrative_id: str) -> Pieces:
    """As sent; a coded value by its words, and by what was sent when that says something else."""
    if not isinstance(value, CodedValue):
        return (content(as_sent),) if as_sent else ()
    codes = {code.code for code in (value.code, value.local) if code is not None}
    shown: Pieces = (content(value.text, narrative_id),)
    return shown if as_sent in {"", value.text, *codes} else (*shown, " ", content(as_sent))


def _previous(previous: PreviousResult, narrative_id: str) -> Pieces:
    pieces = list(_value(previous.value, previous.value_as_sent, narrative_id))
    if previous.unit_as_sent:
        pieces.extend((" ", content(previous.unit_as_sent)))
    if previous.time is not None:
        pieces.extend((" (", content(french_time(previous.time)), ")"))
    return tuple(pieces)


def _particulars(result: Result, key: str) -> tuple[Pieces, ...]:
    """Status, date, method, validators and codes, a line each."""
    found: list[Pieces] = [(label(words),) for words in _statuses(result)]
    if result.time is not None:
        found.append(labelled(wording.OBTAINED, content(french_time(result.time))))
    if result.method is not None:
        words = result.method.display or result.method.code
        found.append(labelled(wording.METHOD, content(words, f"{key}-method")))
    found.extend(
        labelled(wording.VALIDATED_BY, content(professional_name(validator))) for validator in result.validators
    )
    if codes := concept_codes(result.concept):
        found.append(labelled(wording.CODES, *codes))
    if isinstance(result.value, CodedValue) and (codes := _value_codes(result.value)):
        found.append(labelled(wording.VALUE_CODE, *codes))
    return tuple(found)


def _statuses(result: Result) -> tuple[str, ...]:
    words = [wording.CANCELLED] if result.status == "aborted" else []
    if result.status_as_sent in _STATUS_WORDS:
        words.append(_STATUS_WORDS[result.status_as_sent])
    if result.carried_over:
        words.append(wording.CARRIED_OVER)
    return tuple(words)


def _value_codes(value: CodedValue) -> tuple[Element, ...]:
    return tuple(code_words(code) for code in (value.code, value.local) if code is not None)


def _battery_rows(battery: Battery, key: str) -> tuple[Element, ...]:
    rows = [] if battery.concept is None else [_battery_title(battery.concept, key)]
    for rank, result in enumerate(battery.results, 1):
        rows.extend(result_rows(result, f"{key}-{rank}"))
    return (*rows, *comment_rows(battery.comments, key))


def _battery_title(concept: Concept, key: str) -> Element:
    title = content(shown_label(concept), f"{key}-label", "Bold")
    codes = concept_codes(concept)
    return row(cell(title, *((" ", *labelled(wording.CODES, *codes)) if codes else ()), span=_SPAN))


def _isolate_rows(isolate: Isolate, key: str) -> tuple[Element, ...]:
    organism = content(isolate.organism.text, f"{key}-organism", "Bold")
    codes = _value_codes(isolate.organism)
    title = labelled(wording.GERM, organism)
    rows = [row(cell(*title, *((" ", *labelled(wording.CODES, *codes)) if codes else ()), span=_SPAN))]
    for rank, result in enumerate(isolate.results, 1):
        rows.extend(result_rows(result, f"{key}-{rank}"))
    if isolate.antibiogram:
        rows.append(row(cell(label(wording.ANTIBIOGRAM, f"{key}-antibiogram"), span=_SPAN)))
    for rank, result in enumerate(isolate.antibiogram, 1):
        rows.extend(result_rows(result, f"{key}-drug-{rank}"))
    return (*rows, *comment_rows(isolate.comments, key))
