"""What the API is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from engine.operations import Operations
from engine.pool import ConversionPool
from engine.ports import Accept, Store
from engine.route import Installation


@dataclass(frozen=True, slots=True)
class Services:
    store: Store
    operations: Operations
    pool: ConversionPool
    accept: Accept
    wake: Callable[[], None]
    """Tells the line that something may have become due."""
    max_body_bytes: int
    installation: Installation


async def services(request: Request) -> Services:
    """Dependency of every route. Async, as every dependency here: another one would be run by a thread."""
    given = request.app.state.services
    assert isinstance(given, Services)
    return given
