"""Reading the code of a box of medicine: GS1 DataMatrix or GS1-128 as a scanner typed it → GTIN, CIP, lot, dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.findings import Finding, Severity
from engine.scan.gs1_dates import Gs1Date, gs1_date
from engine.scan.gs1_elements import Cut, Element, cuts, tokens
from engine.scan.gs1_identifiers import COUNTRIES, GTIN, IDENTIFIERS
from engine.scan.gtin import cip7, cip13, key_is_right
from engine.scan.keyboard import Layout
from engine.scan.reading import Reading, Token, TokenKind, keyboard_findings, reading, size_findings
from engine.scan.rules import finding

_GS1_SYMBOLOGIES = frozenset({"]d2", "]C1", "]Q3", "]e0"})
_SYMBOLOGY = re.compile(r"\](?:[dQ][0-6]|[CEe][0-4])")
_PREFIX = re.compile(r"(?:[^0-9(]{0,2}(?:d2|C1|Q3|e0)|[^0-9(]{1,4})(?=\(?(?:0[01]|1[017]|21|71[0-6]))")
_INS_HEAD = re.compile(r"IS[0-9]{2}0{10}")
_LINEAR_CIP = re.compile(r"3400[0-9]{9}")


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """National number of a medicine (NHRN)."""

    identifier: str
    """710 to 716."""
    country: str
    value: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A field that could be read in several ways: for a person to compare with the box, never for a program to pick."""

    identifier: str
    values: tuple[str, ...]
    """Empty text: the field would be absent."""


