"""Data Matrix symbols (ISO/IEC 16022, ECC 200) as squares to draw."""

from __future__ import annotations

from collections.abc import Iterator

from ppf.datamatrix import DataMatrix  # type: ignore[import-untyped]

from engine.rendering.typesetting import Data

Modules = tuple[tuple[bool, ...], ...]
"""Rows of a symbol, True for a dark module; no quiet zone."""


def datamatrix(text: str) -> Modules:
    """The square symbol of a text in C40 encodation, which the INS datamatrix asks for its head.

    Raises ValueError for signs outside ASCII, or more of them than a symbol holds.
    """
    if not text or not text.isascii():
        raise ValueError("a symbol holds ASCII signs")
    return tuple(tuple(bool(module) for module in row) for row in DataMatrix(text, codecs=["C40"]).matrix)


def drawn(modules: Modules) -> dict[str, Data]:
    """The data of `datamatrix.typ`: modules per side, and runs of dark modules as [column, row, length]."""
    runs: list[Data] = [list(run) for row, line in enumerate(modules) for run in _runs(row, line)]
    return {"size": len(modules), "runs": runs}


def _runs(row: int, line: tuple[bool, ...]) -> Iterator[tuple[int, int, int]]:
    start = None
    for column, dark in enumerate((*line, False)):
        if dark and start is None:
            start = column
        elif not dark and start is not None:
            yield start, row, column - start
            start = None
