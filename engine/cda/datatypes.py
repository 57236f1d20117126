"""HL7 v3 data types (CDA R2, 2005) as elements: II, CE and CD, TS, IVL_TS, PQ, IVL_PQ, AD, TEL, PN."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.cda.codes import CIVILITIES, SYSTEM_NAMES, TITLES
from engine.cda.xml import Element, el
from engine.model.laboratory import Interval, Quantity
from engine.model.values import Address, Code, Identifier, PersonName, Telecom, Timestamp

_TELECOM = re.compile(r"^(tel|fax|mailto|http|ftp|mllp):\S+$")
_TELECOM_USES = frozenset({"H", "HP", "HV", "WP", "DIR", "PUB", "EC", "MC", "PG"})
_ADDRESS_USES = frozenset({"H", "HP", "HV", "WP", "TMP"})


def template_ids(roots: tuple[str, ...]) -> tuple[Element, ...]:
    return tuple(el("templateId", root=root) for root in roots)


def null(tag: str, flavor: str = "UNK") -> Element:
    """An element whose value is unknown (UNK), not applicable (NA)…"""
    return el(tag, nullFlavor=flavor)


def ii(identifier: Identifier, tag: str = "id") -> Element:
    return el(tag, root=identifier.root, extension=identifier.extension)


def coded(tag: str, code: Code, *children: Element | None, xsi_type: str | None = None) -> Element:
    """CE or CD of a known code; a code without its words is shown by the code itself."""
    return el(
        tag,
        *children,
        xsi_type=xsi_type,
        code=code.code,
        displayName=code.display or code.code,
        codeSystem=code.system,
        codeSystemName=code.system_name or SYSTEM_NAMES.get(code.system),
    )


def translations(codes: tuple[Code, ...]) -> tuple[Element, ...]:
    """Codes as sent; one with a blank in it is no `cs` (CDA R2 data types) and stays in the narrative only."""
    return tuple(coded("translation", code) for code in codes if is_cs(code.code))


def is_cs(text: str) -> bool:
    return bool(text) and not any(sign.isspace() for sign in text)


def original_text(narrative_id: str) -> Element:
    """originalText: the words are in the narrative, under this ID."""
    return el("originalText", reference(narrative_id))


def reference(narrative_id: str) -> Element:
    return el("reference", value=f"#{narrative_id}")


def text_reference(narrative_id: str) -> Element:
    return el("text", reference(narrative_id))


def ts(tag: str, time: Timestamp | None) -> Element:
    """TS, with the precision it was sent with; UNK when absent."""
    return null(tag) if time is None else el(tag, value=time.value)


def ivl_ts(tag: str, low: Timestamp | None, high: Timestamp | None) -> Element:
    """IVL_TS by its bounds; an interval that ends when it starts keeps its start only; UNK without any bound."""
    if low is None and high is None:
        return null(tag)
    if low == high:
        high = None
    return el(
        tag,
        None if low is None else el("low", value=low.value),
        None if high is None else el("high", value=high.value),
    )


def number(value: Decimal) -> str:
    """Decimal digits as sent, trailing zeros included, never an exponent."""
    return format(value, "f")


def pq(tag: str, quantity: Quantity, *, xsi_type: str | None = None, inclusive: bool | None = None) -> Element:
    """PQ, or a bound of an IVL_PQ with whether it belongs to the interval."""
    return el(
        tag,
        xsi_type=xsi_type,
        value=number(quantity.value),
        unit=quantity.unit,
        inclusive=None if inclusive is None else str(inclusive).lower(),
    )


def ivl_pq(tag: str, interval: Interval) -> Element:
    low, high = interval.low, interval.high
    return el(
        tag,
        None if low is None else pq("low", low, inclusive=interval.low_inclusive),
        None if high is None else pq("high", high, inclusive=interval.high_inclusive),
        xsi_type="IVL_PQ",
    )


def addr(address: Address) -> Element | None:
    """AD by its parts; the lines sent become one `streetName`, because AD cannot mix lines with a postal code."""
    parts = (
        ("streetName", ", ".join(line for line in address.lines if line.strip())),
        ("postalCode", address.postal_code),
        ("city", address.city),
        ("country", address.country),
    )
    elements = tuple(el(tag, value) for tag, value in parts if value)
    if not elements:
        return None
    return el("addr", elements, use=address.use if address.use in _ADDRESS_USES else None)


def addrs(addresses: tuple[Address, ...]) -> tuple[Element, ...]:
    distinct = tuple(dict.fromkeys(addresses))
    return tuple(element for address in distinct if (element := addr(address)) is not None)


def telecoms(values: tuple[Telecom, ...]) -> tuple[Element, ...]:
    """TEL of every value that is a URL CI-SIS admits, once each; spaces inside a number are left out."""
    distinct: dict[str, Element] = {}
    for telecom in values:
        url = re.sub(r"\s", "", telecom.value)
        if _TELECOM.match(url):
            use = telecom.use if telecom.use in _TELECOM_USES else None
            distinct.setdefault(url, el("telecom", value=url, use=use))
    return tuple(distinct.values())


def pn(name: PersonName) -> Element:
    """PN of a professional; civilities and titles outside JDV_J245 and JDV_J246 cannot be said."""
    prefix = name.prefix if name.prefix in CIVILITIES else None
    suffix = next((title for title in (name.suffix, name.prefix) if title in TITLES), None)
    return el(
        "name",
        None if prefix is None else el("prefix", prefix),
        el("given", name.given) if name.given else None,
        el("family", name.family),
        None if suffix is None else el("suffix", suffix),
    )