@dataclass(frozen=True, slots=True)
class Gs1Scan:
    """The result of a scan; None for a field that is absent, wrong or ambiguous."""

    layout: Layout
    tokens: tuple[Token, ...]
    """Lossless: their `raw`, joined, is what was typed."""
    findings: tuple[Finding, ...]
    elements: tuple[tuple[str, str], ...] = ()
    """(identifier, value) of all that is sound, in their order."""
    gtin: str | None = None
    """14 digits, key verified."""
    cip13: str | None = None
    cip7: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: Gs1Date | None = None
    production: Gs1Date | None = None
    national_numbers: tuple[NationalNumber, ...] = ()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """One layout and one cut."""

    reading: Reading
    start: int
    cut: Cut
    findings: tuple[Finding, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for element in self.cut.elements:
            found.setdefault(element.identifier.code, element.value)
        return found

    @property
    def errors(self) -> int:
        return sum(one.severity is Severity.ERROR for one in (*self.cut.findings, *self.findings))

    @property
    def oddities(self) -> int:
        """Errors, and a symbology identifier that does not exist: the letters were changed on their way."""
        before = self.reading.text[: self.reading.start].strip()
        return self.errors + (before.startswith("]") and not _SYMBOLOGY.match(before))

    @property
    def small_letters(self) -> bool:
        return any(sign.islower() for value in self.values.values() for sign in value)


def scan_gs1(text: str, *, today: date | None = None, keeps_separators: bool = False) -> Gs1Scan:
    """Read a medicine's code as a scanner typed it (Ségur SC.VACC/NOTE.05, wave 1 ERGO.04). Never raises.

    `today` lets an expired product be said, and settles the century (20 without it). `keeps_separators` is for a
    scanner known to transmit GS: without it, a text that has none is read in every possible way. What only one
    reading allows is given, with what is set wrong; what several readings tell differently has no value.
    """
    refused = size_findings(text)
    if refused:
        return Gs1Scan(Layout.AS_TYPED, (Token(TokenKind.UNREAD, text, text),) if text else (), refused)
    readings = [reading(text, layout) for layout in Layout]
    for read in readings:
        if _INS_HEAD.match(read.text, read.start):
            return _unrecognised(read, "scan.is_ins")
    ways = [way for read in readings for way in _ways(read, keeps_separators, today)]
    return _scan(_best(ways), today) if ways else _unrecognised(readings[0], "scan.not_gs1")


def _ways(read: Reading, keeps_separators: bool, today: date | None) -> list[_Way]:
    """All ways to read by one layout; none when this is no GS1 code of an article."""
    data = read.text[read.start : read.end]
    if _LINEAR_CIP.fullmatch(data) and key_is_right(data):
        element = Element(GTIN, f"0{data}", read.start, read.start, read.end)
        return [_Way(read, read.start, Cut((element,), by_separators=True))]
    prefix = _PREFIX.match(data)
    start = read.start + (prefix.end() if prefix else 0)
    findings = (finding("scan.prefix"),) if prefix else ()
    declared = read.text[: read.start].strip()[:3] in _GS1_SYMBOLOGIES or data.startswith("(")
    found = cuts(read, start, keeps_separators=keeps_separators, today=today)
    ways = [_Way(read, start, cut, findings) for cut in found]
    return [way for way in ways if way.cut.elements and (declared or "01" in way.values)]


def _best(ways: list[_Way]) -> list[_Way]:
    """The ways that none of the others makes unlikely: fewest errors, and capitals rather than small letters."""
    fewest = min(way.oddities for way in ways)
    best = [way for way in ways if way.oddities == fewest]
    typed = [way for way in best if way.reading.layout is Layout.AS_TYPED]
    if typed and not any(way.small_letters for way in typed):
        return typed
    capitals = [way for way in best if not way.small_letters and way.reading.layout is not Layout.AS_TYPED]
    return [*typed, *capitals] or best


def _unrecognised(read: Reading, code: str) -> Gs1Scan:
    token = read.token(TokenKind.UNREAD, 0, len(read.text))
    return Gs1Scan(read.layout, (token,), (finding(code),))


def _scan(ways: Sequence[_Way], today: date | None) -> Gs1Scan:
    first = ways[0]
    alternatives = _alternatives(ways)
    doubtful = {one.identifier for one in alternatives}
    findings = list(dict.fromkeys((*_setting_findings(ways), *first.findings, *first.cut.findings)))
    findings += [finding("scan.ambiguous", where=code, field=IDENTIFIERS[code].name) for code in sorted(doubtful)]
    repeated = _repeated(first.cut, findings)
    sound = [
        (element.identifier.code, element.value)
        for element in first.cut.elements
        if element.identifier.code not in doubtful | repeated
        and element.identifier.problem(element.value, today=today) is None
    ]
    values = dict(sound)
    scan = Gs1Scan(
        first.reading.layout,
        tokens(first.reading, first.cut, first.start),
        (),
        elements=tuple(dict.fromkeys(sound)),
        gtin=values.get("01"),
        cip13=cip13(values.get("01", "")),
        cip7=cip7(values.get("01", "")),
        lot=values.get("10"),
        serial=values.get("21"),
        expiry=gs1_date(values["17"], today=today) if "17" in values else None,
        production=gs1_date(values["11"], today=today) if "11" in values else None,
        national_numbers=tuple(
            NationalNumber(code, COUNTRIES[code], v) for code, v in values.items() if code in COUNTRIES
        ),
        alternatives=alternatives,
    )
    said = {element.identifier.code for element in first.cut.elements} | doubtful
    if first.cut.unread:
        said |= {"01", "10", "17"}  # any of them may stand in what was not read
    return replace(scan, findings=(*findings, *_content_findings(scan, said, today)))


def _setting_findings(ways: Sequence[_Way]) -> tuple[Finding, ...]:
    layouts = {way.reading.layout for way in ways}
    found = () if Layout.AS_TYPED in layouts else keyboard_findings(ways[0].reading.layout)
    if len(ways) == 1 and not ways[0].cut.by_separators:
        return (*found, finding("scan.separators_lost"))
    return found


def _alternatives(ways: Sequence[_Way]) -> tuple[Alternative, ...]:
    codes = dict.fromkeys(code for way in ways for code in way.values)
    found = []
    for code in codes:
        values = tuple(dict.fromkeys(way.values.get(code, "") for way in ways))
        if len(values) > 1:
            found.append(Alternative(code, values))
    return tuple(found)


def _repeated(cut: Cut, findings: list[Finding]) -> set[str]:
    """Identifiers that come twice with two values: neither is believed."""
    seen: dict[str, set[str]] = {}
    for element in cut.elements:
        seen.setdefault(element.identifier.code, set()).add(element.value)
    twice = {code for code, values in seen.items() if len(values) > 1}
    findings += [finding("scan.gs1_repeated", where=code, ai=code) for code in sorted(twice)]
    return twice


def _content_findings(scan: Gs1Scan, said: set[str], today: date | None) -> list[Finding]:
    """What the box does not say, or says that needs a look: never blocking."""
    found = []
    if "01" not in said:
        found.append(finding("scan.gs1_no_gtin"))
    elif scan.gtin is not None and scan.cip13 is None:
        found.append(finding("scan.gs1_no_cip", where="01"))
    if "10" not in said:
        found.append(finding("scan.gs1_no_lot"))
    if "17" not in said:
        found.append(finding("scan.gs1_no_expiry"))
    elif today is not None and scan.expiry is not None and scan.expiry.last_day < today:
        found.append(finding("scan.gs1_expired", where="17"))
    french = [one.value for one in scan.national_numbers if one.identifier == "711"]
    if scan.cip13 is not None and any(value not in {scan.cip13, scan.cip7} for value in french):
        found.append(finding("scan.gs1_codes_differ", where="711"))
    return found
