"""Who does what for each requirement: the engine, the host software, and the proof that is kept (`delegation.csv`)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path


class Coverage(StrEnum):
    """How much of a requirement this version takes on itself."""

    ENGINE = "engine"
    """All but what the host must show."""
    SHARED = "shared"
    """A part; the rest is the host's."""
    HOST = "host"
    """Nothing yet, or nothing ever: the host does it."""


@dataclass(frozen=True, slots=True)
class Delegation:
    requirement: str
    """National identifiers, as the référentiel writes them."""
    subject: str
    coverage: Coverage
    engine: str
    host: str
    proof: str
    """What the engine keeps that shows it; empty: nothing."""


@cache
def delegations() -> tuple[Delegation, ...]:
    """Every line, in the order of the file."""
    with (Path(__file__).parent / "delegation.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";", strict=True))
    return tuple(
        Delegation(
            requirement=row["requirement"],
            subject=row["subject"],
            coverage=Coverage(row["coverage"]),
            engine=row["engine"],
            host=row["host"],
            proof=row["proof"],
        )
        for row in rows
    )
