"""Counted both ways: what the message holds is in the document, and the document holds nothing else.

The messages are split here by other code than the reader's: bare separators, no escapes but the line end.
"""

from __future__ import annotations

from collections import Counter

import pytest

from engine.declarations import Draft
from engine.model.laboratory import CodedValue, Comment, Isolate, LaboratoryReport
from tests.unit.formats.hl7v2.results.messages import SAMPLES, acts, items, report, results, sample

NAMES = sorted(
    file.stem
    for file in SAMPLES.glob("*.hl7")
    if not file.stem.startswith(("R04", "R05", "R06", "R07", "R11", "R17", "R20", "R22"))
)
"""R04 is partial, R05 and R22 are withdrawn, R06 and R20 carry a PDF, R07 is a text, R11 reads dates and joins texts,
R17 is refused: they have tests of their own."""


def segments(name: str) -> list[list[str]]:
    """Fields of each segment; its name stands at 0."""
    raw = (SAMPLES / f"{name}.hl7").read_bytes()
    text = raw.decode("iso8859-15" if b"8859/15" in raw else "utf-8")
    return [line.split("|") for line in text.replace("\r", "\n").split("\n") if line]


def field(fields: list[str], number: int) -> str:
    return fields[number] if number < len(fields) else ""


def component(fields: list[str], number: int, rank: int) -> str:
    parts = field(fields, number).split("^")
    return parts[rank - 1] if rank <= len(parts) else ""


def obx(name: str) -> dict[str, list[str]]:
    """By origin: `OBX[3]`."""
    found = [one for one in segments(name) if one[0] == "OBX"]
    return {f"OBX[{rank}]": one for rank, one in enumerate(found, start=1)}


def shown(one: list[str]) -> str:
    value = field(one, 5)
    if field(one, 2) in {"CE", "CWE"}:
        return value.split("^")[1]
    return value.replace("^", "") if field(one, 2) == "SN" else value


def drafts(name: str) -> tuple[Draft, ...]:
    return sample(name).drafts


@pytest.mark.parametrize("name", NAMES)
def test_every_value_unit_and_code_is_there_once(name: str) -> None:
    expected = Counter(
        (origin, component(one, 3, 1), component(one, 3, 2), shown(one), component(one, 6, 1), field(one, 11))
        for origin, one in obx(name).items()
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
        for draft in drafts(name)
        for one in results(draft)
    )
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_range_flag_date_and_coded_value_is_there_once(name: str) -> None:
    expected = {
        origin: (
            field(one, 7),
            field(one, 8),
            field(one, 14),
            component(one, 5, 1) if field(one, 2) in {"CE", "CWE"} else "",
        )
        for origin, one in obx(name).items()
    }
    found = {
        one.origin: (
            one.reference_range.text if one.reference_range else "",
            "~".join(flag.as_sent for flag in one.interpretations),
            one.time.digits if one.time else "",
            one.value.local.code if isinstance(one.value, CodedValue) and one.value.local else "",
        )
        for draft in drafts(name)
        for one in results(draft)
    }
    if len(drafts(name)) == 1:
        assert found == expected
    else:
        assert set(found.values()) <= set(expected.values())


def comments(draft: Draft) -> list[Comment]:
    found = list(report(draft).comments)
    for item in items(draft):
        if isinstance(item, Comment):
            found.append(item)
        elif isinstance(item, Isolate):
            found += item.comments
    return found + [comment for one in results(draft) for comment in one.comments]


@pytest.mark.parametrize("name", NAMES)
def test_every_comment_line_is_there(name: str) -> None:
    notes = [one for one in segments(name) if one[0] == "NTE"]
    unescape = {"~": "\n", "\\.br\\": "\n", "\\T\\": "&"}
    expected: Counter[tuple[str, str]] = Counter()
    for rank, one in enumerate(notes, start=1):
        words = field(one, 3)
        for sent, meant in unescape.items():
            words = words.replace(sent, meant)
        expected[f"NTE[{rank}]", words] += 1
    found = Counter((one.origin, one.text) for draft in drafts(name) for one in comments(draft))
    assert found == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_request_and_sample_is_named(name: str) -> None:
    titles = {title for draft in drafts(name) for act in acts(draft) for title in act.title.split(", ")}
    assert titles == {component(one, 4, 2) for one in segments(name) if one[0] == "OBR"}
    numbers = {
        one.id.extension for draft in drafts(name) for act in acts(draft) for one in act.specimens if one.id is not None
    }
    assert numbers == {component(one, 2, 2).split("&")[0] for one in segments(name) if one[0] == "SPM"}


@pytest.mark.parametrize("name", NAMES)
def test_every_date_of_a_request_is_in_its_document(name: str) -> None:
    expected = {field(one, number) for one in segments(name) if one[0] == "OBR" for number in (7, 14, 22)}
    expected |= {component(one, number, 1) for one in segments(name) if one[0] == "SPM" for number in (17, 18)}
    found = set()
    for draft in drafts(name):
        document = draft.document
        found |= {document.created_at, document.act.start, document.act.stop}
        found |= {one.collected for act in acts(draft) for one in act.specimens}
        found |= {one.received for act in acts(draft) for one in act.specimens}
    assert {one.digits for one in found if one is not None} == expected - {""}


@pytest.mark.parametrize("name", NAMES)
def test_every_name_and_number_of_the_header_comes_from_the_message(name: str) -> None:
    text = "\n".join("|".join(one) for one in segments(name) if one[0] == "PID")
    for draft in drafts(name):
        patient = draft.document.patient
        assert isinstance(draft.document.body, LaboratoryReport)
        names = (patient.birth_name, patient.used_name, patient.first_given_name, *patient.birth_given_names)
        assert all(one in text for one in names if one)
        assert patient.ids and all(one.extension in text for one in patient.ids if one.extension)
