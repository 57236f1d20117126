"""What a scanner types and what then appears: the faults of real posts, by their own tables.

Written from the keys of the two keyboards, apart from the tables of the engine.
"""

from __future__ import annotations

US = {
    "1": "1!", "2": "2@", "3": "3#", "4": "4$", "5": "5%", "6": "6^", "7": "7&", "8": "8*", "9": "9(", "0": "0)",
    "-": "-_", "=": "=+", "q": "qQ", "w": "wW", "e": "eE", "r": "rR", "t": "tT", "y": "yY", "u": "uU", "i": "iI",
    "o": "oO", "p": "pP", "]": "]}", "a": "aA", "s": "sS", "d": "dD", "f": "fF", "g": "gG", "h": "hH", "j": "jJ",
    "k": "kK", "l": "lL", ";": ";:", "'": "'\"", "z": "zZ", "x": "xX", "c": "cC", "v": "vV", "b": "bB", "n": "nN",
    "m": "mM", ",": ",<", ".": ".>", "/": "/?", " ": "  ",
}  # fmt: skip
"""Key → what it gives alone and with Shift, on an American keyboard."""
FR = {
    "1": "&1", "2": "é2", "3": "\"3", "4": "'4", "5": "(5", "6": "-6", "7": "è7", "8": "_8", "9": "ç9", "0": "à0",
    "-": ")°", "=": "=+", "q": "aA", "w": "zZ", "e": "eE", "r": "rR", "t": "tT", "y": "yY", "u": "uU", "i": "iI",
    "o": "oO", "p": "pP", "]": "$£", "a": "qQ", "s": "sS", "d": "dD", "f": "fF", "g": "gG", "h": "hH", "j": "jJ",
    "k": "kK", "l": "lL", ";": "mM", "'": "ù%", "z": "wW", "x": "xX", "c": "cC", "v": "vV", "b": "bB", "n": "nN",
    "m": ",?", ",": ";.", ".": ":/", "/": "!§", " ": "  ",
}  # fmt: skip
"""The same keys, named by their American sign, on a French one."""

KEYBOARDS = {"qwerty": US, "azerty": FR}


def appears(text: str, scanner: str, post: str, *, caps_lock: bool = False) -> str:
    """What is seen on a post when a scanner set for another keyboard types a text; signs without a key pass."""
    pressed = {sign: (key, shift) for key, both in KEYBOARDS[scanner].items() for shift, sign in enumerate(both)}
    shown = []
    for sign in text:
        if sign not in pressed:
            shown.append(sign)
            continue
        key, shift = pressed[sign]
        both = KEYBOARDS[post][key]
        inverted = caps_lock and (post == "azerty" or both[0].isalpha())
        shown.append(both[1 - shift if inverted else shift])
    return "".join(shown)


FAULTS = [
    ("qwerty", "azerty", False),
    ("qwerty", "azerty", True),
    ("azerty", "qwerty", False),
    ("azerty", "qwerty", True),
    ("azerty", "azerty", True),
    ("qwerty", "qwerty", True),
]
