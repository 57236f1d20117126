"""What is said of RES lines whatever they become: validated or not, shifted, ambiguous, strange."""

from __future__ import annotations

from engine.findings import Finding
from engine.formats.hprim.medecin.block import Entry, Other, Res
from engine.formats.hprim.medecin.numbers import Reading, is_date, reading
from engine.formats.hprim.medecin.ranges import Bounds, bounds
from engine.formats.hprim.policy import finding
from engine.model.directory import Laboratory

_STATUSES = frozenset({"F", "C", "R"})


def block_findings(block: tuple[Entry, ...], laboratory: Laboratory) -> tuple[Finding, ...]:
    """Every remark about the lines of a block, in their order."""
    found: list[Finding] = []
    for entry in block:
        if isinstance(entry, Res):
            found += _res(entry, laboratory)
        elif isinstance(entry, Other):
            name = entry.tag or "non identifié"
            found.append(finding("hprim.unknown_line", "LAB", laboratory, line=entry.line.number, name=name))
    return tuple(found)


def result_reading(res: Res) -> Reading:
    """Field 5, read with its unit and bounds beside it."""
    return reading(res.field(5), unit=res.field(6), bounds=(res.field(7), res.field(8)))


def is_number(res: Res) -> bool:
    """Whether the value may be a quantity: announced numeric, or alphanumeric with a comparator, and no date."""
    return res.field(4).upper() in ("N", "A", "") and not _is_date(res)


def _is_date(res: Res) -> bool:
    return not res.field(6) and is_date(res.field(5))


def _res(res: Res, laboratory: Laboratory) -> list[Finding]:
    def remark(code: str, field: int, **words: object) -> Finding:
        return finding(code, f"{res.origin}.{field}", laboratory, line=res.line.number, code=res.name, **words)

    found = [finding("hprim.line_case", res.origin, laboratory, line=res.line.number)] if res.lower_case else []
    if res.shifted:
        return [*found, remark("hprim.res_shifted", 4)]
    found += [remark(code, 10, **words) for code, words in _status(res, laboratory)]
    if not res.field(5):
        return found + ([remark("hprim.value_missing", 5)] if res.field(3) or res.field(6) else [])
    read = result_reading(res)
    found += [remark(code, 5) for code in _value(res, read)]
    found += [remark(code, 7, **words) for code, words in _range(bounds(res.field(7), res.field(8)))]
    if res.field(11):
        found.append(remark("hprim.second_unit", 11))
    if _against(res, read):
        found.append(remark("mapping.flag_against_range", 9, flag=res.field(9)))
    return found


def _status(res: Res, laboratory: Laboratory) -> list[tuple[str, dict[str, object]]]:
    status = res.field(10).upper()
    if status in ("F", "C"):
        return []
    if status == "R":
        return [("hprim.not_validated", {})]
    if status:
        return [("hprim.status_unknown", {"status": status if len(status) <= 2 else "?"})]
    if not (res.field(3) or res.field(5)):
        return []
    return [("hprim.empty_status_validated" if laboratory.empty_status_is_validated else "hprim.empty_status", {})]


def _value(res: Res, read: Reading) -> list[str]:
    numeric = res.field(4).upper() == "N"
    remarks = (
        (read.ambiguous, "hprim.ambiguous_number"),
        (numeric and _is_date(res), "hprim.n_with_date"),
        (numeric and read.value is None and not read.ambiguous and not _is_date(res), "hprim.n_with_text"),
        (read.value is not None and read.comma, "hprim.decimal_comma"),
        (read.value is not None and read.grouped, "hprim.spaces_in_number"),
        (read.decorated, "hprim.decorated_value"),
        (bool(read.unit) and bool(res.field(6)), "hprim.unit_in_value"),
    )
    return [code for wrong, code in remarks if wrong]


def _range(read: Bounds) -> list[tuple[str, dict[str, object]]]:
    outcome = "rendues en texte" if read.unreadable or read.reversed else "lues comme un intervalle"
    remarks: tuple[tuple[bool, str, dict[str, object]], ...] = (
        (read.combined, "hprim.combined_range", {"outcome": outcome}),
        (read.sentinel, "hprim.sentinel_bound", {}),
        (read.reversed, "hprim.range_reversed", {}),
        (read.unreadable and not read.combined, "hprim.range_unreadable", {}),
    )
    return [(code, words) for wrong, code, words in remarks if wrong]


def _against(res: Res, read: Reading) -> bool:
    """True when the flag says normal outside the bounds, or low or high inside them; a comparator proves nothing."""
    flag = res.field(9).upper()
    limits = bounds(res.field(7), res.field(8))
    if read.value is None or read.comparator or not is_number(res) or (limits.low is None and limits.high is None):
        return False
    low = limits.low is not None and read.value < limits.low
    high = limits.high is not None and read.value > limits.high
    expected = {"N": not (low or high), "L": low, "LL": low, "H": high, "HH": high}
    return not expected.get(flag, True)
