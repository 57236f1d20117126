"""The INS datamatrix as blocks: one reading → tokens and raw values. What the values mean is in `ins_datamatrix`.

No value of an INS field can hold an S followed by a digit, so a block ends where the next begins, even where a scanner
lost the separator between them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.findings import Finding
from engine.identity.datamatrix import FIELDS, GS, VERSION, InsField
from engine.scan.reading import Reading, Token, TokenKind
from engine.scan.rules import finding

_HEAD = re.compile(r"IS([0-9]{2})([A-Z0-9]{0,40}?)(?=S[1-7])")
_FURTHEST_HEAD = 16
"""Signs that a scanner may be set to add before the head."""
_RESERVED = 22
_NEXT = re.compile(rf"{GS}|S(?=[0-9])")
_BY_ID = {field.id: field for field in FIELDS}


@dataclass(frozen=True, slots=True)
class InsBlocks:
    """What stands in one reading."""

    reading: Reading
    recognised: bool
    """The head is that of an INS datamatrix, of a version known here, and whole."""
    tokens: tuple[Token, ...]
    values: tuple[tuple[InsField, str], ...]
    """In their order, padding aside; not yet judged."""
    findings: tuple[Finding, ...]


def ins_blocks(reading: Reading) -> InsBlocks:
    """Tokens, values and every remark about the form of the whole."""
    head = _HEAD.search(reading.text, reading.start, reading.end)
    if head is None or head.start() - reading.start > _FURTHEST_HEAD:
        token = reading.token(TokenKind.UNREAD, 0, len(reading.text))
        return InsBlocks(reading, False, (token,), (), (finding("scan.not_ins"),))
    findings = _head_findings(head)
    recognised = not findings
    if head.start() > reading.start:
        findings.append(finding("scan.prefix"))
    if head.group(2).strip("0") and recognised:
        findings.append(finding("scan.ins_reserved"))
    tokens = [
        _part(reading, TokenKind.AROUND, 0, head.start()),
        reading.token(TokenKind.HEAD, head.start(), head.end()),
    ]
    body = _Body(reading, head.end())
    body.read()
    tokens += [*body.tokens, _part(reading, TokenKind.AROUND, body.at, len(reading.text))]
    kept = tuple(token for token in tokens if token is not None)
    return InsBlocks(reading, recognised, kept, tuple(body.values), (*findings, *body.remarks()))


def _head_findings(head: re.Match[str]) -> list[Finding]:
    if len(head.group(2)) != _RESERVED:
        return [finding("scan.ins_head")]
    return [] if head.group(1) == VERSION else [finding("scan.ins_version")]


def _part(reading: Reading, kind: TokenKind, start: int, end: int) -> Token | None:
    return reading.token(kind, start, end) if end > start else None


class _Body:
    """Walk over the blocks after the head, each sign taken once."""

    def __init__(self, reading: Reading, at: int) -> None:
        self.reading = reading
        self.at = at
        self.tokens: list[Token] = []
        self.values: list[tuple[InsField, str]] = []
        self._codes: dict[str, None] = {}

    def read(self) -> None:
        while self.at < self.reading.end:
            field = _BY_ID.get(self.reading.text[self.at : self.at + 2])
            if self.reading.text[self.at] == GS:
                self._codes["scan.extra_separator"] = None
                self._take(TokenKind.SEPARATOR, self.at + 1)
            elif field is None:
                self._codes["scan.ins_unknown_block"] = None
                self._take(TokenKind.UNREAD, self._next(self.at + 1))
            else:
                self._block(field)

    def remarks(self) -> tuple[Finding, ...]:
        return tuple(finding(code) for code in self._codes)

    def _block(self, field: InsField) -> None:
        self._take(TokenKind.IDENTIFIER, self.at + 2)
        value = self._take(TokenKind.VALUE, self._next(self.at))
        plain = value.rstrip(" ")
        if plain != value:
            self._codes["scan.padding"] = None
        self.values.append((field, plain))
        if self.at >= self.reading.end:
            return
        if self.reading.text[self.at] == GS:
            if field.fixed:
                self._codes["scan.extra_separator"] = None
            self._take(TokenKind.SEPARATOR, self.at + 1)
        elif len(value) < field.longest:
            self._codes["scan.separators_lost"] = None

    def _next(self, start: int) -> int:
        found = _NEXT.search(self.reading.text, start, self.reading.end)
        return found.start() if found else self.reading.end

    def _take(self, kind: TokenKind, end: int) -> str:
        end = min(end, self.reading.end)
        token = self.reading.token(kind, self.at, end)
        self.at = end
        if token.raw:
            self.tokens.append(token)
        return token.read
