"""The facts of a canonical laboratory report, as its document must tell them."""

from __future__ import annotations

from collections.abc import Iterable

from engine.documents.facts import Facts, plain
from engine.model.laboratory import (
    Battery,
    Chapter,
    CodedValue,
    Comment,
    Concept,
    Interval,
    Isolate,
    Item,
    LabAct,
    LaboratoryReport,
    Quantity,
    ReferenceRange,
    Result,
    Specimen,
    Value,
)
from engine.model.parties import Professional
from engine.model.values import Code, Timestamp

_LOINC = "2.16.840.1.113883.6.1"
_SPECIES = ("2.16.840.1.113883.6.96", "2.16.840.1.113883.3.9471")
"""SNOMED CT and NCBI: the only code systems CR-BIO admits for a germ; another code is told in the narrative."""


def told_by(report: LaboratoryReport) -> Facts:
    facts = Facts()
    for rank, chapter in enumerate(report.chapters, 1):
        path = f"chapter[{rank}]"
        facts.say(path, "code", code_text(chapter.code))
        facts.say(path, "title", plain(chapter.title))
        for number, act in enumerate(chapter.acts, 1):
            _act(facts, f"{path}.act[{number}]", act, chapter)
    if report.clinical_information is not None:
        facts.say("reason", "comment", plain(report.clinical_information.text))
    return facts


def code_text(code: Code | None) -> str:
    return "" if code is None else f"{code.system}|{code.code}"


def local_text(codes: Iterable[Code | None]) -> str:
    """Codes as sent; one with a blank in it can only be shown, an XML code holds none."""
    return ", ".join(code_text(code) for code in codes if code is not None and len(code.code.split()) == 1)


def value_text(value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Quantity):
        return f"PQ {value.value:f} {value.unit}"
    if isinstance(value, Interval):
        return f"IVL_PQ {_interval_text(value)}"
    if isinstance(value, CodedValue):
        return f"CD {code_text(value.code)} {local_text((value.local,))} {plain(value.text)}"
    return f"ST {plain(value.text)}"


def time_text(time: Timestamp | None) -> str:
    return "" if time is None else time.value


def person_text(professional: Professional) -> str:
    """Identifier and name: who it is, whatever else is known."""
    number = professional.id
    name = professional.name
    names = "" if name is None else " ".join(part for part in (name.given, name.family) if part)
    root = f"{number.root}|{number.extension}" if number is not None and number.extension else ""
    return plain(f"{root} {names}")


def _act(facts: Facts, path: str, act: LabAct, chapter: Chapter) -> None:
    own = act.code is not None and act.code.system == _LOINC
    _place(facts, path, act.origin)
    facts.say(path, "title", plain(act.title))
    facts.say(path, "code", code_text(act.code if own else chapter.code))
    facts.say(path, "local", "" if own else local_text((act.code,)))
    facts.say(path, "status", act.status)
    facts.say(path, "time", time_text(act.time))
    _validators(facts, path, act.validators)
    for rank, specimen in enumerate(act.specimens, 1):
        _specimen(facts, f"{path}.specimen[{rank}]", specimen)
    for rank, item in enumerate(act.items, 1):
        _item(facts, f"{path}.item[{rank}]", item)


def _place(facts: Facts, path: str, origin: str) -> None:
    facts.places[path] = lambda: origin


def _validators(facts: Facts, path: str, validators: Iterable[Professional]) -> None:
    facts.say(path, "validator", ", ".join(person_text(validator) for validator in validators))


def _specimen(facts: Facts, path: str, specimen: Specimen) -> None:
    _place(facts, path, specimen.origin)
    words = specimen.text or (specimen.type and (specimen.type.display or specimen.type.code))
    facts.say(path, "specimen", plain(words or ""))
    facts.say(path, "code", code_text(specimen.type))
    facts.say(path, "number", None if specimen.id is None else f"{specimen.id.root}|{specimen.id.extension}")
    facts.say(path, "time", time_text(specimen.collected))
    facts.say(path, "reception", time_text(specimen.received))
    facts.say(path, "additive", plain(specimen.additive or ""))
    facts.say(path, "collector", person_text(specimen.collector) if specimen.collector else None)


