"""Reads of catch-ups: their rows, and the documents they have to decide on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from engine.exchange import OrderKind, OrderState, Package
from engine.history_runs.run import (
    ACTIVE,
    Candidate,
    Criteria,
    Exclusion,
    HistoryRun,
    NewerVersion,
    RunState,
    Speed,
    Unreadable,
)
from engine.model.codec import from_json
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus
from engine.model.parties import Patient
from engine.model.values import Identifier
from engine.records import DocumentState
from engine.store import consents
from engine.store.queries import SQL
from engine.store.rows import instant, instructions_of, order_row

_COUNTS = frozenset({"eligible", "ordered"})


def run_of(connection: sqlite3.Connection, row: sqlite3.Row) -> HistoryRun:
    of = {"run_seq": row["seq"]}
    counts = {one["outcome"]: one["n"] for one in connection.execute(SQL["history_counts"], of)}
    orders = {OrderState(one["state"]): one["n"] for one in connection.execute(SQL["history_order_counts"], of)}
    return HistoryRun(
        id=row["id"],
        state=RunState(row["state"]),
        dry=bool(row["dry"]),
        criteria=from_json(Criteria, row["criteria"]),
        speed=from_json(Speed, row["speed"]),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
        reason=row["reason"],
        examined=sum(counts.values()),
        eligible=counts.get("eligible", 0),
        ordered=counts.get("ordered", 0),
        excluded={Exclusion(name): n for name, n in counts.items() if name not in _COUNTS},
        orders=orders,
        cursor=row["cursor"],
    )


def runs(connection: sqlite3.Connection, limit: int) -> tuple[HistoryRun, ...]:
    """Latest first."""
    found = connection.execute(SQL["history_runs"], {"limit": max(limit, 0)}).fetchall()
    return tuple(run_of(connection, row) for row in found)


def active(connection: sqlite3.Connection) -> tuple[HistoryRun, ...]:
    """Those that have something to do."""
    found = [
        row
        for state in sorted(ACTIVE)
        for row in connection.execute(SQL["history_runs_in_state"], {"state": state}).fetchall()
    ]
    return tuple(run_of(connection, row) for row in found)


def unexamined(connection: sqlite3.Connection, run_id: str, limit: int) -> tuple[Candidate | Unreadable, ...]:
    """The documents a run looks at next; none when it has seen them all."""
    run = connection.execute(SQL["history_run"], {"id": run_id}).fetchone()
    return _candidates(connection, run, connection.execute(SQL["history_documents"], {**dict(run), "limit": limit}))


def next_documents(connection: sqlite3.Connection, run_id: str, limit: int) -> tuple[Candidate | Unreadable, ...]:
    """The documents a run feeds next, as they are now, those of the oldest acts first."""
    run = connection.execute(SQL["history_run"], {"id": run_id}).fetchone()
    given = {"run_seq": run["seq"], "limit": limit}
    return _candidates(connection, run, connection.execute(SQL["history_next_documents"], given))


def _candidates(
    connection: sqlite3.Connection, run: sqlite3.Row, rows: Iterable[sqlite3.Row]
) -> tuple[Candidate | Unreadable, ...]:
    return tuple(_candidate(connection, row, run["destination"]) for row in list(rows))


def _candidate(connection: sqlite3.Connection, row: sqlite3.Row, destination: str) -> Candidate | Unreadable:
    try:
        document: ClinicalDocument = from_json(ClinicalDocument, row["document"])
        version, instructions = from_json(DocumentVersion, row["version"]), instructions_of(row["instructions"])
    except ValueError:
        return Unreadable(row["seq"])
    package = Package(
        document_id=row["id"],
        version=version,
        type=row["type"],
        title=row["title"],
        cda=b"",
        pdf=None,
        patient=document.patient,
        recipients=document.recipients,
        file_name=row["file_name"],
        instructions=instructions,
    )
    newer = connection.execute(SQL["newer_versions"], dict(row)).fetchall()
    orders = connection.execute(SQL["sendings_of_document"], {"document_id": row["id"], "destination": destination})
    return Candidate(
        place=row["seq"],
        package=package,
        state=DocumentState(row["state"]),
        status=ReportStatus(row["status"]),
        built=bool(row["built"]),
        deletion=row["kind"] == OrderKind.DELETE,
        catalogue=document.catalogue,
        sender=row["sender"],
        structure=row["structure"] or "",
        episode=row["episode"],
        act_date=document.act.start.date,
        act_at=document.act.start.instant(),
        newer=tuple(NewerVersion(DocumentState(one["state"]), one["kind"] == OrderKind.DELETE) for one in newer),
        orders=tuple(order_row(one) for one in orders),
        answers=consents.of_patient(connection, _identifiers(document.patient)),
    )


def _identifiers(patient: Patient) -> tuple[Identifier, ...]:
    ins = () if patient.ins is None else (Identifier(patient.ins.oid, patient.ins.matricule),)
    return (*patient.ids, *ins)
