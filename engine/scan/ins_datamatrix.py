"""Reading an INS datamatrix: what a scanner typed → the identity it shows, and everything that is wrong with it.

A scanned identity is never qualified by the scan: it is looked for, or asked about, with what was read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

from engine.findings import Finding, Severity
from engine.identity.birth_date import has_unknown_part
from engine.identity.datamatrix import FIELDS, InsField
from engine.identity.ins import nir_key_is_valid
from engine.identity.matricule import agreement_findings
from engine.identity.traits import StrictTraits
from engine.model.parties import INS_OIDS, INS_TEST_OIDS, Ins
from engine.model.values import Timestamp
from engine.scan.ins_blocks import InsBlocks, ins_blocks
from engine.scan.keyboard import Layout
from engine.scan.reading import Token, TokenKind, keyboard_findings, reading, size_findings
from engine.scan.rules import finding

_INS_C = "1.2.250.1.213.1.4.2"
_GS1_START = re.compile(r"\(?01\)?0[0-9]{13}")


@dataclass(frozen=True, slots=True)
class ScannedIdentity:
    """What the datamatrix says; None for a field that is absent, wrong or ambiguous."""

    matricule: str | None = None
    """S1, its key verified."""
    oid: str | None = None
    """S2, one of the four OIDs of an INS."""
    given_names: str | None = None
    """S3, the list as one text: where a name ends in it cannot be told from a space."""
    birth_name: str | None = None
    """S4."""
    gender: str | None = None
    """S5, F or M."""
    birth_date: Timestamp | None = None
    """S6, to the day."""
    birth_cog: str | None = None
    """S7."""

    @property
    def ins(self) -> Ins | None:
        """Matricule and OID together, not qualified: a scan proves neither INSi's answer nor a document."""
        return Ins(self.matricule, self.oid, qualified=False) if self.matricule and self.oid else None


@dataclass(frozen=True, slots=True)
class InsScan:
    """The result of a scan."""

    identity: ScannedIdentity | None
    """None when this is no INS datamatrix, or one that cannot be interpreted."""
    layout: Layout
    tokens: tuple[Token, ...]
    """Lossless: their `raw`, joined, is what was typed."""
    findings: tuple[Finding, ...]


def scan_ins(text: str) -> InsScan:
    """Read an INS datamatrix as a scanner typed it (Ségur wave 1, rule 32). Never raises.

    Another keyboard layout, Caps Lock, lost or replaced separators, prefixes, suffixes and symbology identifiers are
    undone where only one reading is possible, and said; a field with several possible readings has no value.
    """
    refused = size_findings(text)
    if refused:
        token = Token(TokenKind.UNREAD, text, text)
        return InsScan(None, Layout.AS_TYPED, (token,) if text else (), refused)
    readings = [_judged(ins_blocks(reading(text, layout))) for layout in Layout]
    recognised = [one for one in readings if one.identity is not None]
    if not recognised:
        return _unrecognised(readings)
    fewest = min(_errors(one) for one in recognised)
    return _agreed([one for one in recognised if _errors(one) == fewest])


def _errors(scan: InsScan) -> int:
    return sum(one.severity is Severity.ERROR for one in scan.findings)


def _unrecognised(readings: list[InsScan]) -> InsScan:
    """An INS datamatrix that cannot be interpreted is told from another code, and another code by its name."""
    for scan in readings:
        if any(one.code != "scan.not_ins" for one in scan.findings):
            return scan
    first = readings[0]
    for scan in readings:
        whole = scan.tokens[0].read.lstrip("\x1d ")
        if _GS1_START.match(whole.removeprefix("]d2").removeprefix("]C1")):
            return InsScan(None, scan.layout, scan.tokens, (finding("scan.is_gs1"),))
        if re.match(r"DC0[0-9]", whole):
            return InsScan(None, scan.layout, scan.tokens, (finding("scan.is_2ddoc"),))
    return first


def _agreed(scans: list[InsScan]) -> InsScan:
    """One reading, or what all of them say alike."""
    first = scans[0]
    names = dict(zip((one.name for one in fields(ScannedIdentity)), FIELDS, strict=True))
    values, findings = {}, list(first.findings)
    for name, field in names.items():
        found = {getattr(scan.identity, name) for scan in scans}
        values[name] = found.pop() if len(found) == 1 else None
        if found:
            findings.append(finding("scan.ambiguous", where=field.id, field=field.name))
    return InsScan(ScannedIdentity(**values), first.layout, first.tokens, tuple(findings))


def _judged(blocks: InsBlocks) -> InsScan:
    layout = blocks.reading.layout
    if not blocks.recognised:
        return InsScan(None, layout, blocks.tokens, blocks.findings)
    findings = [*keyboard_findings(layout), *blocks.findings]
    values = {field.id: _value(field, blocks, findings) for field in FIELDS}
    born = _birth_date(values["S6"], findings)
    identity = ScannedIdentity(
        matricule=_matricule(values["S1"], findings),
        oid=_oid(values["S2"], findings),
        given_names=values["S3"],
        birth_name=values["S4"],
        gender=values["S5"],
        birth_date=born,
        birth_cog=values["S7"],
    )
    traits = StrictTraits(gender=identity.gender, birth_date=born, birth_cog=identity.birth_cog)
    findings += agreement_findings(identity.matricule or "", traits)
    return InsScan(identity, layout, blocks.tokens, tuple(findings))


def _value(field: InsField, blocks: InsBlocks, findings: list[Finding]) -> str | None:
    sent = [value for one, value in blocks.values if one is field]
    if not sent:
        code = "scan.ins_missing" if field.required else "scan.ins_no_place"
        findings.append(finding(code, where=field.id, field=field.name))
        return None
    if len(sent) > 1:
        findings.append(finding("scan.ins_repeated", where=field.id, field=field.name))
        return None
    (value,) = sent
    well_formed = field.shortest <= len(value) <= field.longest and field.form.fullmatch(value)
    if not well_formed and (field.id, value) != ("S2", _INS_C):
        findings.append(finding("scan.ins_field", where=field.id, field=field.name))
        return None
    return value


def _matricule(value: str | None, findings: list[Finding]) -> str | None:
    if value is None or nir_key_is_valid(value):
        return value
    findings.append(finding("scan.ins_key", where="S1"))
    return None


def _oid(value: str | None, findings: list[Finding]) -> str | None:
    if value is None:
        return None
    if value in INS_TEST_OIDS:
        findings.append(finding("scan.ins_test", where="S2"))
    if value in INS_OIDS:
        return value
    findings.append(finding("scan.ins_old" if value == _INS_C else "scan.ins_oid", where="S2"))
    return None


def _birth_date(value: str | None, findings: list[Finding]) -> Timestamp | None:
    if value is None:
        return None
    day, month, year = value.split("-")
    if has_unknown_part(day, month):
        findings.append(finding("scan.ins_date_zero", where="S6"))
        return None
    try:
        return Timestamp(year + month + day)
    except ValueError:
        findings.append(finding("scan.ins_field", where="S6", field="date de naissance"))
        return None
