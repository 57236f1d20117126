"""Plain text of what a web page left behind: tags dropped, entities decoded, control characters removed."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_ATTRIBUTES = r"""(?:\s+[\w:-]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))?)*\s*/?"""
_BLOCKS = "br|p|div|tr|table|tbody|thead|ul|ol|li|hr|h[1-6]|pre|html|head|body|title|style|script"
_INLINE = "span|strong|em|font|img|center|sub|small|big|nobr|code|tt|meta|td|th|b|i|u|a"
_SUPERSCRIPT = re.compile(rf"<sup{_ATTRIBUTES}>", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_ATTRIBUTES}>", re.IGNORECASE)
_INLINE_TAG = re.compile(
    rf"""</?(?:{_INLINE}|sup)(?:\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=]+))*\s*/?>""", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Plain:
    """Text fit to be shown and to stand in XML; nothing but markup and control characters is lost."""

    text: str
    """May hold line breaks (`\\n`) where the markup had them."""
    had_markup: bool = False
    had_controls: bool = False


def plain(sent: str) -> Plain:
    """Text without markup: a `<` that opens no HTML tag (`< 0,6`, `si a<b`) is text, and stays.

    A superscript keeps its meaning (`10<sup>9</sup>` is `10^9`), a table cell a blank, a block a line break.
    """
    text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), _without_tags(sent)) if _suspect(sent) else sent
    had_markup = text != sent
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    clean = _CONTROL.sub("", text)
    return Plain(clean, had_markup, clean != text)


def _suspect(sent: str) -> bool:
    return "<" in sent or "&" in sent


def _without_tags(sent: str) -> str:
    text = _SUPERSCRIPT.sub("^", sent)
    text = _CELL.sub(" ", text)
    text = _BLOCK.sub("\n", text)
    text = _INLINE_TAG.sub("", text)
    if "\n" not in text:
        return text
    return re.sub(r"\n{2,}", "\n", text).removesuffix("\n")
