"""Article numbers: GTIN and its key (GS1 General Specifications, 7.9), French CIP codes in them."""

from __future__ import annotations

_CIP_START = "034009"
"""0, then 3400 (health products in France), then 9 (medicines)."""


def key_is_right(digits: str) -> bool:
    """True when the last digit is the GS1 key of the others: weights 3 and 1 from the right."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    total = sum(int(digit) * (3 if rank % 2 else 1) for rank, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def cip13(gtin: str) -> str | None:
    """The 13-digit CIP that a 14-digit GTIN holds after its leading zero; None for any other article."""
    return gtin[1:] if len(gtin) == 14 and gtin.startswith(_CIP_START) else None


def cip7(gtin: str) -> str | None:
    """The former 7-digit CIP: what stands between `34009` and the key."""
    return gtin[len(_CIP_START) : 13] if cip13(gtin) else None
