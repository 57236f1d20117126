"""`passeur messages show`: a message as a person reads it, each finding beside the field it is about.

What comes from a message is never markup, and no sign of it commands the terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from engine.errors import DocumentError
from engine.formats.hl7v2.shown import ShownField, ShownMessage, ShownPart, ShownSegment, octets, shown
from engine.formats.hl7v2.sniff import recognised

Finding = Mapping[str, Any]
"""As the API gives it."""

_STYLES = {"error": ("erreur", "red"), "warning": ("avertissement", "yellow"), "info": ("info", "cyan")}
_PLAIN = frozenset({"code", "identifiant", "mode", "nom", "numéro", "type", "version"})
"""First components whose name says no more than that of their field."""
_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of what follows: a text could be read as another one."""


class Read:
    """The content of a message and what was found in it."""

    def __init__(self, message: ShownMessage, findings: Sequence[Finding]) -> None:
        self.message = message
        self._findings = findings

    def of(self, part: ShownSegment | ShownField) -> list[Finding]:
        return [self._findings[rank] for rank in part.about]


def read(content: bytes, detail: Mapping[str, Any]) -> Read | None:
    """None for another syntax than HL7v2, and for a message that cannot be read."""
    if not recognised(content):
        return None
    documents = (one for row in detail["documents"] for one in row["findings"])
    findings = [*detail["message"]["findings"], *documents]
    try:
        return Read(shown(content, [one["source"] or one["where"] for one in findings]), findings)
    except DocumentError:
        return None


def data(found: Read) -> dict[str, Any]:
    """The same for a program. Any: JSON."""
    message = found.message
    segments = [
        {
            "path": one.path,
            "title": one.title,
            "findings": found.of(one),
            "fields": [_field_data(field, found) for field in one.fields],
        }
        for one in message.segments
    ]
    return {"syntax": "hl7v2", "charset": message.charset, "octets": message.size, "segments": segments}


def _field_data(field: ShownField, found: Read) -> dict[str, Any]:
    repetitions = [
        [{"component": one.number, "title": one.title, "texts": one.texts, "meaning": one.meaning} for one in parts]
        for parts in field.repetitions
    ]
    told = {"content": field.content} if field.content else {"repetitions": repetitions}
    return {"path": field.path, "title": field.title, **told, "findings": found.of(field)}


def rendered(found: Read) -> Iterator[Table | Text]:
    """One title and one table for each segment, in their order."""
    message = found.message
    yield Text(f"Message HL7v2, {octets(message.size)}, {len(message.segments)} segments, lu en {message.charset}")
    for segment in message.segments:
        yield Text()
        yield Text.assemble(
            (printable(segment.path), "bold cyan"), "  ", (segment.title or "segment non décrit", "bold")
        )
        for finding in found.of(segment):
            yield Text("  ") + _said(finding)
        yield _table(segment.fields, found)


def _table(fields: Iterable[ShownField], found: Read) -> Table:
    table = Table.grid(padding=(0, 2), pad_edge=False)
    table.add_column(justify="right", min_width=4, no_wrap=True)
    table.add_column(max_width=32, overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    for field in fields:
        number = field.path.rpartition("-")[2]
        lines = [Text(printable(field.content), "magenta")] if field.content else _values(field)
        lines += [_said(one) for one in found.of(field)]
        table.add_row(Text(number, "dim"), Text(field.title or f"champ {number}"), Text("\n").join(lines))
    return table


def _values(field: ShownField) -> list[Text]:
    """A line for each repetition."""
    filled = [parts for parts in field.repetitions if parts]
    if not filled:
        return [Text("(absent)", "dim")]
    if len(filled) == 1:
        return [_repetition(filled[0])]
    return [Text("– ") + _repetition(parts) for parts in filled]


def _repetition(parts: Iterable[ShownPart]) -> Text:
    return Text(" · ", "dim").join(_part(one) for one in parts)


def _part(one: ShownPart) -> Text:
    value = Text(" & ".join(printable(text) for text in one.texts if text))
    title = "" if one.number == 1 and one.title in _PLAIN else one.title
    before = Text(f"{title} : ", "dim") if title else Text()
    return before + value + Text(f" ({one.meaning})" if one.meaning else "", "green")


def _said(finding: Finding) -> Text:
    word, style = _STYLES[finding["severity"]]
    told = " ".join(one for one in (finding["message"], finding["remedy"]) if one)
    return Text.assemble((f"► {word} : ", style), printable(told), (f" ({finding['code']})", "dim"))


def printable(text: str) -> str:
    """The text with every sign that commands a terminal, or hides another one, made visible; line ends are kept."""
    return "".join(_visible(sign) for sign in text.replace("\r\n", "\n").replace("\r", "\n"))


def raw(content: bytes) -> str:
    """The message as sent, for a terminal: a line each segment, and no sign that commands it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return printable(text)


def _visible(sign: str) -> str:
    if sign == "\n" or (unicodedata.category(sign) != "Cc" and sign not in _MARKS):
        return sign
    if sign == "\t":
        return "    "
    code = ord(sign)
    return chr(0x2400 + code) if code < 0x20 else f"‹{code:04X}›"
