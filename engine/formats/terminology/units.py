"""Units as sent → UCUM (2.16.840.1.113883.6.8): the same unit written officially, never another one."""

from __future__ import annotations

from collections.abc import Mapping

from engine.formats.terminology.unit_spellings import SPELLINGS
from engine.model.directory import Laboratory, MappedTest

_SIGNS = str.maketrans({"μ": "µ", "²": "2", "³": "3", "⁹": "9", "·": ".", ",": ".", "−": "-", "∕": "/", "×": "x"})


def ucum(sent: str, laboratory: Laboratory, test: MappedTest | None = None) -> str | None:
    """The UCUM code of a unit as sent, or None when nobody has said what it means.

    In this order: what the laboratory says of this test (`unit_ucum`), what it says of this unit (`units`), the common
    table. A unit is rewritten, never converted: the number beside it stays as it is.

    Some units have no common reading, on purpose, and need the laboratory's word:

    - `UI/L`, `UI/g`…: laboratories write UI both for enzymes (U/L) and for international units ([IU]/L);
    - `mL/min/1,73m²`: the UCUM form `mL/min/{1.73_m2}` is not in the list of the official test pack, which refuses it;
    - an empty unit or a dot: absence of a unit is not a dimensionless one;
    - a lone `g/L` or `G/L` differ by case only, so a laboratory that writes all units in capitals must say so.
    """
    if test is not None and test.unit_ucum:
        return test.unit_ucum
    stripped = sent.strip()
    said = laboratory.units.get(sent) or laboratory.units.get(stripped)
    return said or _EXACT.get(_written(stripped)) or _of_any_case(_monocase(_written(stripped)))


def unit_key(sent: str) -> str:
    """A unit as compared with the `unit_sent` of a table: two spellings of one unit (`mmol/l`, `mmol/L`) are equal."""
    written = _written(sent)
    return _EXACT.get(written, written)


def _written(sent: str) -> str:
    """One way of writing for signs that have several: micro, powers, decimal comma; no blanks."""
    text = "".join(sent.split()).translate(_SIGNS)
    if text[:1] == "u" and len(text) > 1 and text[1:2] in "gmlLUIEekM":
        text = "µ" + text[1:]
    return text.replace("/u", "/µ") if text.endswith(("/uL", "/ul")) else text


def _exact() -> Mapping[str, str]:
    table: dict[str, str] = {}
    for code, spellings in SPELLINGS.items():
        for spelling in spellings.split():
            for variant in (spelling, spelling.replace("L", "l")):
                if table.setdefault(_written(variant), code) != code:
                    raise ValueError(f"{variant} stands for two units")
    return table


def _monocase(written: str) -> str:
    """The key of a unit sent all in capitals or all in small letters; empty when it is neither, or too short."""
    letters = [sign for sign in written if sign.isalpha() and sign != "µ"]
    if len(letters) < 2 or not (all(s.isupper() for s in letters) or all(s.islower() for s in letters)):
        return ""
    return written.lower()


def _of_any_case(key: str) -> str | None:
    micro = "µ" + key[1:] if key.startswith("u") else ""
    return _ANY_CASE.get(key) or _ANY_CASE.get(micro)


def _any_case(exact: Mapping[str, str]) -> Mapping[str, str]:
    """Keys whose letters mean one unit only, whatever their case: `MG/L` yes, `G/L` no."""
    found: dict[str, set[str]] = {}
    for key, code in exact.items():
        found.setdefault(key.lower(), set()).add(code)
    risky = {"t/l", "m/ml", "m/mm3"}
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1 and key not in risky}


_EXACT = _exact()
_ANY_CASE = _any_case(_EXACT)
