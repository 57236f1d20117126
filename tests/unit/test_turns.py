"""Messages of one report are settled in the order they came, whatever the time each takes to read."""

from __future__ import annotations

import asyncio

from engine.turns import Turn, Turns


async def settle(turn: Turn, reports: set[str], reading: float, log: list[str], name: str) -> None:
    await asyncio.sleep(reading)
    await turn.begin(frozenset(reports))
    log.append(f"{name} begins")
    await asyncio.sleep(0.005)
    log.append(f"{name} ends")
    turn.end()


async def test_a_slow_first_message_is_settled_before_the_second_one_of_the_same_report() -> None:
    turns, log = Turns(), list[str]()
    await asyncio.gather(
        settle(turns.next(), {"a"}, 0.03, log, "first"), settle(turns.next(), {"a"}, 0.0, log, "second")
    )
    assert log == ["first begins", "first ends", "second begins", "second ends"]


async def test_messages_of_different_reports_do_not_wait_for_one_another() -> None:
    turns, log = Turns(), list[str]()
    await asyncio.gather(
        settle(turns.next(), {"a"}, 0.0, log, "first"), settle(turns.next(), {"b"}, 0.0, log, "second")
    )
    assert log[:2] == ["first begins", "second begins"]


async def test_a_message_that_failed_before_naming_its_reports_lets_the_others_go_on() -> None:
    turns, log = Turns(), list[str]()
    turns.next().end()
    await asyncio.wait_for(settle(turns.next(), {"a"}, 0.0, log, "second"), 1)
    assert log == ["second begins", "second ends"]
