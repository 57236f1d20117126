"""The twelve lines of a dossier's header, as words; a header out of place is told, never straightened."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.findings import Finding
from engine.formats.hprim.medecin.dates import looks_like_date
from engine.formats.hprim.medecin.file import HEADER_LINES, Dossier
from engine.formats.hprim.medecin.lines import Line
from engine.formats.hprim.medecin.markup import plain
from engine.formats.hprim.policy import finding

_CODE_WIDTH = 10
_NAME_DIGITS = re.compile(r"\d")
_THIRTEENTH = re.compile(r"(?:t[ée]l|exp[ée]diteur)\W", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """Header lines without their padding. Sex, sampling time, specimen and validator are not in it."""

    patient_code: str
    """Line 1."""
    name: str
    """Line 2; usual or birth name, the recommendation does not say which."""
    given_name: str
    address: tuple[str, ...]
    """Lines 4 and 5, those that are filled."""
    city: str
    """Line 6: postal code, blank, city."""
    birth_date: str
    """Line 7."""
    nir: str
    """Line 8; may be the insured person's. Never an INS."""
    number: str
    """Line 9: number of the dossier, key of the report."""
    dossier_date: str
    """Line 10: not a sampling date."""
    sender: str
    """Line 11: code of ten characters, blank, name."""
    recipient: str
    """Line 12, the same."""
    lines: tuple[Line, ...]

    def line(self, number: int) -> int:
        """Line in the file of a header line, from 1."""
        return self.lines[number - 1].number


def header(dossier: Dossier) -> Header:
    """The header's words. Needs its twelve lines; entities such as `&eacute;` are decoded."""
    words = [" ".join(plain(line.text).text.split("\n")).strip() for line in dossier.header[:HEADER_LINES]]
    return Header(
        patient_code=words[0],
        name=words[1],
        given_name=words[2],
        address=tuple(word for word in words[3:5] if word),
        city=words[5],
        birth_date=words[6],
        nir=words[7],
        number=words[8],
        dossier_date=words[9],
        sender=plain(dossier.header[10].text).text,
        recipient=plain(dossier.header[11].text).text,
        lines=dossier.header,
    )


def codes(party: str) -> tuple[str, ...]:
    """Codes that line 11 or 12 may give, the likeliest first: the first ten characters, else the first word."""
    padded = party[:_CODE_WIDTH].strip()
    first = party.split()[0] if party.split() else ""
    return tuple(dict.fromkeys(code for code in (padded, first) if code and code != "."))


def shift_findings(head: Header) -> tuple[Finding, ...]:
    """Proofs that a line was added or lost before line 11: a date out of place, a digit in a name.

    No laboratory may loosen it, nor could it be known whose header it is.
    """
    where = None
    dated = {number: looks_like_date(word) for number, word in _dated(head)}
    if not dated[7] and (dated[6] or dated[8]):
        where = 7
    elif dated[6] or dated[8]:
        where = 6 if dated[6] else 8
    elif dated[9] or dated[11]:
        where = 9 if dated[9] else 11
    elif _NAME_DIGITS.search(head.name):
        where = 2
    elif _NAME_DIGITS.search(head.given_name):
        where = 3
    if where is None:
        return ()
    return (finding("hprim.header_shifted", f"H.{where}", line=head.line(where)),)


def has_thirteenth_line(dossier: Dossier, head: Header) -> bool:
    """Whether the line after the header is the sender's own (its name, its telephone), which some vendors add."""
    after = dossier.text[0].text if dossier.text else ""
    name = head.sender[_CODE_WIDTH:].strip()
    return bool(after.strip()) and ((bool(name) and name in after) or _THIRTEENTH.search(after) is not None)


def _dated(head: Header) -> tuple[tuple[int, str], ...]:
    return (
        (6, head.city),
        (7, head.birth_date),
        (8, head.nir),
        (9, head.number),
        (11, head.sender),
    )
