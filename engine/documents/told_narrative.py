"""What a reader of the narrative alone must see of a canonical report, in order, section by section."""

from __future__ import annotations

from collections.abc import Iterator

from engine.cda.codes import SYSTEM_NAMES
from engine.documents.facts import plain
from engine.model.laboratory import (
    Battery,
    CodedValue,
    Comment,
    Concept,
    Isolate,
    Item,
    LabAct,
    LaboratoryReport,
    PreviousResult,
    Result,
    Specimen,
)
from engine.model.parties import Professional
from engine.model.values import Code, Timestamp


def shown_by(report: LaboratoryReport) -> dict[str, list[str]]:
    """By path of section; what is empty is not shown."""
    shown: dict[str, list[str]] = {}
    for rank, chapter in enumerate(report.chapters, 1):
        for number, act in enumerate(chapter.acts, 1):
            shown[f"chapter[{rank}].act[{number}]"] = _seen(_act(act))
    if report.clinical_information is not None:
        shown["reason"] = _seen(iter((report.clinical_information.text,)))
    if words := _seen(_whole(report)):
        shown["comments"] = words
    return shown


def _seen(words: Iterator[str | None]) -> list[str]:
    return [text for word in words if word and (text := plain(word))]


def _whole(report: LaboratoryReport) -> Iterator[str | None]:
    for comment in report.comments:
        yield comment.text
    yield report.accreditation_note
    if report.full_text is not None:
        yield report.full_text.text


def _act(act: LabAct) -> Iterator[str | None]:
    yield _day(act.time)
    for validator in act.validators:
        yield _name(validator)
    yield from _codes(act.code)
    for specimen in act.specimens:
        yield from _specimen(specimen)
    for item in act.items:
        yield from _item(item)


def _specimen(specimen: Specimen) -> Iterator[str | None]:
    kind = specimen.type
    yield specimen.text or (None if kind is None else kind.display or kind.code)
    yield from _codes(kind)
    yield None if specimen.id is None else specimen.id.extension
    yield _day(specimen.collected)
    yield _day(specimen.received)
    yield specimen.additive
    yield _name(specimen.collector)


def _item(item: Item) -> Iterator[str | None]:
    if isinstance(item, Comment):
        yield item.text
    elif isinstance(item, Result):
        yield from _result(item)
    elif isinstance(item, Battery):
        if item.concept is not None:
            yield from _title(item.concept)
        for result in item.results:
            yield from _result(result)
        yield from _comments(item.comments)
    else:
        yield from _isolate(item)


def _isolate(isolate: Isolate) -> Iterator[str | None]:
    yield isolate.organism.text
    yield from _codes(isolate.organism.code, isolate.organism.local)
    for result in (*isolate.results, *isolate.antibiogram):
        yield from _result(result)
    yield from _comments(isolate.comments)


def _result(result: Result) -> Iterator[str | None]:
    yield _label(result.concept)
    yield from _value(result)
    yield result.unit_as_sent
    yield result.reference_range.text if result.reference_range else None
    for flag in result.interpretations:
        yield flag.as_sent
    for previous in result.previous:
        yield from _value(previous)
        yield previous.unit_as_sent
        yield _day(previous.time)
    yield _day(result.time)
    yield None if result.method is None else result.method.display or result.method.code
    for validator in result.validators:
        yield _name(validator)
    yield from _codes(result.concept.code, *result.concept.local)
    if isinstance(result.value, CodedValue):
        yield from _codes(result.value.code, result.value.local)
    yield from _comments(result.comments)


def _value(told: Result | PreviousResult) -> Iterator[str | None]:
    """As sent; for a coded answer, its words, then what was sent unless it is one of its codes."""
    value = told.value
    if isinstance(value, CodedValue):
        yield value.text
        codes = [code.code for code in (value.code, value.local) if code is not None]
        if told.value_as_sent in (value.text, *codes):
            return
    yield told.value_as_sent


def _title(concept: Concept) -> Iterator[str | None]:
    yield _label(concept)
    yield from _codes(concept.code, *concept.local)


def _label(concept: Concept) -> str | None:
    if concept.text:
        return concept.text
    code = concept.local[0] if concept.local else concept.code
    return None if code is None else code.code


def _comments(comments: tuple[Comment, ...]) -> Iterator[str | None]:
    for comment in comments:
        yield comment.text


def _codes(*codes: Code | None) -> Iterator[str]:
    for code in codes:
        if code is not None:
            yield f"{code.code} ({code.system_name or SYSTEM_NAMES.get(code.system) or 'code local'})"


def _name(professional: Professional | None) -> str | None:
    if professional is None:
        return None
    name = professional.name
    if name is None:
        return professional.id.extension if professional.id else None
    return " ".join(part for part in (name.suffix, name.given, name.family) if part)


def _day(time: Timestamp | None) -> str | None:
    """`12/03/2024 à 10:45`, from the digits as sent."""
    if time is None:
        return None
    digits = time.digits
    day, hour = digits[:8], digits[8:]
    written = "/".join(filter(None, (day[6:], day[4:6], day[:4])))
    clock = ":".join(hour[start : start + 2] for start in range(0, len(hour), 2))
    return f"{written} à {clock}" if clock else written
