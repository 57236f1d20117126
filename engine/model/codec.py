"""Canonical JSON of the model's values: what the store keeps of a document, and what its content hash is taken of.

One value has one text: keys sorted, no spaces, ASCII. A Decimal is a string with its digits as sent, bytes are base64,
a Timestamp is its digits, a member of a union carries its class name under `$type`. A field that may be absent and is
(None, no element) is not written; a field that must be said is written, `null` included. Every other field is written
even when it has its default value, so that a default changed later never changes what was kept.

The annotations of the dataclasses drive everything; they are read once per class.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import types
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Any, TypeVar, Union, get_args, get_origin, overload

from engine.model.annotations import element, members, parts
from engine.model.values import Timestamp

T = TypeVar("T")
TAG = "$type"
"""Key that names the class of a union's member, and of a value written on its own."""

_Step = Callable[[Any], Any]
_BASE64 = partial(base64.b64decode, validate=True)


def to_json(value: object) -> str:
    """The one text of a value: a dataclass of the model or of the findings, or a tuple or mapping of them.

    Raises TypeError when a field does not hold what its annotation says, ValueError on a Decimal that is no number.
    """
    return json.dumps(_open(value), separators=(",", ":"), sort_keys=True)


@overload
def from_json(cls: type[T], text: str) -> T: ...
@overload
def from_json(cls: Any, text: str) -> Any: ...
def from_json(cls: Any, text: str) -> Any:
    """The value a text was made of; `cls` may be a dataclass, a union of them, or `tuple[…, ...]`.

    Raises ValueError, without any of the content, when the text does not hold one; an unknown field is refused too,
    for it was written by a version that knew more.
    """
    try:
        tree = json.loads(text)
    except ValueError:
        raise ValueError("not JSON") from None
    return _reader(cls)(tree)


def content_hash(value: object) -> str:
    """SHA-256, in hexadecimal, of the canonical text: equal for equal content, digits as sent included."""
    return hashlib.sha256(to_json(value).encode("ascii")).hexdigest()


def _open(value: Any) -> Any:
    """A value of which no annotation says the class."""
    if isinstance(value, tuple):
        return [_open(item) for item in value]
    if isinstance(value, Mapping):
        return {_checked(str, key): _open(item) for key, item in value.items()}
    return _tagged(value)


def _tagged(value: Any) -> Any:
    cls: Any = type(value)
    tree = _writer(cls)(value)
    return {TAG: cls.__name__, **tree} if isinstance(tree, dict) else tree


# -- writing --------------------------------------------------------------------------------------------------------


@cache
def _writer(hint: Any) -> _Step:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_writer(args)
    if origin is tuple:
        return _tuple_writer(args)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping_writer(args)
    if hint is Timestamp:
        return lambda value: _checked(Timestamp, value).value
    if dataclasses.is_dataclass(hint):
        return _dataclass_writer(hint)
    return _atom_writer(hint)


