"""One sender's connection: reading and writing at the pace of both sides, and never for ever."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from typing import cast

from connectors.sources.mllp.frames import END, START, Frame, Frames
from connectors.sources.mllp.room import LARGE_BYTES, Room
from connectors.sources.mllp.settings import MllpSettings

_READ_AHEAD_BYTES = 64 << 10
"""Held while a message is being kept; reading then stops."""
_LEAVE_SECONDS = 1.0
_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4))
"""A host that is gone is found out in two minutes, where the system lets us say so."""


class Connection(asyncio.Protocol):
    """Gives frames one by one to the one task that converses on it, and takes its answers."""

    def __init__(self, settings: MllpSettings, room: Room, peer: str) -> None:
        self._settings = settings
        self._room = room
        self._frames = Frames(settings.max_message_bytes, final_cr=settings.final_cr == "required")
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._deadline = math.inf
        self._hungry = False
        self._paused = False
        self._ended = False
        self._all_sent = False
        self._blocked = False
        self._lost = False
        self.peer = peer
        """Address of the sender."""

    @property
    def made(self) -> bool:
        """False while TLS is not agreed on yet."""
        return self._transport is not None

    @property
    def junk_bytes(self) -> int:
        """Octets that belonged to no message."""
        return self._frames.junk_bytes

    @property
    def cut_short(self) -> bool:
        """A message had begun whose end was never read."""
        return self._frames.open

    # -- what the conversation asks -----------------------------------------------------------------------------

    async def next(self) -> Frame | None:
        """The next frame; None when none will come. Whole frames already read are given even when the peer is gone.

        A frame whose time is up is given as it is, with its fault, and is the last one.
        """
        self._room.leave(self)
        idle_until = self._loop.time() + self._settings.idle_timeout_seconds
        frame_until: float | None = None
        self._hungry = True
        while (frame := self._frames.next()) is None and not self._ended:
            if not self._may_grow():
                self._pause()
                self._deadline, frame_until = math.inf, None
            else:
                self._resume()
                if frame_until is None and self._frames.open:
                    frame_until = self._loop.time() + self._settings.frame_timeout_seconds
                self._deadline = frame_until or idle_until
            await self._woken()
        self._hungry = False
        late = frame is None and self._loop.time() >= self._deadline
        self._deadline = math.inf
        return self._frames.cut() if late else frame

    async def answer(self, content: bytes) -> None:
        """Write a frame; return once the peer keeps up with what was written, or is gone."""
        if self._transport is None or self._lost or self._transport.is_closing():
            return
        self._transport.write(START + content + END)
        if self._blocked:
            self._deadline = self._loop.time() + self._settings.write_timeout_seconds
            while self._blocked and not self._lost:
                await self._woken()
            self._deadline = math.inf

    async def leave(self) -> None:
        """Close, leaving the peer a moment to read what was written last: data that still comes in would void it."""
        self._ended = True
        self._room.leave(self)
        if self._transport is None or self._lost:
            return
        self._deadline = self._loop.time() + _LEAVE_SECONDS
        if self._transport.can_write_eof() and not self._all_sent and not self._transport.is_closing():
            with contextlib.suppress(OSError):  # the peer has just gone
                self._transport.write_eof()
            self._resume()
        else:
            self._transport.close()
        while not self._lost:
            await self._woken()

    def abort(self) -> None:
        """Cut, without waiting for anything."""
        self._ended = True
        self._room.leave(self)
        if self._transport is not None:
            self._transport.abort()

    # -- what the source says -----------------------------------------------------------------------------------

    def stop(self) -> None:
        """Read no more; frames that are whole are still given."""
        self._ended = True
        self._pause()
        self._wake()

    def look_at(self, now: float) -> None:
        """End what has lasted too long: a frame, a silence, a peer that does not read."""
        if now < self._deadline:
            return
        if self._hungry and not self._ended:
            self._ended = True
            self._pause()
            self._wake()
        elif not self._hungry:
            self.abort()

    # -- what the transport says --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        _keep_alive(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._frames.feed(data)
        if not (self._may_grow() if self._hungry else self._frames.size < _READ_AHEAD_BYTES):
            self._pause()
        if self._hungry:
            self._wake()

    def eof_received(self) -> bool:
        """The peer sends no more; it may still read, except over TLS."""
        leaving, self._ended, self._all_sent = self._ended, True, True
        self._wake()
        return not leaving and self._transport is not None and self._transport.can_write_eof()

    def pause_writing(self) -> None:
        self._blocked = True

    def resume_writing(self) -> None:
        self._blocked = False
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = self._ended = True
        self._wake()

    # -- within -------------------------------------------------------------------------------------------------

    def _may_grow(self) -> bool:
        return self._frames.size < LARGE_BYTES or self._room.enter(self, self._wake)

    async def _woken(self) -> None:
        self._waiting = self._loop.create_future()
        await self._waiting

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def _pause(self) -> None:
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def _resume(self) -> None:
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()


def _keep_alive(transport: asyncio.Transport) -> None:
    plug = transport.get_extra_info("socket")
    if plug is None:
        return
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _KEEPALIVE:
        if hasattr(socket, option):
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
