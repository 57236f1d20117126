"""Kills the engine at each step of the line, lets it recover, and counts at the peers what was lost or came twice.

python -m tests.crash.campaign --rounds 3 --seed 1
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.crash.ledgers import Outcome, compared
from tests.crash.scene import Scene, scene
from tests.crash.steps import FIRST_START, STEPS, Step


@dataclass(slots=True)
class Campaign:
    """What was done, and what came of it."""

    aimed: Counter[str] = field(default_factory=Counter)
    """Kills by the step they were meant for."""
    caught: Counter[str] = field(default_factory=Counter)
    """Of these, the ones that fell there, by what the dead engine left."""
    handed: set[str] = field(default_factory=set)
    """Orders that a kill caught past their mark."""
    decisions: Counter[str] = field(default_factory=Counter)
    """What a person decided of the mails left uncertain, and the engine allowed."""
    faults: list[str] = field(default_factory=list)
    """Faults of the engine's own, from its log."""
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def kills(self) -> int:
        return self.aimed.total()


def whole(seed: int, rounds: int = 3) -> tuple[Step, ...]:
    """A few kills while the store is made, then every step as many times, in an order drawn at random."""
    steps = [*STEPS * rounds]
    random.Random(seed).shuffle(steps)
    return (*(FIRST_START,) * rounds, *steps)


async def campaign(directory: Path, steps: Iterable[Step], seed: int) -> Campaign:
    """Kill at each of the steps in turn, recover, stop, compare."""
    done = Campaign()
    async with scene(directory, seed) as one:
        for step in steps:
            await _kill(one, step, done)
        await one.engine.start()
        await one.quiet()
        await _person_decides(one, done)
        one.engine.terminate()
        exit_code = await one.engine.dead()
        done.outcome = compared(one, frozenset(done.handed))
        done.outcome.check(exit_code == 0, f"the engine ended with {exit_code}")
        done.faults = [str(line) for line in one.engine.lines if "frames" in line]
        done.outcome.check(not done.faults, f"{len(done.faults)} faults of the engine in its log")
    return done


async def _kill(one: Scene, step: Step, done: Campaign) -> None:
    if not step.starts_itself:
        await one.engine.start()
    fell_there = await step.kill(one)
    one.behave()
    done.aimed[step.name] += 1
    done.caught[step.name] += fell_there
    done.handed |= {order.id for order in one.store.orders(lambda order: order.doubtful)}


async def _person_decides(one: Scene, done: Campaign) -> None:
    """Who is shown uncertain mails asks the recipients: what a mailbox has is confirmed, what it has not sent again.

    Each decision lets what it kept back go on; the engine may refuse some, which then stay as they are.
    """
    decided = True
    while decided:
        decided = False
        for order in one.store.orders(lambda order: order.state == "uncertain"):
            answer = "confirm" if one.mails_of(order) else "resend"
            accepted = await one.sender.decide(order.id, answer)
            done.decisions[answer] += accepted
            decided |= accepted
        await one.quiet()


def table(done: Campaign) -> Table:
    """Kills by step, then the figures of both ledgers."""
    shown = Table(title=f"{done.kills} kills", show_header=False)
    for step in (FIRST_START, *STEPS):
        if done.aimed[step.name]:
            shown.add_row(step.name, f"{done.caught[step.name]} of {done.aimed[step.name]} fell there")
    shown.add_section()
    shown.add_row("uncertain mails confirmed by a person", str(done.decisions["confirm"]))
    shown.add_row("uncertain mails sent again by a person", str(done.decisions["resend"]))
    shown.add_section()
    for what, count in done.outcome.figures.items():
        shown.add_row(what, str(count))
    shown.add_row("wrong", str(len(done.outcome.wrong)))
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.campaign", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="kills at each step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", action="append", default=[], help="only steps whose name holds this")
    parser.add_argument("--directory", type=Path, help="kept afterwards; a temporary one by default")
    options = parser.parse_args()
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the peer would tell each connection that a kill cuts
    steps = tuple(
        one
        for one in whole(options.seed, options.rounds)
        if not options.step or any(part in one.name for part in options.step)
    )
    with tempfile.TemporaryDirectory() as temporary:
        directory = options.directory or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        done = asyncio.run(campaign(directory.resolve(), steps, options.seed))
    out = Console()
    out.print(table(done))
    for line in (*done.outcome.wrong, *done.faults):
        out.print(line, markup=False)
    sys.exit(1 if done.outcome.wrong else 0)


if __name__ == "__main__":
    main()
