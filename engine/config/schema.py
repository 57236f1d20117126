"""JSON schema of routes.yaml, for editors: completion, and red lines under mistakes while typing."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from engine.config.model import DeliverySection, RoutesFile
from engine.registry import Connectors

Schema = dict[str, Any]
"""Any: JSON schema."""

_SECRET: Schema = {
    "description": "Secret : {env: NOM} ou {file: CHEMIN}",
    "oneOf": [
        {"type": "object", "properties": {name: {"type": "string"}}, "required": [name], "additionalProperties": False}
        for name in ("env", "file")
    ],
}


def routes_schema(connectors: Connectors, formats: tuple[str, ...]) -> Schema:
    """The schema of the whole file, each connector's own settings included."""
    schema = RoutesFile.model_json_schema(by_alias=True)
    definitions: Schema = schema["$defs"]
    sources = [
        _connector(name, declaration.settings, {"laboratory": {"type": "string"}}, definitions)
        for name, declaration in connectors.sources.items()
    ]
    delivery = _of(DeliverySection, definitions)
    destinations = [
        _connector(name, declaration.settings, {"delivery": delivery}, definitions)
        for name, declaration in connectors.destinations.items()
    ]
    schema["properties"]["sources"]["additionalProperties"] = {"oneOf": sources}
    schema["properties"]["destinations"]["additionalProperties"] = {"oneOf": destinations}
    definitions["RouteSection"]["properties"]["format"]["enum"] = list(formats)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "routes.yaml de Passeur"
    replaced: Schema = _secrets(schema)
    return replaced


def _connector(name: str, settings: type[BaseModel], more: Schema, definitions: Schema) -> Schema:
    own = _of(settings, definitions)
    own["properties"] = {"type": {"const": name}, **own.get("properties", {}), **more}
    own["required"] = ["type", *own.get("required", [])]
    own["title"] = name
    return own


def _of(model: type[BaseModel], definitions: Schema) -> Schema:
    """The model's schema, its own definitions moved to the common ones."""
    schema = model.model_json_schema(by_alias=True)
    definitions |= schema.pop("$defs", {})
    return schema


def _secrets(node: Any) -> Any:
    """The same schema, a secret written as the file that must be written."""
    if isinstance(node, list):
        return [_secrets(one) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "password":
        return _SECRET
    return {key: _secrets(value) for key, value in node.items()}
