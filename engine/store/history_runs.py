"""Transactions on catch-ups, as functions of the writer's connection. Each step, its orders included, is one
transaction: a death in between leaves a run where it was, and nothing is made twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.history_runs.pace import allowance, spacing
from engine.history_runs.run import Criteria, HistoryRun, RunAction, RunState, Speed, Verdict, too_old
from engine.model.codec import to_json
from engine.ports import OrderAction
from engine.records import DocumentState
from engine.store import decision, filing
from engine.store.history import note
from engine.store.history_rows import run_of
from engine.store.queries import SQL
from engine.store.rows import micros, order_row

ELIGIBLE = "eligible"
ORDERED = "ordered"
_SOON = timedelta(minutes=15)
"""A lane whose link is down tries again within this: what waits so long goes first."""


def start(
    connection: sqlite3.Connection, run_id: str, criteria: Criteria, speed: Speed, dry: bool, now: datetime
) -> HistoryRun | None:
    """None, and nothing done, when another run of this destination has not ended."""
    last = connection.execute(SQL["last_document_place"]).fetchone()["place"]
    row = {
        "id": run_id,
        "destination": criteria.destination,
        "dry": int(dry),
        "criteria": to_json(criteria),
        "speed": to_json(speed),
        "now": micros(now),
        "last_place": last or 0,
    }
    if connection.execute(SQL["insert_history_run"], row).rowcount == 0:
        return None
    note(connection, micros(now), criteria.destination, "history.started", run_id)
    return run(connection, run_id)


def run(connection: sqlite3.Connection, run_id: str) -> HistoryRun | None:
    row = connection.execute(SQL["history_run"], {"id": run_id}).fetchone()
    return None if row is None else run_of(connection, row)


def examined(
    connection: sqlite3.Connection, run_id: str, before: int, verdicts: tuple[Verdict, ...], now: datetime
) -> None:
    """Keep what was decided of the documents after place `before`; none are left when there is no verdict.

    Nothing is done when the run was paused meanwhile, or another step came first.
    """
    row = connection.execute(SQL["history_run"], {"id": run_id}).fetchone()
    if row is None or row["state"] != RunState.PLANNING:
        return
    at = micros(now)
    if not verdicts:
        _move(connection, row, RunState.DONE if row["dry"] else RunState.RUNNING, at)
        return
    step = {"run_seq": row["seq"], "before": before, "cursor": verdicts[-1].place, "now": at}
    if connection.execute(SQL["move_history_cursor"], step).rowcount == 0:
        return
    for one in verdicts:
        if one.exclusion is None and not row["dry"]:
            connection.execute(SQL["insert_history_item"], _item(row, one))
    _count(connection, row, Counter(str(one.exclusion or ELIGIBLE) for one in verdicts))


def feed(connection: sqlite3.Connection, run_id: str, verdicts: tuple[Verdict, ...], now: datetime) -> int:
    """Make the orders of as many documents as the pace and the lane allow, in the order given; how many were done
    with. One of which something changed since it was decided on is left for the next look."""
    row = connection.execute(SQL["history_run"], {"id": run_id}).fetchone()
    if row is None or row["state"] != RunState.RUNNING:
        return 0
    at, speed = micros(now), run_of(connection, row).speed
    allowed, begin = allowance(speed.per_minute, row["fed_until"], at)
    room = _room(connection, row["destination"], speed.queue, now)
    counted = Counter[str]()
    for one in verdicts:
        leaves = one.exclusion is None
        if leaves and (room <= 0 or counted[ORDERED] >= allowed or not _as_decided(connection, row, one)):
            continue
        if connection.execute(SQL["delete_history_item"], _item(row, one)).rowcount == 0:
            continue
        counted[str(one.exclusion or ORDERED)] += 1
        if leaves:
            room -= len(one.orders)
            _file(connection, row, one, now)
    _count(connection, row, {**counted, ELIGIBLE: -counted.total()})
    used = begin + counted[ORDERED] * spacing(speed.per_minute)
    if counted[ORDERED]:
        connection.execute(SQL["pace_history_run"], {"run_seq": row["seq"], "fed_until": used, "now": at})
    if connection.execute(SQL["history_item_left"], {"run_seq": row["seq"]}).fetchone() is None:
        _move(connection, row, RunState.DONE, at)
    return counted.total()


def change(connection: sqlite3.Connection, run_id: str, action: RunAction, now: datetime, reason: str = "") -> bool:
    """Pause, resume or cancel; False when the state of the run does not allow it. `reason` says why it is paused when
    nobody asked."""
    row = connection.execute(SQL["history_run"], {"id": run_id}).fetchone()
    if row is None:
        return False
    state, at = RunState(row["state"]), micros(now)
    if action is RunAction.PAUSE and state in (RunState.PLANNING, RunState.RUNNING):
        _move(connection, row, RunState.PAUSED, at, reason)
    elif action is RunAction.RESUME and state is RunState.PAUSED:
        _move(connection, row, RunState(row["paused_from"]), at)
    elif action is RunAction.CANCEL and state not in (RunState.DONE, RunState.CANCELLED):
        _move(connection, row, RunState.CANCELLED, at)
    else:
        return False
    return True


def _move(connection: sqlite3.Connection, row: sqlite3.Row, state: RunState, at: int, reason: str = "") -> None:
    before = row["state"] if state is RunState.PAUSED else None
    moved = {"run_seq": row["seq"], "state": state, "paused_from": before, "reason": reason, "now": at}
    connection.execute(SQL["change_history_run"], moved)
    note(connection, at, row["destination"], f"history.{state}", row["id"])


def _room(connection: sqlite3.Connection, destination: str, queue: int, now: datetime) -> int:
    """How many orders may be added before the lane has `queue` of them; none while it is stopped."""
    if connection.execute(SQL["stopped_lane"], {"destination": destination}).fetchone():
        return 0
    asked = {"destination": destination, "soon": micros(now + _SOON), "limit": queue}
    return queue - int(connection.execute(SQL["lane_is_busy_with"], asked).fetchone()["n"])


def _as_decided(connection: sqlite3.Connection, row: sqlite3.Row, one: Verdict) -> bool:
    """No newer version, no order for this destination came since; the document may still leave."""
    document = connection.execute(SQL["document_of_place"], {"seq": one.place}).fetchone()
    if document is None or document["state"] != DocumentState.READY:
        return False
    of = {"document_id": document["id"], "destination": row["destination"]}
    if any(not too_old(order_row(one)) for one in connection.execute(SQL["sendings_of_document"], of)):
        return False
    return connection.execute(SQL["newer_versions"], dict(document)).fetchone() is None


def _file(connection: sqlite3.Connection, row: sqlite3.Row, one: Verdict, now: datetime) -> None:
    """The sender is not told: it asked about the sending it ordered, not about this one."""
    filing.check_orders(one.orders)
    document = connection.execute(SQL["document_of_place"], {"seq": one.place}).fetchone()
    place: dict[str, object] = {"set_id": document["set_id"], "number": document["number"]}
    for order in one.orders:
        if connection.execute(SQL["order"], {"id": order.id}).fetchone() is None:
            filing.file_order(connection, document["id"], place, order, now)
        elif decision.decide(connection, order.id, OrderAction.RESEND, now) is None:
            continue
        connection.execute(SQL["insert_history_order"], {"order_id": order.id, "run_seq": row["seq"]})


def _item(row: sqlite3.Row, one: Verdict) -> dict[str, object]:
    at = 0 if one.act_at is None else micros(one.act_at)
    return {"run_seq": row["seq"], "act_at": at, "document_seq": one.place}


def _count(connection: sqlite3.Connection, row: sqlite3.Row, counted: Mapping[str, int]) -> None:
    counts = [{"run_seq": row["seq"], "outcome": outcome, "n": n} for outcome, n in counted.items() if n]
    connection.executemany(SQL["count_history"], counts)
