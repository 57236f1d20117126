"""Counted both ways: what the message holds is in the document, and the document holds nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.declarations import Draft
from engine.exchange import InboundMessage
from engine.formats.hprim import FORMAT
from engine.formats.hprim.sante.reading import reading
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment
from engine.model.laboratory import Battery, CodedValue, Comment, Isolate, LabAct, LaboratoryReport, Result
from tests.unit.formats.laboratory_fixture import RECEIVED_AT, context
from tests.unit.formats.sante.messages import results

FOLDER = Path(__file__).resolve().parents[3] / "samples" / "hprim"
NAMES = sorted(
    path.name
    for path in FOLDER.glob("S*.hpr")
    if b"|ORU|" in path.read_bytes() and not path.name.startswith(("S14", "S17", "S26"))
)
"""S14 is truncated, S17 in disorder, S26 not validated: their results must not be in a document."""


def sent(name: str) -> tuple[Segment, ...]:
    found = reading((FOLDER / name).read_bytes(), context(), Remarks(None))
    assert found is not None
    return found.segments


def drafts(name: str) -> tuple[Draft, ...]:
    message = InboundMessage((FOLDER / name).read_bytes(), "dossier", name, RECEIVED_AT)
    return FORMAT.convert(message, context()).drafts


def obx(name: str) -> list[Segment]:
    """The results: titles (a lone dot) and the whole text are none."""
    return [one for one in sent(name) if one.name == "OBX" and one.whole(6) != "." and one.get(4) != "CR_EDITABLE"]


def lines(segment: Segment, field: int) -> str:
    found = segment.field(field)
    return "\n".join(found.lines) if found is not None else ""


def acts(draft: Draft) -> list[LabAct]:
    assert isinstance(draft.document.body, LaboratoryReport)
    return [act for chapter in draft.document.body.chapters for act in chapter.acts]


def comments(draft: Draft) -> list[Comment]:
    assert isinstance(draft.document.body, LaboratoryReport)
    found = list(draft.document.body.comments)
    for act in acts(draft):
        for item in act.items:
            if isinstance(item, Comment):
                found.append(item)
            elif isinstance(item, Battery | Isolate):
                found += item.comments
    return found + [comment for one in results(draft) for comment in one.comments]


def all_results(name: str) -> list[Result]:
    return [one for draft in drafts(name) for one in results(draft)]


@pytest.mark.parametrize("name", NAMES)
def test_every_value_unit_and_code_is_there_once(name: str) -> None:
    expected = Counter(
        (
            one.origin,
            one.get(4, 1),
            one.get(4, 2),
            one.get(6, 2) if one.get(3) == "CE" else lines(one, 6).strip(),
            one.get(7),
            one.get(12),
        )
        for one in obx(name)
    )
    found = Counter(
        (
            one.origin,
            one.concept.local[0].code,
            one.concept.text,
            one.value_as_sent,
            one.unit_as_sent or "",
            one.status_as_sent or "",
        )
        for one in all_results(name)
    )
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_coded_value_keeps_its_code(name: str) -> None:
    expected = {one.origin: one.get(6, 1) for one in obx(name) if one.get(3) == "CE"}
    coded = {one.origin: one.value for one in all_results(name) if isinstance(one.value, CodedValue)}
    assert {origin: value.local.code for origin, value in coded.items() if value.local} == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_range_flag_and_date_is_there_once(name: str) -> None:
    expected = {
        one.origin: (
            lines(one, 8),
            tuple(flag for flag in lines(one, 9).split("\n") if flag),
            one.get(15),
        )
        for one in obx(name)
    }
    found = {
        one.origin: (
            one.reference_range.text if one.reference_range else "",
            tuple(flag.as_sent for flag in one.interpretations),
            one.time.digits if one.time else "",
        )
        for one in all_results(name)
    }
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_comment_line_is_there_in_every_document_it_speaks_of(name: str) -> None:
    expected = Counter((one.origin, lines(one, 4)) for one in sent(name) if one.name == "C")
    found = Counter((one.origin, one.text) for draft in drafts(name) for one in comments(draft))
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_titles_whole_texts_and_analyses_are_kept_as_words(name: str) -> None:
    kept: set[str] = set()
    texts: set[str] = set()
    for draft in drafts(name):
        assert isinstance(draft.document.body, LaboratoryReport)
        texts |= {draft.document.body.full_text.text} if draft.document.body.full_text else set()
        for act in acts(draft):
            kept.update(act.title.split(", "))
            kept |= {item.concept.text for item in act.items if isinstance(item, Battery) and item.concept}
    for one in sent(name):
        if one.name == "OBX" and one.whole(6) == ".":
            assert one.get(4, 2) in kept
        if one.name == "OBX" and one.get(4) == "CR_EDITABLE":
            assert lines(one, 6) in texts
        if one.name == "OBR":
            analyses = {one.get(5, 2, repetition=n) for n in range(1, one.repetitions(5) + 1)}
            assert analyses <= kept


@pytest.mark.parametrize("name", NAMES)
def test_every_date_of_a_request_is_in_its_document(name: str) -> None:
    by_number: dict[str, set[str]] = {}
    for one in sent(name):
        if one.name == "OBR":
            dates = {one.get(number) for number in (8, 15, 23)} - {""}
            by_number.setdefault(one.get(4, 2), set()).update(dates)
    for draft in drafts(name):
        document = draft.document
        assert document.act.id is not None and document.act.id.extension is not None
        samples = [sample for act in acts(draft) for sample in act.specimens]
        times = {document.created_at, document.act.start, document.act.stop}
        times |= {sample.collected for sample in samples} | {sample.received for sample in samples}
        assert {one.digits for one in times if one is not None} == by_number[document.act.id.extension]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_in_the_header_comes_from_the_message(name: str) -> None:
    text = "\n".join(one.text for one in sent(name))
    for draft in drafts(name):
        patient = draft.document.patient
        names = (patient.birth_name, patient.used_name, patient.first_given_name, *patient.birth_given_names)
        assert all(one in text for one in names if one)
        assert all(one.extension in text for one in patient.ids if one.extension)
