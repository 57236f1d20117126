"""Parts of a segment: fields, repetitions, components, sub-components. Slices, read when asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.formats.hl7v2.charset import decoded
from engine.formats.hl7v2.separators import Separators, unescaped
from engine.formats.hl7v2.writer import NULL


@dataclass(frozen=True, slots=True)
class Text:
    """What every part of one message needs to be read."""

    content: bytes
    separators: Separators
    codec: str
    signs: dict[str, bytes]
    """The separators as bytes, by their names in `Separators`."""

    @classmethod
    def of(cls, content: bytes, separators: Separators, name: str) -> Text:
        names = ("field", "repetition", "component", "sub")
        return cls(content, separators, name, {one: getattr(separators, one).encode(name) for one in names})


class Part:
    """A slice of the message."""

    __slots__ = ("_end", "_start", "_text")

    def __init__(self, text: Text, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end

    @property
    def raw(self) -> bytes:
        """As sent, escapes included."""
        return self._text.content[self._start : self._end]

    @property
    def view(self) -> memoryview:
        """As `raw`, without copying: for a document of some megabytes."""
        return memoryview(self._text.content)[self._start : self._end]

    @property
    def start(self) -> int:
        """Index of its first byte in the message."""
        return self._start

    @property
    def size(self) -> int:
        """In bytes."""
        return self._end - self._start

    def _split(self, name: str) -> Iterator[tuple[int, int]]:
        sign = self._text.signs[name]
        start, content = self._start, self._text.content
        while sign and (stop := content.find(sign, start, self._end)) >= 0:
            yield start, stop
            start = stop + len(sign)
        yield start, self._end

    def _nth(self, name: str, number: int) -> tuple[int, int] | None:
        """As `_split`, without going further than asked."""
        sign, content, start = self._text.signs[name], self._text.content, self._start
        if number < 1 or (number > 1 and not sign):
            return None
        for _ in range(number - 1):
            stop = content.find(sign, start, self._end)
            if stop < 0:
                return None
            start = stop + len(sign)
        stop = content.find(sign, start, self._end) if sign else -1
        return start, stop if stop >= 0 else self._end


class Value(Part):
    """A part that stands for a text."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """All of this part, decoded and unescaped; separators inside it stay. NULL for the explicit null."""
        raw = self.raw
        if raw == b'""':
            return NULL
        return unescaped(decoded(raw, self._text.codec), self._text.separators, self._text.codec)


class Sub(Value):
    """A sub-component."""

    __slots__ = ()


class Component(Value):
    __slots__ = ()

    @property
    def subs(self) -> tuple[Sub, ...]:
        """At least one, maybe empty."""
        return tuple(Sub(self._text, *bounds) for bounds in self._split("sub"))

    def sub(self, number: int) -> Sub | None:
        """From 1; None when the component ends before."""
        bounds = self._nth("sub", number)
        return None if bounds is None else Sub(self._text, *bounds)


class Repetition(Value):
    __slots__ = ()

    @property
    def components(self) -> tuple[Component, ...]:
        """At least one, maybe empty."""
        return tuple(Component(self._text, *bounds) for bounds in self._split("component"))

    def component(self, number: int) -> Component | None:
        """From 1; None when the repetition ends before."""
        bounds = self._nth("component", number)
        return None if bounds is None else Component(self._text, *bounds)


class Field(Value):
    __slots__ = ("_whole",)

    def __init__(self, text: Text, start: int, end: int, whole: bool = False) -> None:
        super().__init__(text, start, end)
        self._whole = whole

    @property
    def repetitions(self) -> tuple[Repetition, ...]:
        """At least one, maybe empty. MSH-1 and MSH-2 are never split."""
        return tuple(Repetition(self._text, *bounds) for bounds in self._split("repetition"))

    def repetition(self, number: int = 1) -> Repetition | None:
        """From 1; None when the field ends before."""
        bounds = self._nth("repetition", number)
        return None if bounds is None else Repetition(self._text, *bounds)

    def _split(self, name: str) -> Iterator[tuple[int, int]]:
        return iter([(self._start, self._end)]) if self._whole else super()._split(name)

    def _nth(self, name: str, number: int) -> tuple[int, int] | None:
        if self._whole:
            return (self._start, self._end) if number == 1 else None
        return super()._nth(name, number)

    @property
    def text(self) -> str:
        return decoded(self.raw, self._text.codec) if self._whole else super().text
