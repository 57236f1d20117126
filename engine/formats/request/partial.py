"""The sound part of a request that has faults, so that everything else that is wrong in it can be told at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

FieldsT = TypeVar("FieldsT", bound=BaseModel)


def sound_part(model: type[FieldsT], raw: Mapping[str, object], where: str = "") -> tuple[FieldsT, frozenset[str]]:
    """The model with every field that can be read, and the places of those that cannot.

    Such a field, or a required one that lacks, is None: look at the places before using it. A model inside, or a list
    of models, keeps its own sound part.
    """
    unsound: set[str] = set()
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        place = f"{where}.{name}" if where else name
        if name in raw:
            values[name] = _value(field.annotation, tuple(field.metadata), raw[name], place, unsound)
        elif field.is_required():
            unsound.add(place)
            values[name] = None
    return model.model_construct(**values), frozenset(unsound)


def _value(annotation: Any, metadata: tuple[Any, ...], raw: object, place: str, unsound: set[str]) -> Any:
    try:
        return _adapter(annotation, metadata).validate_python(raw)
    except ValidationError:
        pass
    inner = _model(annotation)
    if inner is not None and isinstance(raw, dict):
        return _inside(inner, raw, place, unsound)
    items = _item_model(annotation)
    if items is not None and isinstance(raw, list) and all(isinstance(one, dict) for one in raw):
        return tuple(_inside(items, one, f"{place}[{rank}]", unsound) for rank, one in enumerate(raw))
    unsound.add(place)
    return () if items is not None else None


def _inside(model: type[BaseModel], raw: Mapping[str, object], place: str, unsound: set[str]) -> BaseModel:
    made, lost = sound_part(model, raw, place)
    unsound |= lost
    return made


@cache
def _adapter(annotation: Any, metadata: tuple[Any, ...]) -> TypeAdapter[Any]:
    whole: Any = Annotated[annotation, *metadata] if metadata else annotation
    stripped = None if _model(annotation) is not None else ConfigDict(str_strip_whitespace=True)
    return TypeAdapter(whole, config=stripped)


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model a field holds, or may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is tuple:
        return None
    return next((found for found in map(_model, get_args(annotation)) if found is not None), None)


def _item_model(annotation: Any) -> type[BaseModel] | None:
    """The model that a list of a field holds."""
    if get_origin(annotation) is tuple:
        return _model(get_args(annotation)[0])
    return next((found for found in map(_item_model, get_args(annotation)) if found is not None), None)
