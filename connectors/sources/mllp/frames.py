"""MLLP framing: a stream of octets cut into frames, 0x0B … 0x1C 0x0D (HL7 v2, Minimal Lower Layer Protocol)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

START = b"\x0b"
END = b"\x1c\r"
_NEXT_MESSAGE = b"\x0bMSH"
_HEAD_BYTES = 4096


class Fault(Enum):
    """Why the content of a frame is not a message."""

    UNENDED = auto()
    """Another frame began, or time was up, before its end."""
    TOO_LONG = auto()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stood between a beginning and an end."""

    content: bytes
    """The message as sent; with a fault, its beginning only."""
    fault: Fault | None = None


class Frames:
    """Fed with what comes in, gives whole frames in order. Nothing but whole frames is ever given as a message.

    Octets between frames are left out and counted, as are empty frames. 0x0B is content, as word processors put it in
    texts, unless it begins another message: the frame before was then never ended.
    """

    def __init__(self, max_bytes: int, *, final_cr: bool = True) -> None:
        self._max = max_bytes
        self._end = END if final_cr else END[:1]
        self._buffer = bytearray()
        self._searched = 0
        self._head: bytes | None = None
        self.open = False
        """A frame has begun and is not yet ended."""
        self.junk_bytes = 0
        """Octets left out so far, line ends between frames excepted."""

    @property
    def size(self) -> int:
        """Octets held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def next(self) -> Frame | None:
        """The next frame; None when it is not whole yet."""
        while self.open or self._begin():
            end = self._buffer.find(self._end, self._searched)
            if end < 0:
                self._wait()
                return None
            frame = self._closed(end)
            if frame.content and not frame.content.isspace():
                return frame
            self.junk_bytes += len(frame.content)
        return None

    def cut(self) -> Frame | None:
        """Give the frame that is open up: its beginning, as a fault. None when there is none."""
        if not self.open:
            return None
        head = bytes(self._buffer[:_HEAD_BYTES]) if self._head is None else self._head
        fault = Fault.UNENDED if self._head is None else Fault.TOO_LONG
        self._buffer.clear()
        self._close()
        return Frame(head, fault)

    def _begin(self) -> bool:
        """Go to the beginning of the next frame; False when there is none yet."""
        start = self._buffer.find(START)
        if start != 0:
            junk = self._buffer if start < 0 else self._buffer[:start]
            self.junk_bytes += len(junk) - junk.count(b"\r") - junk.count(b"\n")
        if start < 0:
            self._buffer.clear()
            return False
        del self._buffer[: start + 1]
        self.open = True
        return True

    def _wait(self) -> None:
        """No end in what is held: search only what follows, and hold no more than a message may have."""
        kept = len(self._end) - 1
        if len(self._buffer) > self._max + kept and self._head is None:
            self._head = bytes(self._buffer[:_HEAD_BYTES])
        if self._head is not None:
            del self._buffer[: len(self._buffer) - kept]
        self._searched = max(0, len(self._buffer) - kept)

    def _closed(self, end: int) -> Frame:
        """The frame that ends there."""
        other = self._buffer.find(_NEXT_MESSAGE, 0, end)
        if self._head is not None:
            frame = Frame(self._head, Fault.TOO_LONG)
        elif other >= 0:
            frame = Frame(bytes(self._buffer[: min(other, _HEAD_BYTES)]), Fault.UNENDED)
        elif end > self._max:
            frame = Frame(bytes(self._buffer[: min(end, _HEAD_BYTES)]), Fault.TOO_LONG)
        else:
            with memoryview(self._buffer) as held:
                frame = Frame(bytes(held[:end]))
        del self._buffer[: end + len(self._end) if other < 0 else other]
        self._close()
        return frame

    def _close(self) -> None:
        self.open, self._searched, self._head = False, 0, None
