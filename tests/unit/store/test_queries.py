"""The named statements: explained, used, and never a scan of a table that grows."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from engine.store.queries import SQL, named

STORE = Path(__file__).resolve().parents[3] / "engine" / "store"
GROWING = (
    "messages",
    "message_bodies",
    "attachments",
    "documents",
    "document_bodies",
    "document_patients",
    "orders",
    "events",
    "consents",
    "consent_patients",
    "mail_notices",
    "history_items",
    "history_orders",
    "calls",
    "document_owners",
)
LATEST_FIRST = {"messages", "orders", "consents"}
"""Listings that read the end of a table backwards, up to their limit."""


_MANY = """
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO messages (id, digest, source, name, sent_by, received_at, size_bytes, sha256, state, due_at)
SELECT printf('%032x', i), i, 's', 'n', 'l', i, 1, 'h', iif(i % 1000, 'converted', 'received'), iif(i % 1000, NULL, 0)
FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO orders (id, document_id, set_id, number, destination, recipient, state, created_at, updated_at, due_at)
SELECT i, i, i, 1, iif(i % 7, 'dmp', 'mss'), '', iif(i % 1000, 'delivered', 'ready'), i, i, iif(i % 1000, NULL, 0)
FROM n;
"""


@pytest.fixture(scope="module")
def schema() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript((STORE / "schema.sql").read_text("utf-8"))
    return connection


def plan(connection: sqlite3.Connection, sql: str) -> list[str]:
    values = dict.fromkeys(re.findall(r":(\w+)", sql))
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


@pytest.mark.parametrize("name", sorted(SQL))
def test_no_statement_scans_or_sorts_what_grows(schema: sqlite3.Connection, name: str) -> None:
    steps = plan(schema, SQL[name])
    aliases = {alias for _, alias in re.findall(rf"(?:FROM|JOIN) ({'|'.join(GROWING)}) (\w)\b", SQL[name])}
    scans = [step for step in steps if re.match(rf"SCAN ({'|'.join([*GROWING, *aliases])})\b", step)]
    if name in LATEST_FIRST:
        assert scans == [f"SCAN {name}"]
        assert "LIMIT :limit" in SQL[name]
    else:
        assert scans == []
    assert not [step for step in steps if "ORDER BY" in step]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("queue_messages", "messages_due"),
        ("queued_messages", "messages_due"),
        ("queue_orders", "orders_due"),
        ("queued_orders", "orders_due"),
        ("first_queued_order", "orders_due"),
        ("next_timed_order", "orders_due"),
        ("expired_orders", "orders_expiring"),
        ("next_expiring_order", "orders_expiring"),
    ],
)
def test_a_claim_reads_only_what_is_due(schema: sqlite3.Connection, name: str, index: str) -> None:
    assert f"INDEX {index} " in plan(schema, SQL[name])[0]


def test_plans_stay_the_same_once_sqlite_has_counted_many_rows() -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript((STORE / "schema.sql").read_text("utf-8"))
    before = {name: plan(connection, sql) for name, sql in SQL.items()}
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.executescript(_MANY)
    connection.execute("ANALYZE")
    after = {name: plan(connection, sql) for name, sql in SQL.items()}
    connection.close()
    claims = ("queue_messages", "queued_messages", "queue_orders", "queued_orders", "expired_orders")
    assert {name: after[name] for name in claims} == {name: before[name] for name in claims}


def test_every_statement_has_a_sentence_and_is_used() -> None:
    lines = (STORE / "queries.sql").read_text("utf-8").splitlines()
    names = [line.removeprefix("-- name: ") for line in lines if line.startswith("-- name: ")]
    assert names == list(SQL)
    for number, line in enumerate(lines):
        if line.startswith("-- name: "):
            assert re.match(r"-- [A-Z].*\.$", lines[number - 1]), line
    code = "".join(file.read_text("utf-8") for file in STORE.glob("*.py"))
    built = {f"messages{a}{b}" for a in ("", "_in_state") for b in ("", "_before")}
    built |= {f"orders{a}{b}" for a in ("", "_of_destination") for b in ("", "_in_state")}
    built |= {f"documents_listed{one}" for one in ("", "_of_structure", "_in_state")}
    assert [name for name in names if f'"{name}"' not in code and name not in built] == []


def test_a_name_may_not_come_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        named("-- name: a\nSELECT 1;\n\n-- name: a\nSELECT 2;\n")
