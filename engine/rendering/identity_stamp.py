"""The identity block on a sender's own PDF: a strip added above its first page, nothing of the page covered or moved.

A PDF/A-1b stays one (ISO 19005-1): the strip embeds its fonts, has no transparency, and its greys carry their own
profile. What cannot be stamped without a doubt is left as it was, and said.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pikepdf

from engine.findings import Disposition, Finding, Severity
from engine.model.values import Timestamp
from engine.rendering.pdfa import pdfa_findings
from engine.rendering.typesetting import Data, pdf_a

STRIP_HEIGHT = Decimal(91)
"""Points, 32 mm: the tallest symbol of an INS datamatrix and its caption."""
_NARROWEST = Decimal(400)
_WIDEST = Decimal(2000)
_ANY_DAY = Timestamp("2000")
"""The strip is a page of a file that is not kept: its creation date is nowhere."""


@dataclass(frozen=True, slots=True)
class StampedPdf:
    """The PDF with its block, or why it is left as it was."""

    pdf: bytes | None
    findings: tuple[Finding, ...] = ()


def stamped_pdf(pdf: bytes, block: Mapping[str, Data]) -> StampedPdf:
    """Add an `identity_block` above the first page. Pure: same arguments, same bytes. Never raises for a bad PDF.

    Refused: what is no PDF/A-1b by `pdfa_findings`, a signed file (the signature would break), a first page that is
    rotated, cropped or of an unusual width, and an empty block.
    """
    if not block:
        return StampedPdf(None, (_left("pdf.stamp_empty", "Il n'y a pas de bloc d'identité à apposer."),))
    before = pdfa_findings(pdf)
    if before:
        return StampedPdf(None, before)
    with pikepdf.open(io.BytesIO(pdf), suppress_warnings=True) as opened:
        findings = _obstacles(opened)
        if findings:
            return StampedPdf(None, findings)
        if not _extend(opened, block):
            too_long = _left("pdf.stamp_overflow", "Les traits du patient ne tiennent pas dans le bloc.")
            return StampedPdf(None, (too_long,))
        out = io.BytesIO()
        modes = pikepdf.ObjectStreamMode
        opened.save(out, object_stream_mode=modes.disable, deterministic_id=True, fix_metadata_version=False)
    made = out.getvalue()
    after = pdfa_findings(made)
    return StampedPdf(None, after) if after else StampedPdf(made)


def _obstacles(pdf: pikepdf.Pdf) -> tuple[Finding, ...]:
    page = pdf.pages[0]
    found = []
    if _is_signed(pdf):
        found.append(
            _left("pdf.stamp_signed", "Le PDF est signé : y apposer le bloc d'identité romprait la signature.")
        )
    if b">A<" in _metadata(pdf) or b'conformance="A"' in _metadata(pdf):
        found.append(_left("pdf.stamp_tagged", "Le PDF est un PDF/A-1a : le bloc d'identité n'y a pas sa structure."))
    rotation = page.obj.get("/Rotate", 0)
    if not isinstance(rotation, int) or rotation % 360:
        found.append(
            _left("pdf.stamp_rotated", "La première page du PDF est tournée : le bloc ne peut pas y être placé.")
        )
    box = _box(page.obj.get("/MediaBox"))
    if box is not None and _box(page.obj.get("/CropBox", page.mediabox)) != box:
        found.append(
            _left("pdf.stamp_cropped", "La première page du PDF est rognée : le bloc ne peut pas y être placé.")
        )
    if box is None or not _NARROWEST <= box[2] - box[0] <= _WIDEST:
        found.append(_left("pdf.stamp_width", "La première page du PDF est trop étroite ou trop large pour le bloc."))
    return tuple(found)


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    """A signature is what says which bytes it covers."""
    return "/Perms" in pdf.Root or any(
        isinstance(one, pikepdf.Dictionary) and "/ByteRange" in one for one in pdf.objects
    )


def _metadata(pdf: pikepdf.Pdf) -> bytes:
    metadata = pdf.Root.get("/Metadata")
    return metadata.read_raw_bytes() if isinstance(metadata, pikepdf.Stream) else b""


def _box(box: object) -> tuple[Decimal, Decimal, Decimal, Decimal] | None:
    """Left, bottom, right, top; None for anything but four numbers."""
    sides = list(box) if isinstance(box, pikepdf.Array) else []
    if len(sides) != 4 or not all(isinstance(side, int | Decimal) for side in sides):
        return None
    one, two, three, four = (Decimal(str(side)) for side in sides)
    return min(one, three), min(two, four), max(one, three), max(two, four)


def _extend(pdf: pikepdf.Pdf, block: Mapping[str, Data]) -> bool:
    """The strip is drawn first; what the page draws is kept inside the page as it was. False when it does not fit.

    pikepdf has already given the page what it inherits: size, rotation, resources.
    """
    page = pdf.pages[0]
    box = _box(page.mediabox)
    if box is None:
        return False
    left, bottom, right, top = box
    data: dict[str, Data] = {
        "width": int((right - left) * 100),
        "height": int(STRIP_HEIGHT * 100),
        "block": block,
    }
    with pikepdf.open(io.BytesIO(pdf_a("identity_stamp.typ", data, _ANY_DAY))) as strip:
        if len(strip.pages) != 1:
            return False
        form = pdf.copy_foreign(strip.pages[0].as_form_xobject())
    name = page.add_resource(form, pikepdf.Name("/XObject"), _free_name(page), replace_existing=False)
    drawing = (
        f"q 1 0 0 1 {left:f} {top:f} cm {name} Do Q q {left:f} {bottom:f} {right - left:f} {top - bottom:f} re W n\n"
    )
    page.contents_add(drawing.encode("ascii"), prepend=True)
    page.contents_add(b"\nQ")
    for key in {"/MediaBox", "/CropBox"} & set(page.obj.keys()):
        page.obj[key] = pikepdf.Array([left, bottom, right, top + STRIP_HEIGHT])
    return True


def _free_name(page: pikepdf.Page) -> pikepdf.Name:
    drawings = page.resources.get("/XObject", pikepdf.Dictionary())
    rank = next(rank for rank in range(len(drawings) + 1) if f"/Strip{rank}" not in drawings)
    return pikepdf.Name(f"/Strip{rank}")


def _left(code: str, message: str) -> Finding:
    remedy = "Le PDF part tel que l'émetteur l'a envoyé ; demandez-lui d'y faire figurer l'INS."
    return Finding(code, Severity.WARNING, "", message, remedy, "pdf", Disposition.PUBLISH)
