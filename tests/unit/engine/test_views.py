"""What comes from outside is shown as it is: never taken for markup, never a reason to fail."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from engine import views
from engine.exchange import OrderState
from engine.formats.terminology.coverage import Coverage, UnmappedCode
from engine.model.consent import ConsentAnswer, ConsentSubject
from engine.records import MessageState

HOSTILE = ["[/red]", "[bold]x", "a[/b]c", "/ClinicalDocument[templateId/@root='1.2']", "[link=x]y", "OBX[3].10.8"]


def shown(table: Table) -> str:
    out = io.StringIO()
    Console(file=out, width=400).print(table)
    return out.getvalue()


def order(text: str) -> dict[str, Any]:
    return {"id": "1", "destination": text, "state": "waiting", "attempts": 1, "cause": text, "next_at": None}


def document(text: str) -> dict[str, Any]:
    return {"id": "1", "title": text, "version": {"number": 1}, "state": "ready", "orders": [order(text)]}


def message(text: str) -> dict[str, Any]:
    received = "2026-11-21T12:00:00"
    return {"id": "1", "received_at": received, "name": text, "kind": text, "state": "held", "findings": [1]}


def consent(text: str) -> dict[str, Any]:
    at = "2026-11-21T12:00:00"
    fields = {"id": 1, "subject": "feeding", "answer": "no", "collected_at": at, "recorded_at": at}
    return {**fields, "episode": text, "channel": text}


def finding(text: str) -> dict[str, Any]:
    fields = dict.fromkeys(("where", "message", "code", "remedy"), text)
    return {**fields, "severity": "error", "source": None}


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_from_outside_passes_for_markup(text: str) -> None:
    lane = {"destination": text, "stopped": True, "reason": text, "counts": {"ready": 1}}
    event = {"at": "2026-11-21T12:00:00", "what": "received", "detail": text}
    tables = (
        views.orders_table([order(text)]),
        views.documents_table([document(text)]),
        views.messages_table([message(text)]),
        views.findings_table([finding(text)]),
        views.lanes_table([lane]),
        views.events_table([event]),
        views.consents_table([consent(text)]),
    )
    for table in tables:
        assert text in shown(table)


@pytest.mark.parametrize("state", [*MessageState, *OrderState])
def test_every_state_has_its_word_in_french(state: str) -> None:
    assert views.WORDS[str(state)] != str(state)


@pytest.mark.parametrize("subject", [*ConsentSubject])
def test_every_answer_has_its_words_in_french(subject: str) -> None:
    words = {views.answered(subject, answer) for answer in (*ConsentAnswer, None)}
    assert len(words) == 4
    assert not words & {str(answer) for answer in ConsentAnswer}


def test_the_summary_of_the_tables_is_three_lines_then_the_most_frequent_codes() -> None:
    codes = tuple(UnmappedCode("1.2.3", f"C{n}", f"Analyse {n}", 40 - n) for n in range(14))
    lines = views.coverage_summary(Coverage(3, 100, 50, 0, 0, codes, ())).splitlines()
    assert lines[0] == "Documents : 3"
    assert "50 sur 100 (50,0 %)" in lines[1]
    assert [line.split()[:2] for line in lines[4:7]] == [["40", "C0"], ["39", "C1"], ["38", "C2"]]
    assert "4 autres" in lines[-1]
    assert len(views.coverage_summary(Coverage(3, 100, 100, 0, 0, (), ())).splitlines()) == 3
