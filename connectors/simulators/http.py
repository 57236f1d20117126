"""HTTP/1.1 on asyncio streams, by hand: the server must be able to cut a connection at any byte."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

_MAX_HEAD = 64 * 1024


class BadRequest(Exception):
    """The bytes are not HTTP/1.1, or are too many; the connection is closed after the answer."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """Request line and headers; names in lower case, values of a repeated header joined by a comma."""

    method: str
    target: str
    headers: dict[str, str]

    @property
    def keeps_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def encode(self, *, close: bool = False) -> bytes:
        """The bytes to send."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append("Connection: close" if close else "Connection: keep-alive")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + self.body


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """The next request line and headers; None when the caller has closed."""
    try:
        block = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequest(HTTPStatus.BAD_REQUEST) from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE) from error
    if len(block) > _MAX_HEAD:
        raise BadRequest(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
    first, *lines = block.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or words[2] != "HTTP/1.1":
        raise BadRequest(HTTPStatus.BAD_REQUEST)
    return Head(words[0], words[1], _headers(lines))


async def read_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: Head, limit: int) -> bytes:
    """The whole body, by Content-Length or in chunks."""
    if head.headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
    try:
        if head.headers.get("transfer-encoding", "").lower() == "chunked":
            return await _chunks(reader, limit)
        length = head.headers.get("content-length", "0")
        if not length.isdecimal():
            raise BadRequest(HTTPStatus.BAD_REQUEST)
        if int(length) > limit:
            raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return await reader.readexactly(int(length))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise BadRequest(HTTPStatus.BAD_REQUEST) from error


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise BadRequest(HTTPStatus.BAD_REQUEST)
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _chunks(reader: asyncio.StreamReader, limit: int) -> bytes:
    body = bytearray()
    while True:
        line = (await reader.readuntil(b"\r\n")).partition(b";")[0].strip()
        try:
            size = int(line, 16)
        except ValueError as error:
            raise BadRequest(HTTPStatus.BAD_REQUEST) from error
        if len(body) + size > limit:
            raise BadRequest(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if size == 0:
            break
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise BadRequest(HTTPStatus.BAD_REQUEST)
    while await reader.readuntil(b"\r\n") != b"\r\n":
        pass
    return bytes(body)
