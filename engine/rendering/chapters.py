"""Chapters of a laboratory report: sub-sections, samples and blocks, in the order the laboratory prints them."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.document import ClinicalDocument
from engine.model.laboratory import (
    Battery,
    CodedValue,
    Comment,
    Interval,
    Isolate,
    LabAct,
    LaboratoryReport,
    Quantity,
    Result,
    Specimen,
)
from engine.model.parties import Professional
from engine.rendering.french_dates import french_date
from engine.rendering.heading import professional
from engine.rendering.results import (
    FLAG_SIGNS,
    FLAG_WORDS,
    Shared,
    comment_text,
    flag,
    label,
    level,
    notes,
    reference_lines,
    result_row,
    shown_value,
)
from engine.rendering.typesetting import Data

_HELD_TOGETHER = "\u00a0"
"""A space at which no line ends."""
_ACT_STATUSES = {"active": "Examen en cours : résultats incomplets", "aborted": "Examen annulé"}


def chapters(report: LaboratoryReport, document: ClinicalDocument) -> list[Data]:
    """The data of the chapters of `laboratory.typ`."""
    signer = document.legal_authenticator.professional
    return [
        {"title": chapter.title, "acts": [_act(act, chapter.title, signer) for act in chapter.acts]}
        for chapter in report.chapters
    ]


def all_results(report: LaboratoryReport) -> Iterator[Result]:
    """Every result of a report, antibiograms included, in its order."""
    for chapter in report.chapters:
        for act in chapter.acts:
            yield from _results(act)


def legend(report: LaboratoryReport) -> str:
    """Meaning of the flags this report shows, in the order of their table; empty when it shows none."""
    used = {i.code.code for result in all_results(report) for i in result.interpretations if i.code}
    signs = {code: FLAG_SIGNS.get(code, code).replace(" ", _HELD_TOGETHER) for code in FLAG_WORDS}
    return " · ".join(f"{signs[code]}{_HELD_TOGETHER}: {words}" for code, words in FLAG_WORDS.items() if code in used)


def _results(act: LabAct) -> Iterator[Result]:
    for item in act.items:
        if isinstance(item, Result):
            yield item
        elif isinstance(item, Battery):
            yield from item.results
        elif isinstance(item, Isolate):
            yield from item.results
            yield from item.antibiogram


def _act(act: LabAct, chapter_title: str, signer: Professional) -> dict[str, Data]:
    shared = _shared(act, signer)
    details = [_ACT_STATUSES[act.status]] if act.status in _ACT_STATUSES else []
    lines = [_specimen(sample) for sample in act.specimens]
    if shared.time is not None:
        reported = f", rendus le {french_date(act.time)}" if act.time not in (None, shared.time) else ""
        lines.append(f"Résultats du {french_date(shared.time)}{reported}")
    if act.validators and act.validators != (signer,):
        lines.append(f"Validé par {', '.join(professional(someone) for someone in act.validators)}")
    return {
        "title": act.title if act.title != chapter_title else "",
        "status": "".join(details),
        "lines": [line for line in lines if line],
        "blocks": _blocks(act, shared),
    }


def _shared(act: LabAct, signer: Professional) -> Shared:
    """The hour that all its results have, else that of the act; its validators, else the document's signer."""
    times = {result.time for result in _results(act)}
    common = next(iter(times)) if len(times) == 1 else None
    return Shared(common or act.time, act.validators or (signer,))


def _specimen(sample: Specimen) -> str:
    kind = sample.text or (sample.type.display if sample.type else None) or "nature non transmise"
    parts = [f"Prélèvement : {kind}" + (f" ({sample.additive})" if sample.additive else "")]
    if sample.id and sample.id.extension:
        parts.append(f"n° {sample.id.extension}")
    if sample.collected:
        parts.append(f"prélevé le {french_date(sample.collected)}")
    if sample.received:
        parts.append(f"reçu le {french_date(sample.received)}")
    if sample.collector and professional(sample.collector):
        parts.append(f"par {professional(sample.collector)}")
    return ", ".join(parts)


