"""What the annotations of the model's dataclasses say of their fields, read once per class, for the codec."""

from __future__ import annotations

import dataclasses
import types
from functools import cache
from typing import Any, get_type_hints

_SAID = object()


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """One field of a dataclass."""

    name: str
    hint: Any
    nothing: Any
    """The default that says that there is nothing (None, no element), or what equals no value."""
    needed: bool
    """It has no default: a value must be given."""


@cache
def parts(cls: Any) -> tuple[Part, ...]:
    """The fields of a dataclass, sorted by name."""
    hints = get_type_hints(cls)
    missing = dataclasses.MISSING
    return tuple(
        Part(
            name=field.name,
            hint=hints[field.name],
            nothing=_nothing(field),
            needed=field.default is missing and field.default_factory is missing,
        )
        for field in sorted(dataclasses.fields(cls), key=lambda field: field.name)
    )


def members(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Of a union, None apart; only dataclasses can be told from one another. Raises TypeError on another union."""
    named = tuple(hint for hint in args if hint is not types.NoneType)
    if len(named) > 1 and not all(dataclasses.is_dataclass(hint) for hint in named):
        raise TypeError("a union of other things than dataclasses has no canonical text")
    return named


def element(args: tuple[Any, ...]) -> Any:
    """Of `tuple[X, ...]`: X. Raises TypeError on a tuple of another shape."""
    if len(args) != 2 or args[1] is not Ellipsis:
        raise TypeError("only tuple[X, ...] has a canonical text")
    return args[0]


def _nothing(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is dict:
        return {}
    return field.default if field.default is None or field.default == () else _SAID
