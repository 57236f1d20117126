"""Finds what was declared: every module of a package that ends in a declaration, by that declaration's name."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from engine.declarations import DestinationDeclaration, DocumentType, Format, SourceDeclaration


def declared(package: ModuleType, attribute: str) -> dict[str, Any]:
    """Declarations of a package's modules: name → value of `attribute`. Any: the caller knows its type."""
    found = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        declaration = getattr(module, attribute, None)
        if declaration is not None:
            found[declaration.name] = declaration
    return found


def formats() -> dict[str, Format]:
    return declared(importlib.import_module("engine.formats"), "FORMAT")


def document_types() -> dict[str, DocumentType]:
    return declared(importlib.import_module("engine.documents"), "DOCUMENT_TYPE")


@dataclass(frozen=True, slots=True)
class Connectors:
    """What routes.yaml may name. Built by the composition root, which alone imports connectors."""

    sources: dict[str, SourceDeclaration[Any]]
    destinations: dict[str, DestinationDeclaration[Any]]
