"""observation/value after its kind: PQ, IVL_PQ, CD or ST."""

from __future__ import annotations

from engine.cda.datatypes import coded, ivl_pq, original_text, pq, translations
from engine.cda.xml import Element, el
from engine.model.laboratory import CodedValue, Interval, Quantity, Value


def value_element(value: Value | None, narrative_id: str) -> Element | None:
    """`narrative_id` is where the words of a coded value stand; None for a cancelled result, which has no value."""
    if value is None:
        return None
    if isinstance(value, Quantity):
        return pq("value", value, xsi_type="PQ")
    if isinstance(value, Interval):
        return ivl_pq("value", value)
    if isinstance(value, CodedValue):
        return _coded_value(value, narrative_id)
    return el("value", value.text, xsi_type="ST")


def _coded_value(value: CodedValue, narrative_id: str) -> Element:
    words = original_text(narrative_id)
    local = () if value.local is None else translations((value.local,))
    if value.code is None:
        return el("value", words, local, xsi_type="CD")
    return coded("value", value.code, words, *local, xsi_type="CD")
