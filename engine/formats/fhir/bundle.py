"""A Bundle whose form is sound: its entries, and references followed inside it (FHIR R4, Bundle, 3.2.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.findings import Finding
from engine.formats.fhir.node import Node, resource
from engine.formats.fhir.remarks import Remarks
from engine.formats.fhir.rules import finding

TYPES = frozenset({"document", "transaction"})
_VERSION = re.compile(r"/_history/[A-Za-z0-9\-.]{1,64}\Z")
_RELATIVE = re.compile(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")
_REST = re.compile(r"(https?://.+/)[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One resource of the Bundle."""

    resource: Node
    url: str
    """Its fullUrl, without version."""

    @property
    def local(self) -> str:
        """`Patient/1`; empty when it has no id."""
        own = self.resource.text("id")
        named = _VERSION.sub("", self.url) if _REST.match(self.url) else ""
        return f"{self.resource.type}/{own}" if own else "/".join(named.split("/")[-2:]) if named else ""


class Bundle:
    """The entries, what was followed from one to another, and what nobody asked for."""

    def __init__(self, tree: Mapping[str, Any], remarks: Remarks) -> None:
        self.node = resource(tree, "Bundle")
        self._remarks = remarks
        self.entries = tuple(_entries(self.node))
        self._read: set[str] = set()
        self._by_url = _index((one.url, one) for one in self.entries)
        self._by_local = _index((one.local, one) for one in self.entries)
        self._by_place = {one.resource.where: one for one in self.entries}

    @property
    def type(self) -> str:
        return self.node.text("type")

    def of_type(self, name: str) -> tuple[Node, ...]:
        """Resources of that type, each the resource of an entry."""
        return tuple(one.resource for one in self.entries if one.resource.type == name)

    def read(self, node: Node) -> Node:
        """Remember that the resource, and the entry that holds it, were made use of."""
        self._read |= {node.resource_where, node.where}
        return node

    def was_read(self, node: Node) -> bool:
        return node.where in self._read

    @property
    def unread(self) -> tuple[Node, ...]:
        return tuple(one.resource for one in self.entries if not self.was_read(one.resource))

    def followed(self, reference: Node | None, *types: str) -> Node | None:
        """The resource of the Bundle that a Reference names, of one of these types; None, and a fault, when there is
        none. A Reference without `reference` (known by its identifier or its words) names none, without fault."""
        address = reference.text("reference") if reference is not None else ""
        if reference is None or not address:
            return None
        found = self._found(reference, address)
        if found is None:
            self._remarks.add("fhir.unresolved_reference", reference.at("reference"))
            return None
        if types and found.type not in types:
            self._remarks.add("fhir.reference_type", reference.at("reference"), expected=", ".join(types))
            return None
        return self.read(found)

    def found(self, reference: Node, *types: str) -> Node | None:
        """The same without any fault, for who says it otherwise."""
        found = self._found(reference, reference.text("reference"))
        return self.read(found) if found is not None and found.type in types else None

    def check(self, reference: Node) -> None:
        """A fault when the Reference names nothing of the Bundle; what it names is not read for that."""
        address = reference.text("reference")
        if address and self._found(reference, address) is None:
            self._remarks.add("fhir.unresolved_reference", reference.at("reference"))

    def same(self, reference: Node | None, target: Node) -> bool:
        """Whether a Reference names that very resource; one that names nothing of the Bundle does not."""
        address = reference.text("reference") if reference is not None else ""
        found = self._found(reference, address) if reference is not None and address else None
        return found is not None and found.where == target.where

    def _found(self, reference: Node, address: str) -> Node | None:
        if address.startswith("#"):
            return _contained(reference, address[1:])
        sought = _VERSION.sub("", address)
        found = self._by_url.get(sought, ())
        if not found and _RELATIVE.match(sought):
            base = self._base(reference)
            found = self._by_url.get(base + sought, ()) if base else ()
            found = found or self._by_local.get(sought, ())
        return found[0].resource if len(found) == 1 else None

    def _base(self, reference: Node) -> str:
        """`https://x/fhir/` of the entry that refers, where its fullUrl is of a REST server."""
        own = self._by_place.get(reference.resource_where)
        match = _REST.match(own.url) if own is not None else None
        return match.group(1) if match else ""


