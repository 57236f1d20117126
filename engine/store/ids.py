"""Ids of messages: their order is the order of keeping."""

from __future__ import annotations

import secrets
from datetime import datetime

from engine.store.rows import micros

_COUNTER_BITS = 16
_DRAWN_BYTES = 8


class MessageIds:
    """32 hexadecimal digits: 12 of the milliseconds since 1970, 4 of a counter, 16 drawn at random.

    An id is always above the one before, even when clocks go backwards.
    """

    def __init__(self, last_id: str | None) -> None:
        self._last = int(last_id[:16], 16) if last_id else 0

    def next(self, at: datetime) -> str:
        self._last = max((micros(at) // 1000) << _COUNTER_BITS, self._last + 1)
        return f"{self._last:016x}{secrets.token_hex(_DRAWN_BYTES)}"
