"""Problems of routes.yaml, in plain French: where, what, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One line of `passeur check`."""

    file: str
    line: int
    column: int
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        told = f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{told} — {self.suggestion}" if self.suggestion else told


def nearest(word: str, among: Iterable[str]) -> str:
    """« vouliez-vous dire … ? », or the choices when nothing is near."""
    choices = sorted(among)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"vouliez-vous dire « {close[0]} » ?"
    return "choix possibles : " + ", ".join(choices) if choices else ""


_PLAIN = {
    "int_parsing": "un nombre entier est attendu",
    "int_type": "un nombre entier est attendu",
    "int_from_float": "un nombre entier est attendu",
    "float_parsing": "un nombre est attendu",
    "float_type": "un nombre est attendu",
    "bool_parsing": "true ou false est attendu",
    "bool_type": "true ou false est attendu",
    "string_type": "un texte est attendu",
    "dict_type": "un groupe d'options est attendu",
    "model_type": "un groupe d'options est attendu",
    "model_attributes_type": "un groupe d'options est attendu",
    "tuple_type": "une liste est attendue",
    "list_type": "une liste est attendue",
    "path_type": "un chemin est attendu",
    "url_parsing": "une adresse (URL) est attendue",
    "url_type": "une adresse (URL) est attendue",
}
_BOUNDED = {
    "greater_than": ("gt", "doit être supérieur à"),
    "greater_than_equal": ("ge", "doit être au moins"),
    "less_than": ("lt", "doit être inférieur à"),
    "less_than_equal": ("le", "doit être au plus"),
}


def told(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """(message, suggestion) of one pydantic error."""
    kind, context = error["type"], error.get("ctx", {})
    name = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return f"option inconnue « {name} »", nearest(name, options(model, error["loc"][:-1]))
    if kind == "missing":
        return f"option obligatoire absente : « {name} »", f"ajoutez « {name}: … »"
    if kind == "literal_error":
        return f"valeur non permise pour « {name} »", f"choix possibles : {context.get('expected', '')}".replace(
            "or", "ou"
        )
    if kind in _BOUNDED:
        key, words = _BOUNDED[kind]
        return f"« {name} » {words} {context.get(key)}", ""
    if kind == "string_pattern_mismatch":
        return f"« {name} » n'a pas la forme attendue", f"forme : {context.get('pattern')}"
    if kind in ("too_short", "string_too_short"):
        return f"« {name} » est trop court ou vide", f"au moins {context.get('min_length')}"
    if kind in ("too_long", "string_too_long"):
        return f"« {name} » est trop long", f"au plus {context.get('max_length')}"
    if kind == "value_error":
        return str(context.get("error", error["msg"])), ""
    return f"« {name} » : {_PLAIN.get(kind, error['msg'])}", ""


def options(model: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """Names of the options of the model found at `place` below `model`."""
    current: object = model
    for step in place:
        fields = _fields(current)
        if fields is None:
            current = _inner(current)
            continue
        by_name = dict(fields)
        if step not in by_name:
            return []
        current = by_name[str(step)]
    fields = _fields(current)
    return [name for name, _ in fields] if fields is not None else []


def _fields(annotation: object) -> list[tuple[str, object]] | None:
    model = model_of(annotation)
    if model is None:
        return None
    return [(info.alias or name, info.annotation) for name, info in model.model_fields.items()]


def model_of(annotation: object) -> type[BaseModel] | None:
    """The model an option holds, when it holds one (not a list or a dict of them)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    if getattr(annotation, "__origin__", None) in (tuple, list, dict):
        return None
    return next((m for m in map(model_of, arguments) if m is not None), None)


def named_model_of(annotation: object) -> type[BaseModel] | None:
    """The model that a dict by name holds, when an option is one."""
    if getattr(annotation, "__origin__", None) is not dict:
        return None
    return model_of(_inner(annotation))


def _inner(annotation: object) -> object:
    """What a list or a dict holds."""
    arguments: tuple[object, ...] = getattr(annotation, "__args__", ())
    if not arguments:
        return None
    return arguments[-1] if getattr(annotation, "__origin__", None) is dict else arguments[0]
