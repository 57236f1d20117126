"""Data types of FHIR → those of the model: Identifier, Coding, Address, ContactPoint, HumanName."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.cda.codes import CIVILITIES, TITLES
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import oid
from engine.model.values import Address, Code, Identifier, PersonName, Telecom

_URN_OID = re.compile(r"urn:oid:([0-2](?:\.(?:0|[1-9][0-9]*))+)")
_ADDRESS_USES = {"home": "H", "work": "WP", "temp": "TMP"}
_PHONE_USES = {"home": "H", "work": "WP", "mobile": "MC"}
_PHONES = frozenset({"phone", "sms", "fax"})


def in_force(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Without what is no longer so: `use` is a modifier (FHIR R4, Identifier, HumanName, Address, ContactPoint)."""
    return tuple(one for one in nodes if one.text("use") != "old")


def identifier(node: Node, unsaid: str) -> Identifier | None:
    """`system` as an OID and `value`; a value that is itself `urn:oid:…` stands alone; None without a value."""
    value = node.text("value").strip()
    if not value:
        return None
    alone = _URN_OID.fullmatch(value)
    if alone is not None and node.text("system") in ("", "urn:ietf:rfc:3986"):
        return Identifier(alone.group(1))
    return Identifier(oid(node.text("system"), unsaid=unsaid), value)


def coding(node: Node, unsaid: str) -> Code | None:
    """None without a code."""
    code = node.text("code").strip()
    if not code:
        return None
    return Code(code, oid(node.text("system"), unsaid=unsaid), node.text("display") or None)


def codings(concept: Node | None) -> tuple[Node, ...]:
    return () if concept is None else concept.nodes("coding")


def concept_words(concept: Node | None) -> str:
    """Its text, else the first words of its codes, else the first code."""
    if concept is None:
        return ""
    displays = (one.text("display") for one in codings(concept))
    codes = (one.text("code") for one in codings(concept))
    return concept.text("text") or next((one for one in (*displays, *codes) if one), "")


def has_code(concept: Node | None, system: str, *codes: str) -> bool:
    return any(one.text("system") == system and one.text("code") in codes for one in codings(concept))


def addresses(nodes: tuple[Node, ...], use: str | None = None) -> tuple[Address, ...]:
    """`use`: where none is said."""
    made = []
    for one in in_force(nodes):
        lines = one.texts("line") or ((one.text("text"),) if one.text("text") and not one.text("city") else ())
        found = Address(
            lines,
            one.text("postalCode") or None,
            one.text("city") or None,
            one.text("country") or None,
            _ADDRESS_USES.get(one.text("use"), use),
        )
        if found.lines or found.city or found.postal_code:
            made.append(found)
    return tuple(made)


def phones(nodes: tuple[Node, ...]) -> tuple[Telecom, ...]:
    """Telephone and fax numbers; mailboxes are read by `mailboxes`."""
    return tuple(_phones(in_force(nodes)))


def _phones(nodes: tuple[Node, ...]) -> Iterator[Telecom]:
    for one in nodes:
        if one.text("system") in _PHONES:
            digits = "".join(sign for sign in one.text("value") if sign.isdigit() or sign == "+")
            scheme = "fax" if one.text("system") == "fax" else "tel"
            if digits:
                yield Telecom(f"{scheme}:{digits}", _PHONE_USES.get(one.text("use")))


def mailboxes(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    """Addresses of `system` email, each once."""
    sent = (one.text("value").strip() for one in in_force(nodes) if one.text("system") == "email")
    return tuple(dict.fromkeys(one.removeprefix("mailto:") for one in sent if "@" in one))


def person_name(nodes: tuple[Node, ...]) -> PersonName | None:
    """A professional's name: the official one, else the usual one, else the first; None without a family name."""
    named = [one for one in in_force(nodes) if one.text("family")]
    ranked = sorted(named, key=lambda one: {"official": 0, "usual": 1}.get(one.text("use"), 2))
    if not ranked:
        return None
    chosen = ranked[0]
    signs = tuple(one.strip().rstrip(".").upper() for one in (*chosen.texts("prefix"), *chosen.texts("suffix")))
    return PersonName(
        chosen.text("family"),
        " ".join(chosen.texts("given")) or None,
        next((one for one in signs if one in CIVILITIES), None),
        next((one for one in signs if one in TITLES), None),
    )
