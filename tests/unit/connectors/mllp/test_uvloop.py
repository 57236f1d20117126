"""The behaviours that rest on the event loop hold on uvloop too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme
import uvloop

from tests.unit.connectors.mllp import test_exchange as exchange
from tests.unit.connectors.mllp import test_hostile as hostile
from tests.unit.connectors.mllp import test_stop as stop
from tests.unit.connectors.mllp import test_tls as tls
from tests.unit.connectors.mllp.peer import Keeper, keeping

_CLEAR = (
    exchange.test_pipelined_messages_are_kept_and_answered_in_their_order,
    exchange.test_a_sender_that_closes_its_side_after_writing_is_still_answered,
    exchange.test_messages_of_a_sender_that_leaves_without_its_answers_are_kept,
    hostile.test_a_slow_sender_is_told_and_left_while_others_pass,
    hostile.test_a_message_too_long_is_refused_for_good_and_its_connection_closed,
    hostile.test_a_sender_that_does_not_read_its_answers_is_left,
    hostile.test_large_messages_wait_their_turn_and_all_pass,
    hostile.test_reading_stops_while_a_message_is_being_kept,
    stop.test_messages_already_read_are_kept_and_answered_before_the_end,
)
_SECURED = (
    tls.test_messages_pass_over_tls,
    tls.test_a_slow_sender_is_left_over_tls_too,
    tls.test_what_was_read_is_answered_at_the_end_over_tls,
)


@pytest.mark.parametrize("behaviour", _CLEAR, ids=lambda behaviour: behaviour.__name__)
def test_it_holds_on_uvloop(behaviour: Callable[[Keeper], Awaitable[None]], tmp_path: Path) -> None:
    async def run() -> None:
        async with keeping(tmp_path) as keeper:
            await behaviour(keeper)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


@pytest.mark.parametrize("behaviour", _SECURED, ids=lambda behaviour: behaviour.__name__)
def test_it_holds_on_uvloop_over_tls(
    behaviour: Callable[[Keeper, tls.Files, trustme.CA], Awaitable[None]], tmp_path: Path
) -> None:
    authority = trustme.CA()

    async def run() -> None:
        async with keeping(tmp_path) as keeper:
            await behaviour(keeper, tls.issued_files(tmp_path, authority), authority)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
