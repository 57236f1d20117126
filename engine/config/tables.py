"""A laboratory's CSV tables → the parts of a Laboratory, with every fault at once, at `tests.csv:12:3`.

tests:      local_code;local_label;specimen;unit_sent;loinc;loinc_display;unit_ucum;value_kind;chapter;
            valid_from;valid_to
values:     local_code;code;system;display
units:      unit_sent;unit_ucum
identities: ipp;matricule;oid;birth_name;birth_given_names;birth_date;gender;birth_cog;used_name;used_given_name
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from engine.config.problems import Problem
from engine.csv_rows import Row, rows
from engine.findings import Finding
from engine.formats.terminology.words import local_key
from engine.identity.ins import ins_findings
from engine.model.directory import KnownIdentity, MappedCode, MappedTest
from engine.model.parties import INS_OIDS, Ins
from engine.model.values import Code, Timestamp

TEST_COLUMNS = (
    "local_code", "local_label", "specimen", "unit_sent", "loinc", "loinc_display", "unit_ucum", "value_kind",
    "chapter", "valid_from", "valid_to",
)  # fmt: skip
VALUE_COLUMNS = ("local_code", "code", "system", "display")
UNIT_COLUMNS = ("unit_sent", "unit_ucum")
IDENTITY_COLUMNS = (
    "ipp", "matricule", "oid", "birth_name", "birth_given_names", "birth_date", "gender", "birth_cog", "used_name",
    "used_given_name",
)  # fmt: skip
VALUE_KINDS = ("quantity", "text", "code")

_LOINC = re.compile(r"(\d{1,7})-(\d)", re.ASCII)
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+", re.ASCII)
_DAYS = (re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII), re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII))
_FRENCH_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)
_COG = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_LONG_AGO = date.min
_NEVER = date.max


def tests(content: bytes, file: str) -> tuple[tuple[MappedTest, ...], tuple[Finding, ...]]:
    """Local test codes → LOINC and UCUM. Two lines for one code, unit and specimen may not be in force together."""
    lines, form = rows(content, file, TEST_COLUMNS, ("local_code", "loinc"))
    found = list(form)
    made = [(row, _test(row, found)) for row in lines]
    found += _overlaps([(row, test) for row, test in made if test is not None])
    return tuple(test for _, test in made if test is not None), tuple(found)


def values(content: bytes, file: str) -> tuple[tuple[MappedCode, ...], tuple[Finding, ...]]:
    """Local value codes (germs, aspects…) → official codes."""
    lines, form = rows(content, file, VALUE_COLUMNS, VALUE_COLUMNS)
    found = list(form)
    _check_filled(lines, VALUE_COLUMNS, found)
    _check_unique(lines, "local_code", found)
    for row in lines:
        if row.cell("system") and not _OID.fullmatch(row.cell("system")):
            found.append(
                row.problem(
                    "system", "oid", "Le système de codes n'est pas un OID.", "Exemple : 2.16.840.1.113883.6.96."
                )
            )
    made = (
        MappedCode(row.cell("local_code"), Code(row.cell("code"), row.cell("system"), row.text("display")))
        for row in lines
        if row.cell("local_code") and row.cell("code")
    )
    return tuple(made), tuple(found)


def units(content: bytes, file: str) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """Units as the laboratory sends them → UCUM."""
    lines, form = rows(content, file, UNIT_COLUMNS, UNIT_COLUMNS)
    found = list(form)
    _check_filled(lines, UNIT_COLUMNS, found)
    _check_unique(lines, "unit_sent", found)
    for row in lines:
        found += _ucum_problems(row)
    return {row.cell("unit_sent"): row.cell("unit_ucum") for row in lines if row.cell("unit_ucum")}, tuple(found)


def identities(content: bytes, file: str) -> tuple[Mapping[str, KnownIdentity], tuple[Finding, ...]]:
    """Identities the site has had qualified, by IPP. Messages name the column, never what the cell holds."""
    lines, form = rows(content, file, IDENTITY_COLUMNS, IDENTITY_COLUMNS[:8])
    found = list(form)
    _check_filled(lines, IDENTITY_COLUMNS[:8], found)
    _check_unique(lines, "ipp", found)
    made = [_identity(row, found) for row in lines]
    return {known.ipp: known for known in made if known is not None}, tuple(found)


def loinc_is_valid(code: str) -> bool:
    """True when a LOINC code has its shape and its check digit (modulus 10, LOINC Users' Guide)."""
    match = _LOINC.fullmatch(code)
    if match is None:
        return False
    doubled = [int(digit) * (2 if rank % 2 == 0 else 1) for rank, digit in enumerate(reversed(match.group(1)))]
    return (sum(number // 10 + number % 10 for number in doubled) + int(match.group(2))) % 10 == 0


def _test(row: Row, found: list[Finding]) -> MappedTest | None:
    code = row.cell("local_code")
    if not code:
        found.append(row.problem("local_code", "cell_missing", "Le code local est absent."))
    for column in ("loinc", "chapter"):
        if row.cell(column) and not loinc_is_valid(row.cell(column)):
            message = f"La colonne « {column} » ne contient pas un code LOINC valide (forme ou clé)."
            found.append(row.problem(column, "loinc", message, "Vérifiez le code : sa dernière décimale est une clé."))
    if row.cell("loinc") and not row.cell("loinc_display"):
        message = "Le libellé LOINC est absent : le document ne serait pas conforme."
        found.append(row.problem("loinc_display", "cell_missing", message, "Recopiez le libellé français officiel."))
    kind = row.text("value_kind")
    if kind is not None and kind not in VALUE_KINDS:
        found.append(row.problem("value_kind", "value_kind", "Type de valeur inconnu.", "quantity, text ou code."))
    found += _ucum_problems(row)
    start, end = _day(row, "valid_from", found), _day(row, "valid_to", found)
    if start is not None and end is not None and end < start:
        found.append(row.problem("valid_to", "dates", "La fin de validité précède le début."))
    if not code:
        return None
    return MappedTest(
        local_code=code,
        loinc=row.text("loinc"),
        loinc_display=row.text("loinc_display"),
        local_label=row.text("local_label"),
        specimen=row.text("specimen"),
        unit_sent=row.text("unit_sent"),
        unit_ucum=row.text("unit_ucum"),
        value_kind=kind,
        chapter=row.text("chapter"),
        valid_from=start,
        valid_to=end,
    )


def _overlaps(made: list[tuple[Row, MappedTest]]) -> list[Finding]:
    found = []
    seen: dict[tuple[str, str | None, str | None], list[tuple[Row, MappedTest]]] = {}
    for row, test in made:
        same = seen.setdefault((local_key(test.local_code), test.unit_sent, test.specimen), [])
        clash = next((other for other, earlier in same if _together(test, earlier)), None)
        if clash is not None:
            message = f"Code local déjà donné à la ligne {clash.line} (même unité, même prélèvement, même période)."
            advice = "Gardez une seule ligne, ou donnez à chacune sa période de validité."
            found.append(row.problem("local_code", "duplicate", message, advice))
        same.append((row, test))
    return found


def _together(one: MappedTest, other: MappedTest) -> bool:
    """Whether two lines are in force on a same day."""
    starts = max(one.valid_from or _LONG_AGO, other.valid_from or _LONG_AGO)
    return starts <= min(one.valid_to or _NEVER, other.valid_to or _NEVER)


def _identity(row: Row, found: list[Finding]) -> KnownIdentity | None:
    faults = len(found)
    birth = _day(row, "birth_date", found)
    gender, oid, matricule = row.cell("gender").upper(), row.cell("oid"), row.cell("matricule").replace(" ", "")
    if gender and gender not in ("F", "M", "UN"):
        found.append(row.problem("gender", "gender", "Le sexe n'est pas un code connu.", "F, M ou UN."))
    if oid and oid not in INS_OIDS:
        found.append(row.problem("oid", "ins_oid", "L'OID n'est pas celui d'un INS (NIR, NIA, ou leurs OID de test)."))
    if row.cell("birth_cog") and not _COG.fullmatch(row.cell("birth_cog")):
        message = "Le lieu de naissance n'est pas un code COG de l'INSEE."
        found.append(row.problem("birth_cog", "cog", message, "Cinq signes ; 99 et le pays pour l'étranger."))
    ins = Ins(matricule, oid, qualified=True)
    if matricule:
        for fault in ins_findings(ins, gender=gender or None, birth_date=birth):
            found.append(row.problem("matricule", fault.code.split(".")[-1], fault.message, "Corrigez la table."))
    if len(found) > faults or birth is None or not all(row.cell(column) for column in IDENTITY_COLUMNS[:8]):
        return None
    return KnownIdentity(
        ipp=row.cell("ipp"),
        ins=ins,
        birth_name=row.cell("birth_name"),
        birth_given_names=tuple(row.cell("birth_given_names").replace(",", " ").split()),
        birth_date=Timestamp(f"{birth:%Y%m%d}".zfill(8)),
        gender=gender,
        birth_cog=row.cell("birth_cog"),
        used_name=row.text("used_name"),
        used_given_name=row.text("used_given_name"),
    )


def _day(row: Row, column: str, found: list[Finding]) -> date | None:
    """A day as `2025-03-10`, `20250310` or `10/03/2025`."""
    cell = row.cell(column)
    if not cell:
        return None
    parts = next((match.groups() for shape in _DAYS if (match := shape.fullmatch(cell))), None)
    if parts is None and (match := _FRENCH_DAY.fullmatch(cell)) is not None:
        parts = tuple(reversed(match.groups()))
    try:
        return date(*map(int, parts or ()))
    except (TypeError, ValueError):
        message = f"La colonne « {column} » ne contient pas une date possible."
        found.append(row.problem(column, "date", message, "Formes lues : 2025-03-10, 20250310, 10/03/2025."))
        return None


def _check_filled(lines: tuple[Row, ...], columns: tuple[str, ...], found: list[Finding]) -> None:
    for row in lines:
        found += [
            row.problem(column, "cell_missing", f"La colonne « {column} » est vide.")
            for column in columns
            if column in row.cells and not row.cell(column)
        ]


def _check_unique(lines: tuple[Row, ...], column: str, found: list[Finding]) -> None:
    first: dict[str, int] = {}
    for row in lines:
        key = local_key(row.cell(column))
        if key and key in first:
            found.append(row.problem(column, "duplicate", f"Clé déjà donnée à la ligne {first[key]}."))
        first.setdefault(key, row.line)


def _ucum_problems(row: Row) -> list[Finding]:
    """UCUM codes are ASCII without blanks; whether one exists is the validator's to say."""
    code = row.cell("unit_ucum")
    if not code or (code.isascii() and not any(sign.isspace() for sign in code)):
        return []
    message = "L'unité UCUM contient un blanc ou un signe qui n'est pas permis."
    return [row.problem("unit_ucum", "ucum", message, "Exemple : µmol/L s'écrit umol/L en UCUM.")]


def table_problem(finding: Finding, file: str) -> Problem:
    """`tests.csv:12:3` as a problem of that file."""
    _, _, place = finding.where.partition(":")
    line, _, column = place.partition(":")
    return Problem(file, int(line or 1), int(column or 1), finding.message, finding.remedy)
