"""Whatever is sent, something is answered; whatever decimal is sent, it arrives with its digits."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.declarations import Conversion
from engine.formats.fhir.laboratory.concepts import is_loinc
from engine.formats.fhir.times import timestamp
from engine.formats.fhir.tree import tree
from engine.model.codec import from_json, to_json
from engine.model.document import ClinicalDocument
from engine.model.laboratory import Battery, Isolate, LaboratoryReport, Quantity, Result
from tests.unit.fhir.bundles import SAMPLES, converted, letter, report, results

REPORT = (SAMPLES / "compte_rendu_biologie.json").read_text(encoding="utf-8")
NAMES = ("resourceType", "id", "status", "code", "coding", "system", "value", "subject", "reference", "result", "entry")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner),
    max_leaves=12,
)
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(st.binary(max_size=400))
@settings(max_examples=80, deadline=None)
def test_arbitrary_bytes_never_raise(content: bytes) -> None:
    assert isinstance(converted(content), Conversion)


@given(JSON)
@SLOW
def test_arbitrary_json_never_raises(value: Any) -> None:
    made = converted(json.dumps(value).encode())
    assert made.drafts == ()
    assert made.findings


@given(st.sampled_from(["letter", "report"]), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_bundle_with_anything_in_the_place_of_anything_never_raises(which: str, data: st.DataObject) -> None:
    whole = letter() if which == "letter" else report()
    places = list(_places(whole))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places))
        if isinstance(holder, dict) and key in holder and data.draw(st.booleans()):
            del holder[key]
        elif isinstance(holder, dict) or key < len(holder):
            holder[key] = data.draw(JSON)
    made = converted(json.dumps(whole).encode())
    assert made.drafts or made.findings
    for draft in made.drafts:
        assert from_json(ClinicalDocument, to_json(draft.document)) == draft.document


@given(
    st.integers(-(10**9), 10**9),
    st.integers(0, 6),
    st.sampled_from(["", "e1", "E-2"]),
)
@SLOW
def test_a_decimal_arrives_with_its_digits(digits: int, scale: int, exponent: str) -> None:
    text = str(Decimal(digits).scaleb(-scale)) + exponent
    if "E" in text.removesuffix(exponent):
        return
    found = results(REPORT.replace("13.20", text).encode())["Hémoglobine"].value
    assert isinstance(found, Quantity)
    assert found.value == Decimal(text)
    assert found.value.as_tuple() == Decimal(text).as_tuple()


@given(st.dates(), st.sampled_from(["Z", "+01:00", "-11:30"]))
@settings(deadline=None)
def test_an_instant_keeps_its_zone_and_a_date_stays_a_date(day: Any, zone: str) -> None:
    assert timestamp(day.isoformat()).value == day.strftime("%Y%m%d").rjust(8, "0")  # type: ignore[union-attr]
    if 1000 <= day.year < 9998:
        made = timestamp(f"{day.isoformat()}T08:09:10.123{zone}")
        assert made is not None
        assert made.value.endswith("080910" + zone.replace("Z", "+0000").replace(":", ""))


@given(st.text(max_size=30))
@settings(deadline=None)
def test_no_other_text_is_a_time_or_a_loinc_by_accident(text: str) -> None:
    found = timestamp(text)
    assert found is None or text[:4].isdigit()
    assert not is_loinc(text) or "-" in text


def test_known_loinc_codes_have_their_check_digit() -> None:
    assert all(is_loinc(one) for one in ("2345-7", "718-7", "1988-5", "14749-6", "58410-2", "11502-2", "630-4"))
    assert not any(is_loinc(one) for one in ("2345-6", "718", "A-1", "", "-7", "123456789-1"))


def test_a_tree_keeps_every_number_exactly() -> None:
    found, faults = tree(b'{"a": 5.60, "b": 5, "c": 1e2, "d": -0.0}')
    assert faults == ()
    assert found == {"a": Decimal("5.60"), "b": 5, "c": Decimal("1e2"), "d": Decimal("-0.0")}
    assert str(found["a"]) == "5.60"


def _places(tree: Any) -> Any:
    """(holder, key) of everything in it."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(pairs):
        yield tree, key
        yield from _places(value)


SUSCEPTIBLE = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "code": "S"}]
}
VALUES = st.sampled_from(
    [
        {"valueQuantity": {"value": 1, "unit": "g/L"}},
        {"valueString": "absence"},
        {"valueCodeableConcept": {"text": "Escherichia coli"}},
        {"valueString": "sensible", "interpretation": [SUSCEPTIBLE]},
        {},
    ]
)
TREES = st.recursive(
    st.tuples(VALUES, st.sampled_from(["final", "amended", "cancelled", "preliminary"]), st.just(())),
    lambda inner: st.tuples(VALUES, st.sampled_from(["final", "preliminary"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


@given(st.lists(TREES, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_result_published_arrives_once_wherever_it_stands(trees: list[Any]) -> None:
    whole = report()
    whole["entry"] = [one for one in whole["entry"] if one["resource"]["resourceType"] != "Observation"]
    expected: list[str] = []
    tops = [_sent(one, whole, expected) for one in trees]
    held = next(one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == "DiagnosticReport")
    held["result"] = [{"reference": url} for url in tops]
    (made,) = converted(json.dumps(whole).encode()).drafts
    assert sorted(_told(made.document)) == sorted(expected)
    assert isinstance(made.document.body, LaboratoryReport)
    assert all(act.items for chapter in made.document.body.chapters for act in chapter.acts)


def _sent(tree: Any, whole: Any, expected: list[str]) -> str:
    """Adds an Observation and those below it to the Bundle; its address."""
    value, status, below = tree
    name = f"r{len(whole['entry'])}"
    subject = {"reference": whole["entry"][1]["fullUrl"]}
    made = {"resourceType": "Observation", "status": status, "code": {"text": name}, "subject": subject, **value}
    whole["entry"].append({"fullUrl": f"urn:uuid:{name}", "resource": made})
    if status != "preliminary" and (value or not below):
        expected.append(name)
    if below:
        made["hasMember"] = [{"reference": _sent(one, whole, expected)} for one in below]
    return f"urn:uuid:{name}"


def _told(document: ClinicalDocument) -> list[str]:
    """Words of every result, wherever it stands."""
    found: list[str] = []
    assert isinstance(document.body, LaboratoryReport)
    for item in (one for chapter in document.body.chapters for act in chapter.acts for one in act.items):
        held: tuple[Any, ...] = ()
        if isinstance(item, Result):
            held = (item,)
        elif isinstance(item, Battery):
            held = item.results
        elif isinstance(item, Isolate):
            held = (*item.results, *item.antibiogram)
        found += [one.concept.text for one in held]
    return found
