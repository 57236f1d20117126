"""The steps of the line at which the engine is killed.

A step brings its moment about by the load and by what the peers do, sees it in the store's file, at a peer or on the
wire, and kills. Then it looks at what the dead engine left, to know whether the kill fell where it was meant to.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.simulators import Behaviour, Kind
from tests.crash.scene import Scene

_LONG_SECONDS = 60.0
"""A peer that will not answer before the engine is dead."""
_FIRST_ALONE = 0.3

Kill = Callable[[Scene], Awaitable[bool]]
"""Kills the running engine; True when the kill fell where it was meant to."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    kill: Kill
    starts_itself: bool = False
    """True when the step starts the engine too."""


async def starting_for_the_first_time(scene: Scene) -> bool:
    """There is no store yet, or only the beginning of one; the laboratory does not wait for that."""
    scene.drop(1)
    await scene.engine.spawn()
    scene.post(1)
    await asyncio.sleep(scene.random.uniform(0.3, 1) * scene.engine.start_seconds)
    await _killed(scene)
    return not scene.engine.has_started


async def kept_not_acknowledged(scene: Scene) -> bool:
    known = len(scene.store.messages())
    scene.post(20, corrections=4)
    await scene.seen(lambda: len(scene.store.messages()) > known)
    await _killed(scene)
    kept = {one.sha256 for one in scene.store.messages()}
    return any(one.sha256 in kept for one in scene.sender.waiting)


async def kept_not_taken_from_the_folder(scene: Scene) -> bool:
    """The folder cannot be emptied for a while, so that what is kept stays in it until the engine is dead."""
    known = len(scene.store.messages())
    with scene.sender.folder_stuck():
        scene.drop(4, corrections=2)
        await scene.seen(lambda: len(scene.store.messages()) > known)
        await asyncio.sleep(scene.random.uniform(0, 1))
        await _killed(scene)
    kept = {one.sha256 for one in scene.store.messages()}
    return any(one.sha256 in kept for one in scene.sender.in_folder)


async def acknowledged_not_converted(scene: Scene) -> bool:
    scene.post(16, corrections=4)
    await scene.seen(lambda: not scene.sender.waiting)
    await _killed(scene)
    return scene.store.count("received") > 0


async def being_converted(scene: Scene) -> bool:
    scene.post(6, corrections=4)
    await scene.seen(lambda: scene.store.count("converting") > 0)
    await asyncio.sleep(scene.random.uniform(0, 0.5))
    await _killed(scene)
    return scene.store.count("converting") > 0


async def being_refused(scene: Scene) -> bool:
    """Two things are to be done within a moment, record it and tell the sender: the kill falls when one of them is."""
    one = scene.drop_truncated()
    await scene.seen(lambda: scene.store.state_of(one.sha256) is not None)
    await scene.seen(lambda: scene.is_told(one) or scene.store.state_of(one.sha256) == "refused", every_seconds=0)
    await _killed(scene)
    return (scene.store.state_of(one.sha256) == "refused") != scene.is_told(one)


async def ready_not_claimed(scene: Scene) -> bool:
    for script in (scene.dmp.script, scene.mail.script):
        script.add(Behaviour(Kind.LATE, seconds=_LONG_SECONDS), times=8)
    scene.post(8)
    await scene.seen(lambda: len(scene.store.orders(lambda one: one.never_claimed)) > 6)
    await _killed(scene)
    return bool(scene.store.orders(lambda one: one.never_claimed))


async def dmp_claimed_not_marked(scene: Scene) -> bool:
    scene.dmp.script.add(Behaviour(Kind.DELAY, seconds=_LONG_SECONDS, at="patients"), times=2)
    scene.post(3, corrections=2)
    await scene.seen(lambda: scene.dmp.script.pending < 2)
    await _killed(scene)
    return bool(scene.store.orders(lambda one: one.at_work and not one.by_mail and not one.handed))


