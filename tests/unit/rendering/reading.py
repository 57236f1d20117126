"""What a reader finds in a PDF: its text, page by page."""

from __future__ import annotations

import io

from pypdf import PdfReader


def pages(pdf: bytes) -> list[str]:
    """Text of each page, layout kept as lines."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def words(pdf: bytes) -> str:
    """All the text, one space between words."""
    return " ".join(" ".join(pages(pdf)).split())


def squeezed(text: str) -> str:
    """Text without white space, to find what a line break in a cell has parted."""
    return "".join(text.split())


def lines(pdf: bytes) -> list[str]:
    """Every line of every page."""
    return [line for page in pages(pdf) for line in page.splitlines()]
