"""RES and TEX lines → a structured laboratory report (CR-BIO), in the order the laboratory sent them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from engine.findings import Finding
from engine.formats.hprim.medecin.block import Entry, Other, Res, Tex
from engine.formats.hprim.medecin.judgement import is_number, result_reading
from engine.formats.hprim.medecin.numbers import Reading, reading
from engine.formats.hprim.medecin.ranges import Bounds, bounds
from engine.formats.hprim.policy import finding
from engine.formats.terminology.chapters import LOINC, chapter, chapter_code
from engine.formats.terminology.flags import interpretation
from engine.formats.terminology.mapping import mapped_test, mapped_value
from engine.formats.terminology.units import ucum
from engine.formats.terminology.words import folded, local_key
from engine.model.directory import Laboratory, MappedTest
from engine.model.laboratory import (
    Chapter,
    CodedValue,
    Comment,
    Concept,
    Interval,
    Item,
    LabAct,
    LaboratoryReport,
    Quantity,
    ReferenceRange,
    Result,
    TextValue,
    Value,
)
from engine.model.values import Code

_RULES = "-_=*"


@dataclass(frozen=True, slots=True)
class Structured:
    """A report and what is said of its making."""

    report: LaboratoryReport
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines under one title."""

    title: str
    origin: str
    items: tuple[Item, ...]
    chapter: Code


def structured(block: tuple[Entry, ...], page: tuple[str, ...], laboratory: Laboratory, on: date | None) -> Structured:
    """The report of a block of results; `page` is kept whole as its full text.

    TEX titles name the chapters; other TEX lines are comments at their place. A drug stays a result of its own: no
    field ties it to a germ. Neither specimen nor time is in the file, none is given.
    """
    found: list[Finding] = []
    groups = [_group(entries, laboratory, on, found) for entries in _titled(block)]
    groups = [group for group in groups if group.items]
    chapters: dict[Code, list[_Group]] = {}
    for group in groups:
        chapters.setdefault(group.chapter, []).append(group)
    return Structured(
        LaboratoryReport(
            tuple(_chapter(code, these) for code, these in chapters.items()),
            full_text=Comment("\n".join(page), "page") if page else None,
        ),
        tuple(found),
    )


def _titled(block: tuple[Entry, ...]) -> list[tuple[Entry, ...]]:
    """The lines of a block, cut before each title."""
    cut: list[list[Entry]] = [[]]
    for entry in block:
        if isinstance(entry, Tex) and _is_title(entry.text):
            cut.append([])
        cut[-1].append(entry)
    return [tuple(entries) for entries in cut if entries]


def _is_title(text: str) -> bool:
    """`------ HEMATOLOGIE ------`, `B I O C H I M I E`, or words all in capitals that name a chapter."""
    bare = text.strip()
    if not bare or re.search(r"\d", bare):
        return False
    mark = bare[0]
    ruled = mark in _RULES and bare.startswith(mark * 2) and bare.endswith(mark * 2) and bool(bare.strip(f"{_RULES} "))
    spaced = len(bare) > 6 and all(len(word) == 1 for word in bare.split())
    return ruled or (mark not in _RULES and (spaced or (bare.isupper() and len(bare.split()) <= 6)))


def _group(entries: tuple[Entry, ...], laboratory: Laboratory, on: date | None, found: list[Finding]) -> _Group:
    head = entries[0]
    title = head.text.strip(" -_=*.\t") if isinstance(head, Tex) and _is_title(head.text) else ""
    items: list[Item] = []
    tests: list[MappedTest | None] = []
    for entry in entries[1:] if title else entries:
        if isinstance(entry, Res):
            items += _items(entry, laboratory, on, found, tests)
        elif isinstance(entry, Tex) and entry.text.strip():
            items.append(Comment(entry.text.strip(), entry.origin))
        elif isinstance(entry, Other) and not entry.tag and entry.text.strip():
            items.append(Comment(entry.text.strip(), f"LAB:{entry.line.number}"))
    forced = {test.chapter for test in tests if test is not None and test.chapter}
    code, fallback = chapter((title,) if title else (), laboratory)
    if len(forced) == 1 and fallback:
        code, fallback = chapter_code(next(iter(forced))), False
    if fallback and items:
        where = head.origin if isinstance(head, Res | Tex) else "LAB"
        words = title[:40] or "ce groupe"
        found.append(finding("mapping.chapter_fallback", where, laboratory, line=head.line.number, code=words))
    origin = head.origin if isinstance(head, Res | Tex) else "LAB"
    return _Group(_closed_up(title) if title else (code.display or code.code), origin, tuple(items), code)


def _closed_up(title: str) -> str:
    """A spaced-out title closed up (`B I O C H I M I E` is BIOCHIMIE); any other as sent."""
    return folded(title) if all(len(word) == 1 for word in title.split()) else title


def _chapter(code: Code, groups: list[_Group]) -> Chapter:
    acts = tuple(LabAct(group.title, group.origin, group.items) for group in groups)
    return Chapter(code, groups[0].title if len(groups) == 1 else code.display or groups[0].title, acts)


