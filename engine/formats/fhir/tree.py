"""JSON → the tree as sent: a decimal keeps its digits (`5.60` is not `5.6`), nothing said twice, nothing bottomless."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.findings import Finding
from engine.formats.fhir.rules import finding

_DEPTH = 40
"""Levels of nesting, far more than any resource of ours has."""
_LONGEST_NUMBER = 40
"""Signs of a number written out."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class _TwiceError(ValueError):
    """A name said twice in one object: nobody knows which value was meant."""


def tree(content: bytes) -> tuple[dict[str, Any] | None, tuple[Finding, ...]]:
    """The object sent, its numbers as int or Decimal; or why there is none. Never raises."""
    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError:
        return None, (finding("fhir.not_utf8"),)
    try:
        found = json.loads(
            text, parse_float=_number, parse_int=_whole, parse_constant=_no_number, object_pairs_hook=_once
        )
    except _TwiceError:
        return None, (finding("fhir.json_twice"),)
    except (ValueError, RecursionError, InvalidOperation):
        return None, (finding("fhir.json_invalid"),)
    if not isinstance(found, dict) or not _is_sound(found):
        return None, (finding("fhir.json_invalid"),)
    return found, ()


def _number(text: str) -> Decimal:
    return _short(Decimal(text))


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("too long")
    return int(text)


def _short(number: Decimal) -> Decimal:
    """Written out, it fits: a number is read by people."""
    if abs(number.adjusted()) > _LONGEST_NUMBER or len(number.as_tuple().digits) > _LONGEST_NUMBER:
        raise ValueError("too long")
    return number


def _no_number(_: str) -> Any:
    raise ValueError("not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceError
    return found


def _is_sound(whole: dict[str, Any]) -> bool:
    """No deeper than can be walked, and no half of a character."""
    level: list[Any] = [whole]
    for _ in range(_DEPTH):
        if not level:
            return True
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                if any(_SURROGATE.search(name) for name in one):
                    return False
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and _SURROGATE.search(one):
                return False
        level = below
    return False
