"""Dates and times (TS): every one must be a real date of the calendar, entries included; intervals must not go back.

HL7 data types (CDA R2): `yyyy[mm[dd[hh[mm[ss]]]]][±zzzz]`; the official layers check the header's alone. A date of
an entry holds the document rather than refusing it: an official example carries an impossible one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.model.values import Timestamp
from engine.validation.checks.remark import doubt, error, warning
from engine.validation.document import HL7

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ALWAYS = frozenset({"effectiveTime", "time", "birthTime", "deceasedTime", "multipleBirthTime"})
_BOUNDS = frozenset({"low", "high", "center"})
_TAGS: dict[str | bytes | bytearray | etree.QName, str] = {
    f"{{{namespace}}}{name}": name for name in (*_ALWAYS, *_BOUNDS, "value") for namespace in (HL7, "urn:hl7-org:sdtc")
}
_FRACTION = re.compile(r"^(\d{14})\.\d{1,4}")
_SHORT_ZONE = re.compile(r"^(\d{10,14})([+-]\d{1,3})$")


def dates(cda: etree._Element) -> Iterator[Finding]:
    """Every element of type TS or IVL_TS that carries a value."""
    for element in cda.iter(*_TAGS):
        if _is_time(element) and element.get("value") is not None:
            yield from _value(element)
        if _is_interval(element):
            yield from _order(element)


def _value(element: etree._Element) -> Iterator[Finding]:
    written = element.get("value", "")
    value = _FRACTION.sub(r"\1", written)
    short = _SHORT_ZONE.match(value)
    if short:
        value = short.group(1) + short.group(2).ljust(5, "0")
    try:
        Timestamp(value)
    except ValueError:
        in_header = next(element.iterancestors(f"{{{HL7}}}structuredBody"), None) is None
        yield (error if in_header else doubt)(
            "impossible_date",
            element,
            "Cette date ou cette heure n’existe pas, ou n’est pas écrite aaaammjjhhmmss suivie du fuseau.",
            "Corriger la date dans le logiciel émetteur ; ne rien envoyer plutôt qu’une date inventée.",
        )
        return
    if short:
        yield warning(
            "short_zone", element, "Le fuseau horaire est incomplet.", "Écrire le fuseau sur quatre chiffres."
        )


def _order(element: etree._Element) -> Iterator[Finding]:
    low, high = _bound(element, "low"), _bound(element, "high")
    if low is not None and high is not None and _is_after(low, high):
        yield error(
            "reversed_period",
            element,
            "La fin de cette période précède son début.",
            "Corriger les dates dans le logiciel émetteur.",
        )


def _is_after(low: Timestamp, high: Timestamp) -> bool:
    """Surely after: as instants when both carry a zone, else by the digits they both have, down to the day."""
    if low.has_time and high.has_time and low.digits != low.value and high.digits != high.value:
        return low.instant() > high.instant() and not low.digits.startswith(high.digits)
    known = min(len(low.digits), len(high.digits), 8)
    return low.digits[:known] > high.digits[:known]


def _bound(element: etree._Element, name: str) -> Timestamp | None:
    found = element.find(f"{{{HL7}}}{name}")
    try:
        return Timestamp(found.get("value", "")) if found is not None else None
    except ValueError:
        return None


def _is_time(element: etree._Element) -> bool:
    name = _TAGS[element.tag]
    if name in _ALWAYS:
        return not _typed(element) or _typed(element) in _TIMES
    if name == "value":
        return _typed(element) in _TIMES
    parent = element.getparent()
    return name in _BOUNDS and parent is not None and _is_interval(parent)


_TIMES = frozenset({"TS", "IVL_TS", "SXCM_TS", "IVXB_TS"})


def _is_interval(element: etree._Element) -> bool:
    name = _TAGS.get(element.tag, "")
    kind = _typed(element)
    return (name in _ALWAYS and kind in ("", "IVL_TS")) or (name == "value" and kind == "IVL_TS")


def _typed(element: etree._Element) -> str:
    return (element.get(_XSI_TYPE) or "").split(":")[-1]
