"""What a receiver checks of the readable copy."""

from __future__ import annotations

import io

import pikepdf


def is_pdfa1(content: bytes) -> bool:
    """Whether a PDF opens, is not encrypted and declares PDF/A part 1 (ISO 19005-1, XMP identification)."""
    if not content.startswith(b"%PDF-"):
        return False
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return not pdf.is_encrypted and pdf.open_metadata().get("pdfaid:part") == "1"
    except (pikepdf.PdfError, ValueError, KeyError):
        return False