async def mail_claimed_not_marked(scene: Scene) -> bool:
    scene.mail.script.add(Behaviour(Kind.DELAY, seconds=_LONG_SECONDS, at="rcpt"), times=4)
    scene.post(3, corrections=2)
    await scene.seen(lambda: scene.mail.script.pending < 3)
    await _killed(scene)
    return bool(scene.store.orders(lambda one: one.at_work and one.by_mail and not one.handed))


async def dmp_took_and_did_not_answer(scene: Scene) -> bool:
    scene.dmp.script.add(Behaviour(Kind.LATE, seconds=_LONG_SECONDS), times=2)
    scene.post(3, corrections=2)
    await scene.seen(lambda: any(scene.is_at_dmp(one) for one in scene.marked_for_dmp()))
    await _killed(scene)
    return any(scene.is_at_dmp(one) for one in scene.marked_for_dmp())


async def dmp_did_not_take(scene: Scene) -> bool:
    """Handed over as far as the engine knows; the DMP had not read it when its own line broke too."""
    scene.dmp.script.add(Behaviour(Kind.DELAY, seconds=_LONG_SECONDS), times=2)
    scene.post(3, corrections=2)
    await scene.seen(lambda: scene.dmp.script.pending < 2 and bool(scene.marked_for_dmp()))
    await _killed(scene)
    await scene.dmp.down()
    await scene.dmp.up()
    return any(not scene.is_at_dmp(one) for one in scene.marked_for_dmp())


async def dmp_takes_afterwards(scene: Scene) -> bool:
    """The DMP reads what lay on the line once the engine is dead, about when the next one asks for it."""
    scene.dmp.script.add(Behaviour(Kind.DELAY, seconds=scene.random.uniform(1, 4)))
    scene.post(3, corrections=2)
    await scene.seen(lambda: not scene.dmp.script.pending and bool(scene.marked_for_dmp()))
    await asyncio.sleep(0.2)
    await _killed(scene)
    return any(not scene.is_at_dmp(one) for one in scene.marked_for_dmp())


async def mail_took_and_did_not_answer(scene: Scene) -> bool:
    known = len(scene.mail.mails)
    scene.mail.script.add(Behaviour(Kind.LATE, seconds=_LONG_SECONDS))
    scene.post(2)
    await scene.seen(lambda: not scene.mail.script.pending and len(scene.mail.mails) > known)
    await _killed(scene)
    return any(scene.is_in_mailbox(one) for one in scene.marked_for_mail())


async def mail_did_not_take(scene: Scene) -> bool:
    scene.mail.script.add(Behaviour(Kind.DELAY, seconds=_LONG_SECONDS))
    scene.post(2)
    await scene.seen(lambda: not scene.mail.script.pending)
    await _killed(scene)
    return any(not scene.is_in_mailbox(one) for one in scene.marked_for_mail())


async def dmp_answered_not_settled(scene: Scene) -> bool:
    known = len(scene.dmp.entries)

    def answered() -> None:
        if len(scene.dmp.entries) > known:
            scene.engine.kill()

    scene.dmp_wire.after_answer = answered
    scene.post(2, corrections=1)
    await _killed_by_itself(scene)
    return any(scene.is_at_dmp(one) for one in scene.marked_for_dmp())


async def mail_answered_not_settled(scene: Scene) -> bool:
    known = len(scene.mail.mails)

    def answered() -> None:
        if len(scene.mail.mails) > known:
            scene.engine.kill()

    scene.mail_wire.after_answer = answered
    scene.post(2, corrections=1)
    await _killed_by_itself(scene)
    return any(scene.is_in_mailbox(one) for one in scene.marked_for_mail())


async def asking_about_an_uncertain_order(scene: Scene) -> bool:
    """Two deaths: one leaves an order uncertain, the other falls while its successor asks the DMP about it."""
    await dmp_took_and_did_not_answer(scene)
    scene.behave()
    scene.dmp.script.add(Behaviour(Kind.DELAY, seconds=_LONG_SECONDS, at="registry"), times=2)
    await scene.engine.start()
    await scene.seen(lambda: scene.dmp.script.pending < 2)
    await _killed(scene)
    return bool(scene.store.orders(lambda one: one.at_work and not one.by_mail and one.uncertain and not one.handed))


