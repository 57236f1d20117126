"""Application identifiers (AI) that medicines carry: their lengths and what their values must be.

GS1 General Specifications, section 3. Those outside this table are left aside up to the next separator.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.scan.gs1_dates import gs1_date
from engine.scan.gtin import key_is_right

_SIGNS = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
"""GS1 AI encodable character set 82."""
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class ApplicationIdentifier:
    code: str
    name: str
    """In French, for messages."""
    longest: int
    fixed: bool = False
    numeric: bool = False
    is_date: bool = False

    def problem(self, value: str, *, today: date | None = None) -> str | None:
        """Code of the finding about a value that cannot be; None when it can."""
        signs = _DIGITS if self.numeric else _SIGNS
        length = len(value) == self.longest if self.fixed else 1 <= len(value) <= self.longest
        if not length or not signs.fullmatch(value):
            return "scan.gs1_value"
        if self.is_date and gs1_date(value, today=today) is None:
            return "scan.gs1_date"
        wrong_key = self.code == "01" and not (value.strip("0") and key_is_right(value))
        return "scan.gs1_key" if wrong_key else None


def _date(code: str, name: str) -> ApplicationIdentifier:
    return ApplicationIdentifier(code, name, 6, fixed=True, numeric=True, is_date=True)


GTIN = ApplicationIdentifier("01", "code article (GTIN)", 14, fixed=True, numeric=True)
LOT = ApplicationIdentifier("10", "numéro de lot", 20)
PRODUCTION = _date("11", "date de fabrication")
EXPIRY = _date("17", "date de péremption")
SERIAL = ApplicationIdentifier("21", "numéro de série", 20)
COUNTRIES = {
    "710": "Allemagne (PZN)",
    "711": "France (CIP)",
    "712": "Espagne (CN)",
    "713": "Brésil (DRN)",
    "714": "Portugal (AIM)",
    "715": "États-Unis (NDC)",
    "716": "Italie (AIC)",
}
"""National healthcare reimbursement numbers (NHRN)."""
_NHRN = tuple(ApplicationIdentifier(code, f"code national {words}", 20) for code, words in COUNTRIES.items())
USUAL = {one.code: one for one in (GTIN, LOT, PRODUCTION, EXPIRY, SERIAL, *_NHRN)}
"""On a box of medicine."""
_OTHERS = (
    ApplicationIdentifier("00", "numéro d'unité logistique", 18, fixed=True, numeric=True),
    ApplicationIdentifier("02", "contenu", 14, fixed=True, numeric=True),
    _date("13", "date d'emballage"),
    _date("15", "date de durabilité minimale"),
    _date("16", "date limite de vente"),
    ApplicationIdentifier("20", "variante", 2, fixed=True, numeric=True),
    ApplicationIdentifier("22", "variante du consommateur", 20),
    ApplicationIdentifier("240", "référence du fabricant", 30),
    ApplicationIdentifier("30", "quantité", 8, numeric=True),
    ApplicationIdentifier("37", "nombre d'unités", 8, numeric=True),
)
IDENTIFIERS = {**USUAL, **{one.code: one for one in _OTHERS}}


def identifier_at(text: str, at: int) -> ApplicationIdentifier | None:
    """The one that begins at a place of a text; no code is the beginning of another."""
    return next((one for length in (2, 3) if (one := IDENTIFIERS.get(text[at : at + length]))), None)
