"""HL7 v3 data types of a CDA (CDA R2, 2005) read back: II, CE, TS, AD, TEL, PN. What is null or unreadable is None."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.cda.xml import V3, Element
from engine.model.values import Address, Code, Identifier, Telecom, Timestamp

NS = {"v3": V3}
_FRACTION = re.compile(r"\.[0-9]+")
_TOGETHER = ("houseNumber", "houseNumberNumeric", "streetNameType", "streetName", "streetNameBase")
"""Parts of an address that stand on one line, as they were sent."""
_KNOWN = {"postalCode", "city", "country"}


def all_of(within: Element, path: str) -> list[Element]:
    """Children at `recordTarget/patientRole`, HL7 v3 names without prefix."""
    return within.findall("/".join(f"v3:{step}" if step != "." else step for step in path.split("/")), NS)


def first(within: Element | None, path: str) -> Element | None:
    found = [] if within is None else all_of(within, path)
    return found[0] if found else None


def is_null(element: Element | None) -> bool:
    return element is None or element.get("nullFlavor") is not None


def text(element: Element | None) -> str:
    """The words of an element, comments left out, white space collapsed; empty when it is absent or null."""
    if element is None or is_null(element):
        return ""
    return " ".join(str(element.xpath("string()")).split())


def identifiers(within: Element, path: str = "id") -> tuple[Identifier, ...]:
    """II, null ones left out, each once."""
    return tuple(dict.fromkeys(_identifiers(all_of(within, path))))


def code(element: Element | None) -> Code | None:
    """CE; None when it is absent, null, or has no code or no system."""
    if element is None or is_null(element):
        return None
    value, system = (element.get("code") or "").strip(), (element.get("codeSystem") or "").strip()
    if not value or not system:
        return None
    return Code(value, system, element.get("displayName"), element.get("codeSystemName"))


def time(element: Element | None, attribute: str = "value") -> Timestamp | None:
    """TS, with the precision it has; a fraction of a second has no place in the model and is left out."""
    if element is None or is_null(element):
        return None
    try:
        return Timestamp(_FRACTION.sub("", (element.get(attribute) or "").strip(), count=1))
    except ValueError:
        return None


def bounds(interval: Element | None) -> tuple[Timestamp | None, Timestamp | None]:
    """IVL_TS: (low, high); a single value is its low."""
    if interval is None:
        return None, None
    return time(first(interval, "low")) or time(interval), time(first(interval, "high"))


def addresses(within: Element) -> tuple[Address, ...]:
    """AD, null and empty ones left out. A part the model has no name for is a line of its own: none is dropped."""
    return tuple(found for one in all_of(within, "addr") if (found := _address(one)) is not None)


def telecoms(within: Element) -> tuple[Telecom, ...]:
    """TEL, null ones left out."""
    found = (one for one in all_of(within, "telecom") if not is_null(one))
    return tuple(Telecom(value, one.get("use")) for one in found if (value := (one.get("value") or "").strip()))


def _identifiers(elements: list[Element]) -> Iterator[Identifier]:
    for element in elements:
        root = (element.get("root") or "").strip()
        if root and not is_null(element):
            yield Identifier(root, (element.get("extension") or "").strip() or None)


def _address(element: Element) -> Address | None:
    if is_null(element):
        return None
    parts = [(etree.QName(one).localname, text(one)) for one in element.iterchildren("{*}*")]
    street = " ".join(words for name, words in parts if name in _TOGETHER and words)
    others = [words for name, words in parts if name not in _KNOWN and name not in _TOGETHER and words]
    lines = tuple(one for one in (street, *others) if one) or tuple(
        one for one in [" ".join((element.text or "").split())] if one
    )
    named = {name: words for name, words in parts if name in _KNOWN and words}
    if not lines and not named:
        return None
    return Address(lines, named.get("postalCode"), named.get("city"), named.get("country"), element.get("use"))
