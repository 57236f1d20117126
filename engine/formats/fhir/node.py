"""An element of a resource and its place, `Bundle.entry[2].resource.subject`: read without trusting its shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A JSON object. What has not the expected type reads as absent: the structure's check has said it."""

    tree: Mapping[str, Any]
    where: str
    resource: Mapping[str, Any]
    """The resource of the entry it belongs to: where `#id` is looked for."""
    resource_where: str

    @property
    def type(self) -> str:
        return self.text("resourceType")

    def at(self, name: str) -> str:
        return f"{self.where}.{name}"

    def has(self, name: str) -> bool:
        return name in self.tree or f"_{name}" in self.tree

    def text(self, name: str) -> str:
        """Empty when absent, or when it is blank."""
        value = self.tree.get(name)
        return value if isinstance(value, str) and value.strip() else ""

    def flag(self, name: str) -> bool | None:
        value = self.tree.get(name)
        return value if isinstance(value, bool) else None

    def number(self, name: str) -> Decimal | None:
        """With its digits as sent."""
        value = self.tree.get(name)
        if isinstance(value, bool):
            return None
        return Decimal(value) if isinstance(value, int) else value if isinstance(value, Decimal) else None

    def node(self, name: str) -> Node | None:
        value = self.tree.get(name)
        return self._inside(value, name) if isinstance(value, dict) else None

    def nodes(self, name: str) -> tuple[Node, ...]:
        value = self.tree.get(name)
        if not isinstance(value, list):
            return ()
        return tuple(self._inside(one, f"{name}[{rank}]") for rank, one in enumerate(value) if isinstance(one, dict))

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.tree.get(name)
        return tuple(one for one in value if isinstance(one, str) and one.strip()) if isinstance(value, list) else ()

    def choice(self, name: str) -> str:
        """The element sent of a choice of types, `value` → `valueQuantity`; empty when none was."""
        start = len(name)
        return next((key for key in self.tree if key.startswith(name) and key[start : start + 1].isupper()), "")

    def extension(self, url: str) -> Node | None:
        return next((one for one in self.nodes("extension") if one.text("url") == url), None)

    def extensions(self, url: str) -> tuple[Node, ...]:
        return tuple(one for one in self.nodes("extension") if one.text("url") == url)

    def _inside(self, tree: Mapping[str, Any], name: str) -> Node:
        return Node(tree, self.at(name), self.resource, self.resource_where)


def resource(tree: Mapping[str, Any], where: str) -> Node:
    """A resource of an entry."""
    return Node(tree, where, tree, where)