def _atom_writer(hint: Any) -> _Step:
    if hint is str or hint is bool:
        return lambda value: value if type(value) is hint else _checked(hint, value)
    if hint is int:
        return lambda value: value if type(value) is int else _refuse(hint, value)
    if hint is Decimal:
        return _number
    if hint is bytes:
        return lambda value: base64.b64encode(_checked(bytes, value)).decode("ascii")
    if hint is datetime:
        return _instant
    if hint is date:
        return lambda value: value.isoformat() if type(value) is date else _refuse(date, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: _checked(hint, value).value
    raise TypeError(f"{hint!r} has no canonical text")


def _number(value: Any) -> str:
    if not _checked(Decimal, value).is_finite():
        raise ValueError("not a finite number")
    return str(value)


def _instant(value: Any) -> str:
    if _checked(datetime, value).tzinfo is None:
        raise ValueError("naive datetime")
    return str(value.isoformat())


def _union_writer(args: tuple[Any, ...]) -> _Step:
    named = members(args)
    if len(named) == 1:
        write = _writer(named[0])
        return lambda value: None if value is None else write(value)
    optional, classes = len(named) < len(args), named
    return lambda value: None if value is None and optional else _tagged(_checked(classes, value))


def _tuple_writer(args: tuple[Any, ...]) -> _Step:
    write = _writer(element(args))
    return lambda value: [write(item) for item in _checked(tuple, value)]


def _mapping_writer(args: tuple[Any, ...]) -> _Step:
    write = _writer(args[1])
    return lambda value: {_checked(str, key): write(item) for key, item in _checked(Mapping, value).items()}


def _dataclass_writer(cls: Any) -> _Step:
    fields = tuple((part.name, part.nothing, _writer(part.hint)) for part in parts(cls))

    def write(value: Any) -> dict[str, Any]:
        _checked(cls, value)
        tree = {}
        for name, nothing, step in fields:
            item = getattr(value, name)
            if item is nothing or item == nothing:
                continue
            tree[name] = step(item)
        return tree

    return write


# -- reading --------------------------------------------------------------------------------------------------------


@cache
def _reader(hint: Any) -> _Step:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_reader(args)
    if origin is tuple:
        return _tuple_reader(args)
    if origin is not None and issubclass(origin, Mapping):
        read = _reader(args[1])
        return lambda tree: {key: read(item) for key, item in _expected(dict, tree).items()}
    if hint is Timestamp:
        return lambda tree: _read(_timestamp, tree, "Timestamp")
    if dataclasses.is_dataclass(hint):
        return _dataclass_reader(hint)
    return _atom_reader(hint)


def _atom_reader(hint: Any) -> _Step:
    if hint in (str, bool, int):
        return lambda tree: tree if type(tree) is hint else _expected(hint, tree)
    if hint is Decimal:
        return lambda tree: _read(Decimal, tree, "number")
    if hint is bytes:
        return lambda tree: _read(_BASE64, tree, "base64")
    if hint is datetime or hint is date:
        return lambda tree: _read(hint.fromisoformat, tree, hint.__name__)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda tree: _read(hint, tree, hint.__name__)
    raise TypeError(f"{hint!r} has no canonical text")


@lru_cache(maxsize=4096)
def _timestamp(text: str) -> Timestamp:
    return Timestamp(text)


def _read(step: _Step, tree: Any, what: str) -> Any:
    """Of a text, without any of it in the error."""
    try:
        return step(_expected(str, tree))
    except (ValueError, InvalidOperation):
        raise ValueError(f"not a {what}") from None


def _union_reader(args: tuple[Any, ...]) -> _Step:
    named = members(args)
    optional = len(named) < len(args)
    if len(named) == 1:
        read = _reader(named[0])
        return lambda tree: None if tree is None else read(tree)
    by_tag = {member.__name__: _reader(member) for member in named}

    def read_member(tree: Any) -> Any:
        if tree is None and optional:
            return None
        member = by_tag.get(_expected(dict, tree).get(TAG))
        if member is None:
            raise ValueError(f"none of {', '.join(sorted(by_tag))}")
        return member(tree)

    return read_member


def _tuple_reader(args: tuple[Any, ...]) -> _Step:
    read = _reader(element(args))
    return lambda tree: tuple([read(item) for item in _expected(list, tree)])


def _dataclass_reader(cls: Any) -> _Step:
    steps = {part.name: _reader(part.hint) for part in parts(cls)}
    needed = {part.name for part in parts(cls) if part.needed}

    def read(tree: Any) -> Any:
        if _expected(dict, tree).get(TAG, cls.__name__) != cls.__name__:
            raise ValueError(f"not a {cls.__name__}")
        values = {}
        for name, item in tree.items():
            step = steps.get(name)
            if step is not None:
                values[name] = step(item)
            elif name != TAG:
                raise ValueError(f"{cls.__name__} has an unknown field")
        if not needed <= values.keys():
            raise ValueError(f"{cls.__name__} lacks {', '.join(sorted(needed - values.keys()))}")
        return cls(**values)

    return read


def _checked(cls: Any, value: Any) -> Any:
    return value if isinstance(value, cls) else _refuse(cls, value)


def _refuse(cls: Any, value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} where {getattr(cls, '__name__', 'a member of the union')} is due")


def _expected(cls: type[Any], tree: Any) -> Any:
    if type(tree) is not cls:
        raise ValueError(f"not a {cls.__name__}")
    return tree
