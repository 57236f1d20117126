"""The canonical JSON of the model: one value, one text, and back."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.findings import Disposition, Finding, Severity
from engine.model.codec import content_hash, from_json, to_json
from engine.model.directory import Laboratory
from engine.model.document import Body, ClinicalDocument, DocumentVersion, PdfBody, TextBody
from engine.model.laboratory import CodedValue, Interval, Quantity, Result, TextValue, Value
from engine.model.parties import Ins, Organization
from engine.model.values import Address, Code, Identifier, Timestamp

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TIMESTAMPS = st.one_of(
    st.sampled_from(["2026", "202611", "20261121", "2026112107", "202611210735+0100", "20261121073502-0330"]),
    st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda at: at.strftime("%Y%m%d%H%M%S")),
).map(Timestamp)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("5.30"), Decimal("-0.00"), Decimal("1E+3"), Decimal("0E-9"), Decimal("1.000000000000000000000000000001")]
)
ATOMS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(),
    bytes: st.binary(max_size=8),
    Decimal: NUMBERS,
    Timestamp: TIMESTAMPS,
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of an annotation, optional fields included."""
    origin, args = get_origin(hint), get_args(hint)
    if hint in ATOMS:
        return ATOMS[hint]
    if hint is types.NoneType:
        return st.none()
    if origin in (Union, types.UnionType):
        return st.one_of([values(arg) for arg in args])
    if origin is tuple:
        return st.lists(values(args[0]), max_size=2).map(tuple)
    if origin is not None and issubclass(origin, Mapping):
        return st.dictionaries(TEXT, values(args[1]), max_size=2)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    hints = get_type_hints(hint)
    return st.builds(hint, **{field.name: values(hints[field.name]) for field in dataclasses.fields(hint)})


RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def digits(value: Any) -> list[str]:
    """Every Decimal of a value, as written: equality alone does not tell 5.30 from 5.3."""
    if isinstance(value, Decimal):
        return [str(value)]
    if isinstance(value, tuple):
        return [found for item in value for found in digits(item)]
    if dataclasses.is_dataclass(value):
        return [found for field in dataclasses.fields(value) for found in digits(getattr(value, field.name))]
    return []


@given(values(ClinicalDocument))
@RELAXED
def test_a_document_comes_back_as_it_was(document: ClinicalDocument) -> None:
    text = to_json(document)
    again = from_json(ClinicalDocument, text)
    assert again == document
    assert digits(again) == digits(document)
    assert to_json(again) == text
    assert content_hash(again) == content_hash(document)


@given(values(Result))
@RELAXED
def test_a_result_comes_back_with_its_digits(result: Result) -> None:
    again = from_json(Result, to_json(result))
    assert again == result
    assert digits(again) == digits(result)


@given(st.lists(values(Finding), max_size=4).map(tuple))
@RELAXED
def test_findings_come_back_as_they_were(findings: tuple[Finding, ...]) -> None:
    assert from_json(tuple[Finding, ...], to_json(findings)) == findings


@pytest.mark.parametrize("cls", [DocumentVersion, Laboratory, Organization])
def test_every_part_of_the_model_comes_back(cls: Any) -> None:
    @given(values(cls))
    @settings(RELAXED, max_examples=20)
    def comes_back(value: Any) -> None:
        assert from_json(cls, to_json(value)) == value

    comes_back()


@given(values(Body))
@RELAXED
def test_a_member_of_a_union_says_which_it_is(body: Body) -> None:
    assert from_json(Body, to_json(body)) == body


@given(values(Value))
@RELAXED
def test_a_value_never_changes_kind(value: Value) -> None:
    again = from_json(Value, to_json(value))
    assert type(again) is type(value)
    assert again == value


def test_decimals_as_sent_make_two_contents() -> None:
    assert content_hash(Quantity(Decimal("5.30"), "g/L")) != content_hash(Quantity(Decimal("5.3"), "g/L"))


