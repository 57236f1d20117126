"""Bytes → message: tokens, the laboratory that sent them, the characters, the tree. Raises nothing on purpose."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from engine.context import Context
from engine.errors import DocumentError
from engine.formats.hprim.encodings import decode
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.segments import Segment
from engine.formats.hprim.sante.tokens import Delimiters, RawSegment, Tokens, delimiters, parse
from engine.formats.hprim.sante.tokens import header as find_header
from engine.formats.hprim.sante.view.header import Header, end_findings, header, header_findings
from engine.formats.hprim.sante.view.hierarchy import Message, message
from engine.model.directory import Laboratory

_NARROW_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TOO_FEW = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """A message that could be split, whatever is wrong with it."""

    header: Header
    message: Message
    laboratory: Laboratory | None
    """Who sent it, by 7.5.1; None when nobody is known by it."""
    segments: tuple[Segment, ...]


def reading(content: bytes, context: Context, remarks: Remarks, known: str = "") -> Reading | None:
    """Everything that can be read; None, with a finding that refuses, when the message cannot even be split.

    `known` is what the source knows of the sender, for a message whose 7.5.1 names nobody.
    `remarks.laboratory` is set as soon as the sender is known, for its policy to hold.
    """
    content = narrowed(content)
    if not content.strip(b"\x00\t\r\n\x0b\x0c\x1a \xef\xbb\xbf"):
        remarks.add("hprim.empty")
        return None
    try:
        tokens, laboratory = _tokens(content, context, remarks, known)
    except DocumentError as error:
        remarks.add(error.code, count=_declared(content))
        return None
    remarks.laboratory = laboratory
    segments = _segments(tokens, laboratory, remarks)
    if segments is None:
        remarks.add("hprim.unreadable_encoding")
        return None
    _prefix_finding(tokens, remarks)
    read = header(segments[0])
    tree = message(segments, remarks)
    header_findings(segments[0], read, remarks)
    end_findings(tree, segments, sum(1 for line in tokens.lines if line.content.strip()), remarks)
    return Reading(read, tree, laboratory, segments)


def narrowed(content: bytes) -> bytes:
    """UTF-16 rewritten in UTF-8, for separators to be one byte; anything else as it is."""
    wide = content.startswith(_NARROW_MARKS) or (content[:1] == b"H" and content[1:2] == b"\0")
    if not wide:
        return content
    return codecs.BOM_UTF8 + decode(content).text.encode("utf-8", "replace")


def _declared(content: bytes) -> int:
    try:
        return len(find_header(content).declared)
    except DocumentError:
        return 0


def _tokens(content: bytes, context: Context, remarks: Remarks, known: str) -> tuple[Tokens, Laboratory | None]:
    """Five separators by position; fewer: the profile of the one laboratory that 7.5.1 then names."""
    declared = find_header(content).declared
    if len(declared) >= _TOO_FEW:
        tokens = parse(content)
        if len(declared) > _TOO_FEW:
            remarks.add("hprim.delimiters_extra")
        return tokens, _laboratory(_sender(tokens), known, context)
    for laboratory in context.laboratories:
        if laboratory.delimiters is None or laboratory.delimiters[:1] != declared[:1]:
            continue
        delimiters(laboratory.delimiters)
        tokens = parse(content, laboratory.delimiters)
        if _laboratory(_sender(tokens), known, context) is laboratory:
            remarks.add("hprim.delimiters_profile")
            return tokens, laboratory
    delimiters(declared)
    raise AssertionError("fewer than five separators are never enough")


def _laboratory(code: str, known: str, context: Context) -> Laboratory | None:
    """By 7.5.1, else by what the source knows, else the laboratory the source serves."""
    for said in (code, known):
        found = [one for one in context.laboratories if said and said in one.sender_codes]
        if found:
            return found[0]
    return context.laboratory(known or code)


def _sender(tokens: Tokens) -> str:
    """7.5.1 before the characters are known: a code is plain ASCII."""
    return _segment(tokens.segments[0], tokens.segments[0].content.decode("latin-1"), 1, tokens.delimiters).get(5)


def _segments(tokens: Tokens, laboratory: Laboratory | None, remarks: Remarks) -> tuple[Segment, ...] | None:
    """Segments as text: glued first, for a cut may fall inside a character. None when the characters do not hold."""
    mark = codecs.BOM_UTF8 if tokens.prefix.endswith(codecs.BOM_UTF8) else b""
    glued = mark + b"\r".join(one.content.replace(b"\x00", b"") for one in tokens.segments)
    decoded = decode(glued, laboratory.encoding if laboratory is not None else None)
    texts = decoded.text.split("\r")
    if len(texts) != len(tokens.segments):
        return None
    if decoded.guessed and not decoded.repaired:
        remarks.add("hprim.encoding_guessed", encoding=decoded.encoding)
    if decoded.repaired:
        remarks.add("hprim.encoding_repaired")
    if decoded.lossy:
        remarks.add("hprim.encoding_unsure")
    numbers: dict[str, int] = {}
    segments = []
    for raw, text in zip(tokens.segments, texts, strict=True):
        numbers[raw.name] = numbers.get(raw.name, 0) + 1
        segments.append(_segment(raw, text, numbers[raw.name], tokens.delimiters))
    odd = next((one for one in segments if one.has_controls), None)
    if odd is not None or b"\x00" in b"".join(line.content for line in tokens.lines):
        remarks.add("hprim.control_characters", odd)
    return tuple(segments)


def _segment(raw: RawSegment, text: str, number: int, signs: Delimiters) -> Segment:
    return Segment(raw.name, number, raw.line, text, signs)


def _prefix_finding(tokens: Tokens, remarks: Remarks) -> None:
    junk = tokens.prefix.removesuffix(codecs.BOM_UTF8).strip(b"\x00\t\r\n\x0b\x0c\x1a ")
    if junk:
        remarks.add("hprim.text_before_header", count=len(junk))