def _entries(bundle: Node) -> Iterator[Entry]:
    for entry in bundle.nodes("entry"):
        sent = entry.node("resource")
        if sent is not None:
            yield Entry(resource(sent.tree, sent.where), _VERSION.sub("", entry.text("fullUrl")))


def _index(pairs: Iterable[tuple[str, Entry]]) -> Mapping[str, tuple[Entry, ...]]:
    found: dict[str, tuple[Entry, ...]] = {}
    for key, one in pairs:
        if key:
            found[key] = (*found.get(key, ()), one)
    return found


def _contained(reference: Node, own_id: str) -> Node | None:
    whole = resource(reference.resource, reference.resource_where)
    found = [one for one in whole.nodes("contained") if one.text("id") == own_id]
    return found[0] if len(found) == 1 else None


def bundle_findings(bundle: Bundle) -> Iterator[Finding]:
    """What a Bundle that is taken here obeys: its type, one address for each resource, creations only; no modifier
    that we do not know (FHIR R4, Extensibility, 2.4.1)."""
    node = bundle.node
    if bundle.type not in TYPES:
        yield finding("fhir.bundle_type", "Bundle.type")
    if not bundle.entries:
        yield finding("fhir.bundle_empty", "Bundle.entry")
    if bundle.type == "document":
        yield from _document_findings(bundle)
    for entry in node.nodes("entry"):
        yield from _entry_findings(entry, bundle.type)
    yield from _addresses(bundle)
    yield from modifiers(node.tree, "Bundle")


def _document_findings(bundle: Bundle) -> Iterator[Finding]:
    """bdl-9, bdl-10 and bdl-11: an identifier, a date, a Composition first."""
    identifier = bundle.node.node("identifier")
    if identifier is None or not identifier.text("value"):
        yield finding("fhir.missing", "Bundle.identifier")
    if not bundle.node.text("timestamp"):
        yield finding("fhir.missing", "Bundle.timestamp")
    if bundle.entries and bundle.entries[0].resource.type != "Composition":
        yield finding("fhir.composition_first", bundle.entries[0].resource.where)


def _entry_findings(entry: Node, kind: str) -> Iterator[Finding]:
    request = entry.node("request")
    method = request.text("method") if request is not None else ""
    if kind == "transaction" and not method:
        yield finding("fhir.missing", entry.at("request.method"))
    elif kind == "transaction" and method not in ("POST", "PUT"):
        yield finding("fhir.method", entry.at("request.method"))
    if entry.node("resource") is None and (kind != "transaction" or method in ("", "POST", "PUT")):
        yield finding("fhir.missing", entry.at("resource"))


def _addresses(bundle: Bundle) -> Iterator[Finding]:
    seen: set[str] = set()
    for rank, entry in enumerate(bundle.node.nodes("entry")):
        url = _VERSION.sub("", entry.text("fullUrl"))
        if url and url in seen:
            yield finding("fhir.full_url_twice", f"Bundle.entry[{rank}].fullUrl")
        seen.add(url)


def modifiers(tree: Any, where: str) -> Iterator[Finding]:
    """modifierExtension and implicitRules, wherever they stand: they may turn a meaning round, so nothing is read."""
    if isinstance(tree, list):
        for rank, one in enumerate(tree):
            yield from modifiers(one, f"{where}[{rank}]")
    elif isinstance(tree, dict):
        for name, value in tree.items():
            if name == "modifierExtension":
                yield finding("fhir.modifier_extension", f"{where}.{name}")
            elif name in ("implicitRules", "_implicitRules"):
                yield finding("fhir.implicit_rules", f"{where}.implicitRules")
            else:
                yield from modifiers(value, f"{where}.{name}")