def _items(
    res: Res, laboratory: Laboratory, on: date | None, found: list[Finding], tests: list[MappedTest | None]
) -> list[Item]:
    """The result of a line, and the same in its second unit: a result too when the table maps it, else words."""
    if not res.field(5):
        words = " ".join(part for part in (res.field(2), res.field(6)) if part)
        return [Comment(words, res.origin)] if words else []
    test = mapped_test(laboratory, res.field(3), unit=_unit(res), specimen=None, on=on)
    tests.append(test)
    result = _result(res, test, laboratory, found)
    if not res.field(11):
        return [result]
    other = mapped_test(laboratory, res.field(3), unit=res.field(12) or None, specimen=None, on=on)
    own = other if other is not None and other.unit_sent is not None and other != test else None
    second = _second(res, own, laboratory) if own is not None else None
    if second is not None:
        return [result, second]
    words = f"soit {res.field(11)} {res.field(12)}".strip()
    limits = bounds(res.field(13), res.field(14)).text
    text = f"{words} (valeurs de référence : {limits})" if limits else words
    return [replace(result, comments=(Comment(text, f"{res.origin}.11"),))]


def _unit(res: Res) -> str | None:
    """Field 6; else the unit written after the number in field 5. A dot is no unit."""
    unit = res.field(6) or result_reading(res).unit or ""
    return unit if unit not in ("", ".") else None


def _result(res: Res, test: MappedTest | None, laboratory: Laboratory, found: list[Finding]) -> Result:
    def remark(code: str, field: int, **words: object) -> None:
        found.append(finding(code, f"{res.origin}.{field}", laboratory, line=res.line.number, code=res.name, **words))

    unit = _unit(res)
    code = ucum(unit or "", laboratory, test)
    read = result_reading(res)
    if test is None or test.loinc is None:
        remark("mapping.unmapped_code", 3)
    countable = read.value is not None and is_number(res)
    if countable and unit is not None and code is None:
        remark("mapping.unmapped_unit", 6, unit=unit)
    elif countable and code is None:
        remark("mapping.unit_missing", 6)
    flag = interpretation(res.field(9), laboratory) if res.field(9) else None
    if flag is not None and flag.code is None:
        remark("mapping.unmapped_flag", 9, flag=res.field(9))
    return Result(
        concept=_concept(res, test, laboratory),
        value=_value(res, read, unit, code, test, laboratory),
        value_as_sent=res.field(5),
        unit_as_sent=res.field(6) or None,
        origin=res.origin,
        status_as_sent=res.field(10) or None,
        interpretations=(flag,) if flag is not None else (),
        reference_range=_range(bounds(res.field(7), res.field(8)), code),
    )


def _second(res: Res, test: MappedTest, laboratory: Laboratory) -> Result | None:
    """The result in its second unit; None when it cannot be a quantity there."""
    unit = res.field(12)
    code = ucum(unit, laboratory, test)
    read = reading(res.field(11), unit=unit, bounds=(res.field(13), res.field(14)))
    if code is None or read.value is None or test.loinc is None:
        return None
    return Result(
        concept=_concept(res, test, laboratory),
        value=_measured(read, code),
        value_as_sent=res.field(11),
        unit_as_sent=unit,
        origin=f"{res.origin}.11",
        status_as_sent=res.field(10) or None,
        reference_range=_range(bounds(res.field(13), res.field(14)), code),
    )


def _concept(res: Res, test: MappedTest | None, laboratory: Laboratory) -> Concept:
    code = local_key(res.field(3))
    label = res.field(2) or code or "(sans libellé)"
    official = Code(test.loinc, LOINC, test.loinc_display, "LOINC") if test is not None and test.loinc else None
    local = (Code(code, laboratory.local_codes_oid, label),) if code else ()
    return Concept(label, official, local)


def _value(
    res: Res, read: Reading, unit: str | None, code: str | None, test: MappedTest | None, laboratory: Laboratory
) -> Value:
    """A quantity only when number and unit are sure; words as sent otherwise."""
    kind = test.value_kind if test is not None else None
    if kind == "code" or (kind is None and res.field(4).upper() == "C"):
        return CodedValue(res.field(5), mapped_value(laboratory, res.field(5)))
    inside = read.unit is not None and bool(res.field(6))
    if kind != "text" and read.value is not None and code is not None and is_number(res) and not inside:
        return _measured(read, code)
    own = "" if unit is None or read.unit is not None else f" {unit}"
    return TextValue(f"{read.text}{own}")


def _measured(read: Reading, code: str) -> Value:
    assert read.value is not None
    quantity = Quantity(read.value, code)
    if read.comparator in ("<", "<="):
        return Interval(high=quantity, high_inclusive=read.comparator == "<=")
    if read.comparator in (">", ">="):
        return Interval(low=quantity, low_inclusive=read.comparator == ">=")
    return quantity


def _range(read: Bounds, code: str | None) -> ReferenceRange | None:
    if not read.text:
        return None
    if code is None or (read.low is None and read.high is None):
        return ReferenceRange(read.text)
    low = Quantity(read.low, code) if read.low is not None else None
    high = Quantity(read.high, code) if read.high is not None else None
    return ReferenceRange(read.text, Interval(low, high, read.low_inclusive, read.high_inclusive))
