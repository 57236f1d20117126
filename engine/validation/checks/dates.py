"""Dates and times (TS): every one must be a real date of the calendar, entries included; intervals must not go back.

HL7 data types (CDA R2): `yyyy[mm[dd[hh[mm[ss]]]]][±zzzz]`; the official layers check the header's alone. A date of
an entry holds the document rather than refusing it: an official example carries an impossible one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from lxml import etree

from engine.findings import Finding
from engine.model.values import Timestamp
from engine.validation.checks.remark import doubt, error, warning
from engine.validation.document import HL7

_Read = Callable[[str], Timestamp | None]
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ALWAYS = frozenset({"effectiveTime", "time", "birthTime", "deceasedTime", "multipleBirthTime"})
_BOUNDS = frozenset({"low", "high", "center"})
_TIMES = frozenset({"TS", "IVL_TS", "SXCM_TS", "IVXB_TS"})
_TAGS: dict[str | bytes | bytearray | etree.QName, str] = {
    f"{{{namespace}}}{name}": name for name in (*_ALWAYS, *_BOUNDS, "value") for namespace in (HL7, "urn:hl7-org:sdtc")
}
_FRACTION = re.compile(r"^(\d{14})\.\d{1,4}")
_SHORT_ZONE = re.compile(r"^(\d{10,14})([+-]\d{1,3})$")


def dates(cda: etree._Element) -> Iterator[Finding]:
    """Every element of type TS or IVL_TS that carries a value."""
    read = cache(_timestamp)  # for one document: the same instant is written in many places
    for element in cda.iter(*_TAGS):
        name, kind = _TAGS[element.tag], _typed(element)
        written = element.get("value")
        if written is not None and _is_time(name, kind, element):
            yield from _value(element, written, read)
        if len(element) > 1 and _is_interval(name, kind):
            yield from _order(element, read)


def _timestamp(value: str) -> Timestamp | None:
    """None for a value that is no date."""
    try:
        return Timestamp(value)
    except ValueError:
        return None


def _value(element: etree._Element, written: str, read: _Read) -> Iterator[Finding]:
    if read(written) is not None:
        return
    value = _FRACTION.sub(r"\1", written)
    short = _SHORT_ZONE.match(value)
    if short:
        value = short.group(1) + short.group(2).ljust(5, "0")
    if read(value) is None:
        in_header = next(element.iterancestors(f"{{{HL7}}}structuredBody"), None) is None
        yield (error if in_header else doubt)(
            "impossible_date",
            element,
            "Cette date ou cette heure n’existe pas, ou n’est pas écrite aaaammjjhhmmss suivie du fuseau.",
            "Corriger la date dans le logiciel émetteur ; ne rien envoyer plutôt qu’une date inventée.",
        )
    elif short:
        yield warning(
            "short_zone", element, "Le fuseau horaire est incomplet.", "Écrire le fuseau sur quatre chiffres."
        )


def _order(element: etree._Element, read: _Read) -> Iterator[Finding]:
    low, high = _bound(element, "low", read), _bound(element, "high", read)
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


def _bound(element: etree._Element, name: str, read: _Read) -> Timestamp | None:
    found = element.find(f"{{{HL7}}}{name}")
    return read(found.get("value", "")) if found is not None else None


def _is_time(name: str, kind: str, element: etree._Element) -> bool:
    if name in _ALWAYS:
        return not kind or kind in _TIMES
    if name == "value":
        return kind in _TIMES
    parent = element.getparent()
    return parent is not None and _is_interval(_TAGS.get(parent.tag, ""), _typed(parent))


def _is_interval(name: str, kind: str) -> bool:
    return (name in _ALWAYS and kind in ("", "IVL_TS")) or (name == "value" and kind == "IVL_TS")


def _typed(element: etree._Element) -> str:
    return (element.get(_XSI_TYPE) or "").rpartition(":")[2]