def _item(facts: Facts, path: str, item: Item) -> None:
    _place(facts, path, item.origin)
    facts.values[path] = type(item).__name__
    if isinstance(item, Battery):
        if item.concept is not None:
            _concept(facts, path, item.concept)
        _results(facts, path, "result", item.results)
        _comments(facts, path, item.comments)
    elif isinstance(item, Isolate):
        admitted = item.organism.code if item.organism.code and item.organism.code.system in _SPECIES else None
        facts.say(path, "germ", f"{code_text(admitted)} {plain(item.organism.text)}")
        _results(facts, path, "result", item.results)
        _results(facts, path, "drug", item.antibiogram)
        _comments(facts, path, item.comments)
    elif isinstance(item, Comment):
        facts.say(path, "comment", plain(item.text))
    else:
        _result(facts, path, item)


def _results(facts: Facts, path: str, name: str, results: tuple[Result, ...]) -> None:
    for rank, result in enumerate(results, 1):
        place = f"{path}.{name}[{rank}]"
        _place(facts, place, result.origin)
        facts.values[place] = "Result"
        _result(facts, place, result)


def _concept(facts: Facts, path: str, concept: Concept) -> None:
    official = concept.code if concept.code is not None and concept.code.system == _LOINC else None
    others = (*((concept.code,) if concept.code and not official else ()), *concept.local)
    codes = (*concept.local, *((concept.code,) if concept.code else ()))
    facts.say(path, "label", plain(concept.text or next((code.code for code in codes), "")))
    facts.say(path, "code", code_text(official))
    facts.say(path, "local", local_text(others))


def _result(facts: Facts, path: str, result: Result) -> None:
    _concept(facts, path, result.concept)
    facts.say(path, "status", result.status)
    facts.say(path, "time", time_text(result.time))
    facts.say(path, "value", value_text(result.value))
    facts.say(path, "flag", ", ".join(code_text(flag.code) for flag in result.interpretations if flag.code))
    facts.say(path, "range", _range_text(result.reference_range))
    facts.say(path, "method", code_text(result.method))
    _validators(facts, path, result.validators)
    _comments(facts, path, result.comments)
    for rank, previous in enumerate(result.previous, 1):
        place = f"{path}.previous[{rank}]"
        facts.values[place] = "PreviousResult"
        facts.say(place, "value", value_text(previous.value))
        facts.say(place, "time", time_text(previous.time))
    _cells(facts, path, result)


def _cells(facts: Facts, path: str, result: Result) -> None:
    """What stands in the columns of its row."""
    words = result.value.text if isinstance(result.value, CodedValue) else result.value_as_sent
    shown = facts.values
    shown[f"{path}.shown_value"] = plain(words).split("\n")[0]
    shown[f"{path}.shown_unit"] = plain(result.unit_as_sent or "")
    shown[f"{path}.shown_range"] = plain(result.reference_range.text) if result.reference_range else ""
    shown[f"{path}.shown_flag"] = ", ".join(plain(flag.as_sent) for flag in result.interpretations)


def _comments(facts: Facts, path: str, comments: tuple[Comment, ...]) -> None:
    for rank, comment in enumerate(comments, 1):
        place = f"{path}.remark[{rank}]"
        _place(facts, place, comment.origin)
        facts.values[f"{place}.comment"] = plain(comment.text)


def _range_text(given: ReferenceRange | None) -> str:
    if given is None:
        return ""
    bounds = "" if given.interval is None else _interval_text(given.interval)
    return f"{plain(given.text)} {bounds}".strip()


def _interval_text(interval: Interval) -> str:
    low, high = interval.low, interval.high
    start = "" if low is None else f"{low.value:f} {low.unit} {'in' if interval.low_inclusive else 'out'}"
    end = "" if high is None else f"{high.value:f} {high.unit} {'in' if interval.high_inclusive else 'out'}"
    return f"[{start} ; {end}]"
