"""Writes messages: values in, ER7 bytes out, each segment ended by CR."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from engine.errors import DocumentError
from engine.formats.hl7v2.charset import UTF_8, writable
from engine.formats.hl7v2.separators import DEFAULT, Separators, escaped

NULL: Final = '""'
"""The explicit null: the sender asks that the value be erased. A value equal to it is never shown nor stored."""

Leaf: TypeAlias = str | bytes | None
"""Text is escaped; bytes are written as they are (base64, values already escaped); None and "" write nothing."""
Parts: TypeAlias = tuple["Leaf | tuple[Leaf, ...]", ...]
"""Components of a field; a tuple among them holds sub-components."""
Value: TypeAlias = "Leaf | Parts | list[Leaf | Parts]"
"""A field; a list holds its repetitions."""


def build(segments: Iterable[Sequence[Value]], *, separators: Separators = DEFAULT, charset: str = UTF_8) -> bytes:
    """A message. Each segment is its name, then its fields from 1; MSH from MSH-3, its separators being written here.

    `charset` is Python's name; MSH-18 is the caller's to fill (`charset.table_0211`).
    Raises DocumentError when a value has a sign the character set has not, ValueError for bytes with a line end.
    """
    return b"".join(_segment(list(one), separators, charset) for one in segments)


def _segment(values: list[Value], separators: Separators, charset: str) -> bytes:
    name, *fields = values
    written = [str(name).encode("ascii"), *(_field(one, separators, charset) for one in fields)]
    if name == "MSH":
        written.insert(1, separators.encoding.encode(charset))
    while not written[-1]:
        written.pop()
    return separators.field.encode(charset).join(written) + b"\r"


def _field(value: Value, separators: Separators, charset: str) -> bytes:
    if isinstance(value, list):
        return separators.repetition.encode(charset).join(_parts(one, separators, charset) for one in value)
    return _parts(value, separators, charset)


def _parts(value: Leaf | Parts, separators: Separators, charset: str) -> bytes:
    if isinstance(value, tuple):
        return separators.component.encode(charset).join(_component(one, separators, charset) for one in value)
    return _leaf(value, separators, charset)


def _component(value: Leaf | tuple[Leaf, ...], separators: Separators, charset: str) -> bytes:
    if isinstance(value, tuple):
        return separators.sub.encode(charset).join(_leaf(one, separators, charset) for one in value)
    return _leaf(value, separators, charset)


def _leaf(value: Leaf, separators: Separators, charset: str) -> bytes:
    if value is None or isinstance(value, bytes):
        if value and (b"\r" in value or b"\n" in value):
            raise ValueError("a line end in bytes that are written as they are")
        return value or b""
    if value == NULL:
        return NULL.encode(charset)
    try:
        return escaped(writable(value, charset), separators).encode(charset)
    except ValueError as error:
        raise DocumentError(
            "hl7v2.unencodable", "un caractère n'existe pas dans le jeu de caractères demandé"
        ) from error
