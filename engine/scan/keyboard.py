"""Keyboards between a scanner and a screen: a scanner types, and what appears depends on two settings that may differ.

A scanner in keyboard mode presses keys; the post turns keys into signs by its own layout. A layout that differs on the
two sides, or Caps Lock, changes the signs one by one: the change can be undone, and tells what is set wrong.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_QWERTY = "1234567890-=qwertyuiop[]asdfghjkl;'\\zxcvbnm,./"
_QWERTY_SHIFTED = '!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"|ZXCVBNM<>?'
_AZERTY = "&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*wxcvbn,;:!"
_AZERTY_SHIFTED = "1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µWXCVBN?./§"


_NO_SIGN = "\ufffd"
"""What stands for a letter under marks that no keyboard types."""


class Layout(StrEnum):
    """How a text was typed. The first is the only sound one."""

    AS_TYPED = "as_typed"
    CAPS_LOCK = "caps_lock"
    """Caps Lock was on: letters changed case."""
    QWERTY_TO_AZERTY = "qwerty_to_azerty"
    """The scanner types for a QWERTY post, the post is AZERTY: 1 appears as &, A as Q."""
    QWERTY_TO_AZERTY_CAPS = "qwerty_to_azerty_caps"
    AZERTY_TO_QWERTY = "azerty_to_qwerty"
    """The scanner types for an AZERTY post, the post is QWERTY: 1 appears as !, A as Q."""
    AZERTY_TO_QWERTY_CAPS = "azerty_to_qwerty_caps"
    AZERTY_CAPS = "azerty_caps"
    """Both AZERTY, Caps Lock on: 1 appears as &, A as a."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a reading: what was typed, and what it stands for (always one sign)."""

    raw: str
    read: str


def signs(text: str, layout: Layout) -> tuple[Sign, ...]:
    """The text sign by sign, read by a layout; the `raw` of all of them, joined, is the text."""
    table = _TABLES[layout]
    groups: list[str] = []
    for sign in text:
        if groups and unicodedata.combining(sign):
            groups[-1] += sign
        else:
            groups.append(sign)
    read = [unicodedata.normalize("NFC", group) for group in groups]
    return tuple(
        Sign(raw, table.get(one, one if len(one) == 1 else _NO_SIGN)) for raw, one in zip(groups, read, strict=True)
    )


def _keys(seen: str, seen_shifted: str, meant: str, meant_shifted: str) -> Mapping[str, str]:
    """Sign that appears → sign that was meant, key by key."""
    return dict(zip(seen + seen_shifted, meant + meant_shifted, strict=True))


def _with_caps_on_qwerty(table: Mapping[str, str]) -> Mapping[str, str]:
    """On a QWERTY post Caps Lock changes letters only."""
    return {(sign.swapcase() if sign.isascii() else sign): meant for sign, meant in table.items()}


_AZERTY_MEANT = _keys(_QWERTY, _QWERTY_SHIFTED, _AZERTY, _AZERTY_SHIFTED)
_SIGNS = _QWERTY + _QWERTY_SHIFTED
_TABLES: Mapping[Layout, Mapping[str, str]] = {
    Layout.AS_TYPED: {},
    Layout.CAPS_LOCK: {sign: sign.swapcase() for sign in _SIGNS if sign.isalpha()},
    Layout.QWERTY_TO_AZERTY: _keys(_AZERTY, _AZERTY_SHIFTED, _QWERTY, _QWERTY_SHIFTED),
    Layout.QWERTY_TO_AZERTY_CAPS: _keys(_AZERTY_SHIFTED, _AZERTY, _QWERTY, _QWERTY_SHIFTED),
    Layout.AZERTY_TO_QWERTY: _AZERTY_MEANT,
    Layout.AZERTY_TO_QWERTY_CAPS: _with_caps_on_qwerty(_AZERTY_MEANT),
    Layout.AZERTY_CAPS: _keys(_AZERTY_SHIFTED, _AZERTY, _AZERTY, _AZERTY_SHIFTED),
}
