"""A CSV table as rows that know where each cell stands; every fault of form is a finding, none hides the others."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from engine.findings import Disposition, Finding, Severity


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    file: str
    line: int
    cells: dict[str, tuple[int, str]]
    """Column name → (its rank from 1, the cell without its blanks); columns the table lacks are not there."""

    def cell(self, column: str) -> str:
        """The cell, empty when the table has no such column."""
        return self.cells.get(column, (0, ""))[1]

    def text(self, column: str) -> str | None:
        """The cell, None when it is empty."""
        return self.cell(column) or None

    def problem(self, column: str, code: str, message: str, remedy: str = "") -> Finding:
        """A fault of this row, at `tests.csv:12:3` (line and column of the table)."""
        return problem(self.file, self.line, self.cells.get(column, (1, ""))[0], code, message, remedy)


def problem(file: str, line: int, column: int, code: str, message: str, remedy: str = "") -> Finding:
    """A fault of a table, for the operator to mend."""
    where = f"{file}:{line}:{column}"
    return Finding(f"config.{code}", Severity.ERROR, where, message, remedy, "config", Disposition.REFUSE, line=line)


def rows(
    content: bytes, file: str, columns: Iterable[str], required: Iterable[str]
) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """The filled rows of a table and every fault of form.

    UTF-8 with or without mark, else Windows-1252; `;` or `,` between columns, whichever the first line uses more.
    The first line names the columns, in any order; those not `required` may be left out.
    """
    text, found = _text(content, file)
    lines = [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    head = lines[0]
    reader = csv.reader(lines, delimiter=";" if head.count(";") >= head.count(",") else ",", strict=True)
    records = _records(reader, file, found)
    if not records:
        return (), (
            *found,
            problem(file, 1, 1, "table_empty", "La table est vide.", "La première ligne nomme les colonnes."),
        )
    names = [name.strip().lower() for name in records[0][1]]
    found += _headings(names, file, tuple(columns), tuple(required))
    made = [_row(cells, line, names, file, found) for line, cells in records[1:]]
    return tuple(made), tuple(found)


def _text(content: bytes, file: str) -> tuple[str, list[Finding]]:
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\ufffd" not in text:
        return text, []
    line = text[: text.index("\ufffd")].count("\n") + 1
    words = "Un caractère n'est ni en UTF-8 ni en Windows-1252."
    return text, [problem(file, line, 1, "table_encoding", words, "Enregistrez la table en UTF-8.")]


def _records(reader: Iterable[list[str]], file: str, found: list[Finding]) -> list[tuple[int, list[str]]]:
    """(first line, cells) of every filled record."""
    records: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((line, cells))
            line = int(getattr(reader, "line_num", line)) + 1
    except csv.Error:
        words = "La ligne est mal formée (guillemets) : la suite de la table n'est pas lue."
        found.append(problem(file, line, 1, "table_syntax", words, "Doublez les guillemets qui sont dans une cellule."))
    return records


def _headings(names: list[str], file: str, columns: tuple[str, ...], required: tuple[str, ...]) -> list[Finding]:
    found = []
    for rank, name in enumerate(names, start=1):
        if name in names[: rank - 1]:
            found.append(problem(file, 1, rank, "table_column", f"La colonne « {name} » est en double."))
        elif name and name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            advice = (
                f"Vouliez-vous dire « {near[0]} » ?" if near else "Colonnes possibles : " + ", ".join(columns) + "."
            )
            found.append(problem(file, 1, rank, "table_column", f"Colonne inconnue « {name} ».", advice))
    absent = [name for name in required if name not in names]
    found += [problem(file, 1, 1, "table_column", f"La colonne « {name} » est absente.") for name in absent]
    return found


def _row(cells: list[str], line: int, names: list[str], file: str, found: list[Finding]) -> Row:
    if any(cell.strip() for cell in cells[len(names) :]):
        words = "La ligne a plus de cellules que la table n'a de colonnes."
        advice = "Mettez entre guillemets une cellule qui contient le séparateur."
        found.append(problem(file, line, len(names) + 1, "table_cells", words, advice))
    ranked = {name: (rank, cell.strip()) for rank, (name, cell) in enumerate(zip(names, cells, strict=False), start=1)}
    return Row(file, line, ranked | {name: (rank, "") for rank, name in enumerate(names, 1) if name not in ranked})
