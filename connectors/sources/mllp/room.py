"""How many large messages may be held at the same time, over all connections of a source."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable

LARGE_BYTES = 1 << 20
"""From there on a message being read needs a place."""


class Room:
    """A number of places, given in the order they were asked for."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._inside: set[Hashable] = set()
        self._waiting: deque[tuple[Hashable, Callable[[], None]]] = deque()

    def enter(self, who: Hashable, wake: Callable[[], None]) -> bool:
        """True when `who` has a place; else `wake` is called once it has one."""
        if who in self._inside:
            return True
        if len(self._inside) < self._places:
            self._inside.add(who)
            return True
        if all(waiting is not who for waiting, _ in self._waiting):
            self._waiting.append((who, wake))
        return False

    def leave(self, who: Hashable) -> None:
        """Give the place back, or do without."""
        if who in self._inside:
            self._inside.remove(who)
            self._call()
        elif self._waiting:
            self._waiting = deque(one for one in self._waiting if one[0] is not who)

    def _call(self) -> None:
        if self._waiting:
            who, wake = self._waiting.popleft()
            self._inside.add(who)
            wake()
