"""Messages made at random: every value is in the report as it was sent, and no bytes raise."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hl7v2 import FORMAT
from engine.formats.hl7v2.er7 import build
from engine.model.codec import from_json, to_json
from engine.model.document import ClinicalDocument
from engine.model.laboratory import Interval, Quantity, TextValue
from tests.unit.formats.hl7v2.results.messages import SAMPLES, content, convert, msh, obr, obx, orc, pid, results
from tests.unit.formats.laboratory_fixture import RECEIVED_AT, context

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co"), exclude_characters="\u2028\u2029")
WORDS = st.text(LETTERS, min_size=1, max_size=30).filter(lambda one: one.strip() == one and one != '""')
DIGITS = st.decimals(Decimal("-9999"), Decimal("99999"), places=2).map(str)
CODES = st.text(st.sampled_from("ABCDEFGHIJ0123456789"), min_size=3, max_size=6).map("X".__add__)
NUMERIC = st.builds(lambda one: ("NM", one, one), DIGITS)
TEXTUAL = st.builds(lambda one: ("ST", one, one), WORDS)
BOUNDED = st.builds(lambda sign, one: ("SN", (sign, one), sign + one), st.sampled_from(["<", ">", "<=", ">="]), DIGITS)
VALUES = st.one_of(NUMERIC, TEXTUAL, BOUNDED)
RESULTS = st.lists(st.tuples(CODES, WORDS, VALUES, st.lists(WORDS, max_size=2)), min_size=1, max_size=8,
                   unique_by=lambda one: one[0])  # fmt: skip


@given(RESULTS)
def test_every_value_label_and_comment_of_a_generated_message_is_in_its_report(made: list[tuple]) -> None:  # type: ignore[type-arg]
    segments = []
    for rank, (code, label, (kind, value, _), notes) in enumerate(made, start=1):
        fields = ["OBX", str(rank), kind, (code, label, "L"), "", value, "mg/L", "", "", "", "", "F"]
        segments.append(fields)
        segments += [["NTE", "1", "L", one] for one in notes]
    head = content(msh(), pid(), orc(), obr())
    conversion = convert(head + build(segments))
    (draft,) = conversion.drafts
    found = [(one.concept.local[0].code, one.concept.text, one.value_as_sent) for one in results(draft)]
    assert found == [(code, label, shown) for code, label, (_, _, shown), _ in made]
    assert [[c.text for c in one.comments] for one in results(draft)] == [list(notes) for *_, notes in made]
    for one, (_, _, (kind, _, shown), _) in zip(results(draft), made, strict=True):
        if kind == "NM":
            assert one.value == Quantity(Decimal(shown), "mg/L")
        elif kind == "SN":
            assert isinstance(one.value, Interval)
        else:
            assert isinstance(one.value, TextValue | Quantity | Interval)
    assert from_json(ClinicalDocument, to_json(draft.document)) == draft.document


@given(st.data())
def test_a_sample_with_any_byte_changed_never_raises(data: st.DataObject) -> None:
    raw = bytearray((SAMPLES / data.draw(st.sampled_from(
        ["R01_biochimie.hl7", "R02_ecbu_antibiogrammes.hl7", "R11_types_de_valeurs.hl7", "R15_oul_r22.hl7"]
    ))).read_bytes())  # fmt: skip
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    inbound = InboundMessage(bytes(raw), "sil", "x", RECEIVED_AT)
    conversion = FORMAT.convert(inbound, context())
    assert conversion.drafts or conversion.findings
    if not conversion.drafts and disposition(conversion.findings) is Disposition.REFUSE:
        assert all(one.message for one in conversion.findings)
    for draft in conversion.drafts:
        assert from_json(ClinicalDocument, to_json(draft.document)) == draft.document
    answer = FORMAT.acknowledge(inbound, context())
    assert answer is not None and answer.startswith(b"MSH")


@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_never_raise(noise: bytes) -> None:
    conversion = convert(content(msh(), pid(), orc(), obr()) + noise)
    assert conversion.drafts or conversion.findings


@given(st.lists(st.tuples(st.integers(1, 30), WORDS), max_size=6), st.sampled_from(["PID", "OBR", "OBX", "ORC"]))
def test_any_words_in_any_field_never_raise(changes: list[tuple[int, str]], where: str) -> None:
    fields = {number: words for number, words in changes if where != "OBX" or number not in {2}}
    makers = {"PID": pid, "ORC": orc, "OBR": obr, "OBX": obx}
    segments = [make(fields if name == where else None) for name, make in makers.items()]
    conversion = convert(content(msh(), *segments))
    assert conversion.drafts or conversion.findings