def _blocks(act: LabAct, shared: Shared) -> list[Data]:
    """Tables of results, each as long as possible, between the isolates."""
    blocks: list[Data] = []
    rows: list[Data] = []
    for item in act.items:
        if isinstance(item, Isolate):
            if rows:
                blocks.append({"kind": "table", "rows": rows})
            rows = []
            blocks.append(_isolate(item, shared))
        else:
            rows.extend(_rows(item, shared))
    return [*blocks, {"kind": "table", "rows": rows}] if rows else blocks


def _rows(item: Battery | Result | Comment, shared: Shared) -> list[Data]:
    if isinstance(item, Result):
        return [result_row(item, shared)]
    if isinstance(item, Comment):
        return [{"kind": "comment", "text": comment_text(item)}]
    title: list[Data] = [{"kind": "group", "text": label(item.concept)}] if item.concept else []
    results: list[Data] = [result_row(result, shared) for result in item.results]
    comments: list[Data] = [{"kind": "comment", "text": comment_text(comment)} for comment in item.comments]
    return [*title, *results, *comments]


def _isolate(isolate: Isolate, shared: Shared) -> dict[str, Data]:
    return {
        "kind": "isolate",
        "organism": shown_value(isolate.organism, "", None),
        "rows": [result_row(result, shared) for result in isolate.results],
        "drugs": [_drug(measures, shared) for measures in _by_drug(isolate.antibiogram)],
        "comments": [comment_text(comment) for comment in isolate.comments],
    }


def _by_drug(results: tuple[Result, ...]) -> list[list[Result]]:
    """One line per result; a susceptibility and a measure of the very same label, next to each other, share one."""
    lines: list[list[Result]] = []
    for result in results:
        if lines and len(lines[-1]) == 1 and _pair(lines[-1][0], result):
            lines[-1].append(result)
        else:
            lines.append([result])
    return lines


def _pair(first: Result, second: Result) -> bool:
    same_drug = label(first.concept) == label(second.concept) and first.status == second.status
    return same_drug and _is_measure(first) != _is_measure(second)


def _is_measure(result: Result) -> bool:
    return isinstance(result.value, Quantity | Interval) or bool(result.unit_as_sent)


def _drug(results: list[Result], shared: Shared) -> dict[str, Data]:
    measures = [result for result in results if _is_measure(result)]
    said = [result for result in results if not _is_measure(result)]
    flags = dict.fromkeys(flag(i) or i.as_sent for result in results for i in result.interpretations)
    ranges = [line for result in results for line in reference_lines(result.reference_range)]
    return {
        "name": label(results[0].concept),
        "cancelled": results[0].status == "aborted",
        "category": ", ".join(flags) or _category(said),
        "resistant": any("R" in _codes(result) for result in results),
        "critical": any(level(result.interpretations) == "critical" for result in results),
        "words": "\n".join(shown_value(r.value, r.value_as_sent, r.unit_as_sent) for r in said),
        "measure": "\n".join(_measure(result) for result in measures),
        "notes": [
            *(f"Seuils : {line}" for line in ranges),
            *(f"Antériorité : {_earlier(result)}" for result in results if result.previous),
            *dict.fromkeys(line for result in results for line in notes(result, shared)),
        ],
        "comments": [comment_text(comment) for result in results for comment in result.comments],
    }


def _codes(result: Result) -> set[str]:
    codes = {i.code.code if i.code else i.as_sent for i in result.interpretations}
    return codes | {_local_code(result)}


def _local_code(result: Result) -> str:
    value = result.value
    return value.local.code if isinstance(value, CodedValue) and value.local else ""


def _category(said: list[Result]) -> str:
    """The letter of a susceptibility sent without a flag: the code of its value."""
    return ", ".join(filter(None, (_local_code(result) for result in said)))


def _measure(result: Result) -> str:
    value = shown_value(result.value, result.value_as_sent, result.unit_as_sent)
    return f"{value} {result.unit_as_sent}" if result.unit_as_sent else value


def _earlier(result: Result) -> str:
    return " ; ".join(
        " ".join(
            part
            for part in (
                shown_value(earlier.value, earlier.value_as_sent, earlier.unit_as_sent),
                earlier.unit_as_sent,
                f"({french_date(earlier.time)})" if earlier.time else None,
            )
            if part
        )
        for earlier in result.previous
    )