async def starting_up(scene: Scene) -> bool:
    scene.drop(1, corrections=1)
    await scene.engine.spawn()
    scene.post(1, corrections=1)
    await asyncio.sleep(scene.random.uniform(0, scene.engine.start_seconds))
    await _killed(scene)
    return not scene.engine.has_started


async def just_started(scene: Scene) -> bool:
    scene.drop(2)
    await scene.engine.start()
    await _killed(scene)
    return True


async def stopping(scene: Scene) -> bool:
    scene.dmp.script.add(Behaviour(Kind.LATE, seconds=2))
    scene.mail.script.add(Behaviour(Kind.LATE, seconds=2), times=2)
    scene.post(6, corrections=3)
    await asyncio.sleep(scene.random.uniform(0.5, 2))
    scene.engine.terminate()
    await asyncio.sleep(scene.random.uniform(0, 1.5))
    stopped_by_itself = not scene.engine.alive
    await _killed(scene)
    return not stopped_by_itself


async def without_its_conversion_processes(scene: Scene) -> bool:
    """The processes that convert die first, with what they were at; then the engine, while it recovers or after."""
    scene.post(6, corrections=4)
    await scene.seen(lambda: scene.store.count("converting") > 0)
    await asyncio.sleep(scene.random.uniform(0, 1.5))
    busy = scene.store.count("converting") > 0
    for process in scene.engine.conversion_processes():
        os.kill(process, signal.SIGKILL)
    scene.post(1, corrections=6)
    await asyncio.sleep(scene.random.uniform(0, 3))
    await _killed(scene)
    return busy


async def any_moment(scene: Scene) -> bool:
    scene.post(4, corrections=2)
    scene.drop(2, corrections=1)
    await asyncio.sleep(scene.random.uniform(0, 3))
    await _killed(scene)
    return True


FIRST_START = Step("starting for the first time", starting_for_the_first_time, starts_itself=True)
"""Before all others."""

STEPS = (
    Step("kept, not acknowledged (REST)", kept_not_acknowledged),
    Step("kept, not taken from the folder", kept_not_taken_from_the_folder),
    Step("acknowledged, not converted", acknowledged_not_converted),
    Step("being converted", being_converted),
    Step("being refused", being_refused),
    Step("orders made, not claimed", ready_not_claimed),
    Step("claimed, not marked (DMP)", dmp_claimed_not_marked),
    Step("claimed, not marked (mail)", mail_claimed_not_marked),
    Step("marked, taken, no answer (DMP)", dmp_took_and_did_not_answer),
    Step("marked, not taken (DMP)", dmp_did_not_take),
    Step("marked, taken afterwards (DMP)", dmp_takes_afterwards),
    Step("marked, taken, no answer (mail)", mail_took_and_did_not_answer),
    Step("marked, not taken (mail)", mail_did_not_take),
    Step("answered, not settled (DMP)", dmp_answered_not_settled),
    Step("answered, not settled (mail)", mail_answered_not_settled),
    Step("asking about an uncertain order", asking_about_an_uncertain_order),
    Step("starting up", starting_up, starts_itself=True),
    Step("just started", just_started, starts_itself=True),
    Step("stopping on request", stopping),
    Step("its conversion processes first", without_its_conversion_processes),
    Step("any moment", any_moment),
)


async def _killed(scene: Scene) -> None:
    """Every process of the engine at once, or the first alone as the system does when memory is short."""
    scene.engine.kill(alone=scene.random.random() < _FIRST_ALONE)
    await scene.engine.dead()
    await scene.sender.settled()


async def _killed_by_itself(scene: Scene) -> None:
    """The wire kills; should it never carry what it waits for, the kill falls late."""
    await scene.seen(lambda: not scene.engine.alive)
    await _killed(scene)