def test_the_text_is_canonical() -> None:
    interval = Interval(low=Quantity(Decimal("0.60"), "g/L"))
    assert to_json(interval) == (
        '{"$type":"Interval","high_inclusive":true,"low":{"unit":"g/L","value":"0.60"},"low_inclusive":true}'
    )
    assert to_json({"b": TextValue("é"), "a": TextValue("")}) == (
        '{"a":{"$type":"TextValue","text":""},"b":{"$type":"TextValue","text":"\\u00e9"}}'
    )


def test_a_content_hash_stays_the_same_from_one_version_to_the_next() -> None:
    code = Code("4548-4", "2.16.840.1.113883.6.1", "HbA1c")
    canonical = b'{"$type":"Code","code":"4548-4","display":"HbA1c","system":"2.16.840.1.113883.6.1"}'
    assert content_hash(code) == hashlib.sha256(canonical).hexdigest()


def test_absent_empty_and_said_to_be_null_are_three_things() -> None:
    assert json.loads(to_json(Address())) == {"$type": "Address"}
    assert json.loads(to_json(Address(city=""))) == {"$type": "Address", "city": ""}
    assert json.loads(to_json(Organization(id=None, name="")))["id"] is None
    assert from_json(Address, to_json(Address(city=""))).city == ""
    with pytest.raises(ValueError, match="Organization lacks id"):
        from_json(Organization, '{"name":"L"}')


def test_what_a_person_may_never_read_is_not_in_the_error() -> None:
    texts = (
        '{"$type":"Ins","matricule":"279035121518989"',
        '{"matricule":279035121518989,"oid":"1","qualified":true}',
        '{"matricule":"279035121518989","oid":"1","qualified":"yes"}',
        '{"matricule":"279035121518989","oid":"1","qualified":true,"x279035121518989":1}',
        '{"$type":"279035121518989"}',
        '["279035121518989"]',
    )
    for text in texts:
        with pytest.raises(ValueError) as refused:
            from_json(Ins, text)
        assert "279035121518989" not in repr(refused.value)
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (Quantity, '{"unit":"g","value":1.5}'),
        (Quantity, '{"unit":"g","value":"one"}'),
        (PdfBody, '{"pdf":"**"}'),
        (Interval, '{"low_inclusive":1}'),
        (Value, '{"$type":"PdfBody","pdf":""}'),
        (Value, '{"text":"no type"}'),
        (TextBody, '{"lines":"abc"}'),
        (Finding, '{"code":"a.b","severity":"grave","where":"","message":""}'),
        (tuple[Finding, ...], "{}"),
    ],
)
def test_a_text_of_another_shape_is_refused(cls: Any, text: str) -> None:
    with pytest.raises(ValueError):
        from_json(cls, text)


@pytest.mark.parametrize(
    "value",
    [
        Quantity(1.5, "g"),  # type: ignore[arg-type]
        Quantity(Decimal(1), None),  # type: ignore[arg-type]
        Address(lines=["a"]),  # type: ignore[arg-type]
        CodedValue("x", code=Identifier("1")),  # type: ignore[arg-type]
        PdfBody("text"),  # type: ignore[arg-type]
        object(),
    ],
)
def test_a_value_that_breaks_its_annotation_is_never_written(value: object) -> None:
    with pytest.raises(TypeError):
        to_json(value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "sNaN"])
def test_what_is_no_number_is_never_written(text: str) -> None:
    with pytest.raises(ValueError):
        to_json(Quantity(Decimal(text), "g"))


def test_an_unknown_word_is_refused_without_being_quoted() -> None:
    with pytest.raises(ValueError, match=r"^not a Severity$"):
        from_json(Finding, '{"code":"a.b","severity":"MARTIN","where":"","message":""}')


def test_a_finding_keeps_its_words() -> None:
    finding = Finding("mapping.unmapped_unit", Severity.ERROR, "OBX[3]", "Unité inconnue", disposition=Disposition.HOLD)
    tree = json.loads(to_json(finding))
    assert tree["severity"] == "error"
    assert tree["disposition"] == "hold"
    assert tree["remedy"] == ""
    assert "line" not in tree
