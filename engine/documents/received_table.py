"""A table as lines of one width for every sign: columns kept, long cells folded inside their column."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

_GAP = " | "
_NARROWEST = 6
_SHORT_RULE = "-" * 12


@dataclass(frozen=True, slots=True)
class Cell:
    lines: tuple[str, ...]
    columns: int = 1
    """How many columns it spans; 0: all of them."""
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    heading: bool = False


@dataclass(frozen=True, slots=True)
class _Placed:
    """A cell at its first column, with the number of columns it really has; none of its lines where it only goes on
    from the row above."""

    column: int
    columns: int
    lines: tuple[str, ...]


def table_lines(rows: tuple[Row, ...], width: int) -> list[str]:
    """The rows, at most `width` signs wide, a rule under the headings; each cell on a line of its own under its
    heading's words where there are too many columns for a page."""
    placed = _placed(rows)
    count = max((one.column + one.columns for row in placed for one in row), default=0)
    if not count:
        return []
    widths = _fitted(_natural(placed, count), width)
    if sum(widths) + len(_GAP) * (count - 1) > width:
        return _records(rows, placed, width)
    folded = [[_folded(one, widths) for one in row] for row in placed]
    spaced = any(len(lines) > 1 for row in folded for _, lines in row)
    found: list[str] = []
    for rank, row in enumerate(folded):
        found += _row_lines(row)
        last_heading = rows[rank].heading and not (rank + 1 < len(rows) and rows[rank + 1].heading)
        if last_heading or (spaced and rank + 1 < len(rows)):
            found.append("-" * min(width, sum(widths) + len(_GAP) * (count - 1)))
    return found


def _placed(rows: tuple[Row, ...]) -> list[list[_Placed]]:
    """Each row's cells at their columns, those that hang down from the rows above included."""
    whole = max((sum(cell.columns or 1 for cell in row.cells) for row in rows), default=0)
    hanging: dict[int, tuple[int, int]] = {}
    found = []
    for row in rows:
        column, current = 0, []
        below: dict[int, tuple[int, int]] = {}
        for cell in (*row.cells, None):
            while column in hanging:
                columns, left = hanging.pop(column)
                current.append(_Placed(column, columns, ()))
                if left > 1:
                    below[column] = (columns, left - 1)
                column += columns
            if cell is None:
                break
            columns = cell.columns or max(whole, 1)
            current.append(_Placed(column, columns, cell.lines))
            if cell.rows > 1:
                below[column] = (columns, cell.rows - 1)
            column += columns
        below.update({at: (columns, left - 1) for at, (columns, left) in hanging.items() if left > 1})
        found.append(current)
        hanging = below
    return found


def _natural(placed: list[list[_Placed]], count: int) -> list[int]:
    """Width of each column for its own cells; one that spans several widens the last of them."""
    widths = [1] * count
    cells = [one for row in placed for one in row]
    for one in sorted(cells, key=lambda cell: cell.columns):
        longest = max((len(line) for line in one.lines), default=0)
        inner = slice(one.column, one.column + one.columns)
        lacking = longest - (sum(widths[inner]) + len(_GAP) * (one.columns - 1))
        if lacking > 0:
            widths[one.column + one.columns - 1] += lacking
    return widths


def _fitted(widths: list[int], width: int) -> list[int]:
    """The widest columns give way until the table holds, or none can."""
    fitted = list(widths)
    excess = sum(fitted) + len(_GAP) * (len(fitted) - 1) - width
    while excess > 0:
        widest = max(fitted)
        if widest <= _NARROWEST:
            break
        below = max((one for one in fitted if one < widest), default=_NARROWEST)
        those = [rank for rank, one in enumerate(fitted) if one == widest]
        step = min(max(1, -(-excess // len(those))), widest - max(below, _NARROWEST)) or 1
        for rank in those:
            fitted[rank] -= step
        excess -= step * len(those)
    return fitted


def _records(rows: tuple[Row, ...], placed: list[list[_Placed]], width: int) -> list[str]:
    """`heading : value`, a line each; a cell that hangs down from the rows above is said once."""
    names: dict[int, list[str]] = {}
    found: list[str] = []
    for row, cells in zip(rows, placed, strict=True):
        for one in cells:
            words = " ".join(line for line in one.lines if line)
            label = " / ".join(names.get(one.column, []))
            shown = words if row.heading or not label else f"{label} : {words}"
            found += textwrap.wrap(shown, width, break_on_hyphens=False) if words else []
            if row.heading and words:
                for column in range(one.column, one.column + one.columns):
                    names.setdefault(column, []).append(words)
        found.append(_SHORT_RULE)
    return found


def _folded(one: _Placed, widths: list[int]) -> tuple[int, list[str]]:
    width = sum(widths[one.column : one.column + one.columns]) + len(_GAP) * (one.columns - 1)
    lines = [piece for line in one.lines for piece in (textwrap.wrap(line, width, break_on_hyphens=False) or [""])]
    return width, lines


def _row_lines(row: list[tuple[int, list[str]]]) -> list[str]:
    height = max((len(lines) for _, lines in row), default=0)
    return [
        _GAP.join((lines[at] if at < len(lines) else "").ljust(width) for width, lines in row).rstrip()
        for at in range(max(height, 1))
    ]
