"""The INS on a page: read back by another's decoder, for qualified identities alone, on the page it belongs to."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import NameObject

from engine.identity.datamatrix import ins_datamatrix
from engine.identity.traits import strict_traits
from engine.model.parties import INS_NIR, Ins, Patient
from engine.rendering.datamatrix import Modules, datamatrix, drawn
from engine.rendering.identity_block import identity_block, may_show_datamatrix
from engine.rendering.identity_stamp import STRIP_HEIGHT, stamped_pdf
from engine.rendering.laboratory_pdf import laboratory_pdf
from engine.rendering.pdfa import pdfa_findings
from engine.rendering.text_pdf import text_pdf
from engine.rendering.typesetting import Data
from engine.scan.ins_datamatrix import scan_ins
from tests.unit.documents_fixture import INS, PATIENT
from tests.unit.rendering import situations
from tests.unit.rendering.reading import pages, squeezed, words

WAVE_2 = {"class_code": "11", "wave": 2}


def content(patient: Patient = PATIENT) -> str:
    text = ins_datamatrix(patient.ins, strict_traits(patient)).text
    assert text is not None
    return text


def block(patient: Patient = PATIENT) -> dict[str, Data]:
    return identity_block(patient, content(patient), class_code="11", wave=2)


def decoded(modules: Modules) -> bytes:
    """What an independent decoder reads of a symbol, with a quiet zone of two modules."""
    zxingcpp = pytest.importorskip("zxingcpp", reason="no independent decoder of symbols is installed")
    image = pytest.importorskip("PIL.Image", reason="no picture library is installed")
    side = len(modules) + 4
    picture = image.new("L", (side, side), 255)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                picture.putpixel((column + 2, row + 2), 0)
    (found,) = zxingcpp.read_barcodes(
        picture.resize((side * 4, side * 4), image.Resampling.NEAREST), formats=zxingcpp.BarcodeFormat.DataMatrix
    )
    return bytes(found.bytes)


def modules_on(pdf: bytes) -> Modules:
    """The symbol as the first page of a PDF draws it, read from the drawing itself."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        page = opened.pages[0]
        form = page.resources.XObject.Strip0
        numbers, corners = [], []
        for operands, operator in pikepdf.parse_content_stream(form):
            if str(operator) in {"m", "l"}:
                numbers.append(tuple(float(one) for one in operands))
            elif str(operator) == "f":
                corners = max(corners, numbers, key=len)
                numbers = []
    squares = [corners[rank : rank + 4] for rank in range(0, len(corners), 4)]
    module = min(square[2][1] - square[0][1] for square in squares)
    places = [[round(axis / module) for square in squares for axis in (square[0][0], square[0][1], square[1][0])]]
    runs = list(zip(*[iter(places[0])] * 3, strict=True))
    size = max(end for _, _, end in runs) - 2
    grid = [[False] * size for _ in range(size)]
    for start, row, end in runs:
        for column in range(start - 2, end - 2):
            grid[row - 2][column] = True
    return tuple(tuple(line) for line in grid)


@cache
def report() -> bytes:
    return text_pdf(situations.text(), situations.VERSION, situations.SOFTWARE)


def changed(change: Callable[[pikepdf.Pdf], object]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(report())) as pdf:
        change(pdf)
        pdf.save(out, fix_metadata_version=False)
    return out.getvalue()


def report_with_shared_attributes() -> bytes:
    """Resources and size on the node above the pages, as many writers put them (pikepdf would bring them down)."""
    writer = PdfWriter(clone_from=io.BytesIO(report()))
    page = writer.pages[0]
    node = page["/Parent"].get_object()
    for key in ("/Resources", "/MediaBox"):
        node[NameObject(key)] = page.raw_get(key)
        del page[key]
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_symbol_holds_the_text_it_was_given() -> None:
    assert decoded(datamatrix(content())) == content().encode("ascii")


@settings(max_examples=60, deadline=None)
@given(
    birth_name=st.from_regex(r"[A-Z]([A-Z]|[ '-][A-Z]){0,99}", fullmatch=True).filter(lambda name: len(name) <= 100),
    given_names=st.from_regex(r"[A-Z]([A-Z]|[ '-][A-Z]){0,99}", fullmatch=True).filter(lambda name: len(name) <= 100),
)
def test_any_identity_can_be_read_back_from_its_symbol(birth_name: str, given_names: str) -> None:
    patient = replace(PATIENT, birth_name=birth_name, birth_given_names=(given_names,))
    read = decoded(datamatrix(content(patient))).decode("ascii")
    assert read == content(patient)
    identity = scan_ins(read).identity
    assert identity is not None
    assert (identity.birth_name, identity.given_names) == (birth_name, given_names)


def test_a_symbol_is_drawn_module_for_module() -> None:
    modules = datamatrix(content())
    data = drawn(modules)
    dark = {(column, row) for row, line in enumerate(modules) for column, one in enumerate(line) if one}
    runs = data["runs"]
    assert isinstance(runs, list)
    assert {(start + step, row) for start, row, length in runs for step in range(length)} == dark
    assert data["size"] == len(modules)


@pytest.mark.parametrize("text", ["", "é", "A" * 3000])
def test_what_no_symbol_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"ASCII|too long"):
        datamatrix(text)


def test_only_a_qualified_identity_is_shown() -> None:
    for ins in (None, Ins(INS.matricule, INS.oid, qualified=False)):
        patient = replace(PATIENT, ins=ins)
        assert not may_show_datamatrix(patient, **WAVE_2)
        assert identity_block(patient, content(), **WAVE_2) == {}


def test_a_prescription_of_wave_1_never_carries_the_datamatrix() -> None:
    assert identity_block(PATIENT, content(), class_code="42", wave=1) == {}
    assert identity_block(PATIENT, content(), class_code="42", wave=2) != {}
    assert identity_block(PATIENT, content(), class_code="11", wave=1) != {}


def test_a_page_never_shows_one_patient_and_encodes_another() -> None:
    other = replace(PATIENT, ins=Ins("162079900000272", INS.oid, qualified=True))
    with pytest.raises(ValueError, match="this patient"):
        identity_block(other, content(), **WAVE_2)
    with pytest.raises(ValueError, match="this patient"):
        identity_block(replace(PATIENT, ins=replace(INS, oid=INS_NIR)), content(), **WAVE_2)


def test_the_block_says_the_traits_as_sent_and_the_nature_of_the_matricule() -> None:
    rows = block()["rows"]
    assert isinstance(rows, list)
    told = {row["label"]: row["text"] for row in rows}
    assert told["Premier prénom"] == "Hélène"
    assert told["INS (NIR de test)"] == INS.matricule
    assert told["Né(e) le"] == "12/03/1985"


def test_a_stamped_pdf_is_still_pdf_a_and_says_all_it_said() -> None:
    stamped = stamped_pdf(report(), block())
    assert stamped.findings == ()
    assert stamped.pdf is not None
    assert pdfa_findings(stamped.pdf) == ()
    assert squeezed(words(report())) in squeezed(words(stamped.pdf))
    assert "INS à scanner" in words(stamped.pdf)
    assert INS.matricule in pages(stamped.pdf)[0]


def test_the_datamatrix_of_a_stamped_page_is_read_by_another_decoder() -> None:
    stamped = stamped_pdf(report(), block()).pdf
    assert stamped is not None
    assert modules_on(stamped) == datamatrix(content())
    assert decoded(modules_on(stamped)) == content().encode("ascii")


def test_the_strip_is_added_above_the_page_and_covers_nothing_of_it() -> None:
    two_pages = laboratory_pdf(situations.biochemistry(), situations.VERSION, situations.SOFTWARE)
    stamped = stamped_pdf(two_pages, block()).pdf
    assert stamped is not None
    with pikepdf.open(io.BytesIO(two_pages)) as before, pikepdf.open(io.BytesIO(stamped)) as after:
        old, new = (pdf.pages[0].mediabox for pdf in (before, after))
        assert [float(one) for one in new] == [*map(float, list(old)[:3]), float(old[3]) + float(STRIP_HEIGHT)]
        assert before.pages[0].Contents.read_bytes() in b"".join(one.read_bytes() for one in after.pages[0].Contents)
        assert [float(one) for one in after.pages[-1].mediabox] == [float(one) for one in before.pages[-1].mediabox]


def test_a_page_that_inherits_its_fonts_keeps_them() -> None:
    stamped = stamped_pdf(report_with_shared_attributes(), block()).pdf
    assert stamped is not None
    assert squeezed(words(report())) in squeezed(words(stamped))


def test_a_drawing_of_the_page_is_never_replaced_by_the_strip() -> None:
    once = stamped_pdf(report(), block()).pdf
    assert once is not None
    twice = stamped_pdf(once, block()).pdf
    assert twice is not None
    assert words(twice).count("INS à scanner") == 2


def test_stamping_is_pure() -> None:
    assert stamped_pdf(report(), block()).pdf == stamped_pdf(report(), block()).pdf


def test_the_longest_names_still_fit() -> None:
    patient = replace(PATIENT, birth_name="ABCDEFGHI " * 9 + "JKLMNOPQRS", birth_given_names=("A-B'C " * 16 + "DEFG",))
    stamped = stamped_pdf(report(), block(patient))
    assert stamped.pdf is not None
    assert modules_on(stamped.pdf) == datamatrix(content(patient))


def rotate(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/Rotate"] = 90


def rotate_all(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Pages["/Rotate"] = 270


def crop(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/CropBox"] = pikepdf.Array([10, 10, 500, 700])


def narrow(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/MediaBox"] = pikepdf.Array([0, 0, 200, 700])


def sign(pdf: pikepdf.Pdf) -> None:
    signature = pikepdf.Dictionary(Type=pikepdf.Name.Sig, ByteRange=pikepdf.Array([0, 10, 20, 30]))
    field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, V=pdf.make_indirect(signature))
    pdf.Root["/AcroForm"] = pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array([pdf.make_indirect(field)]))


def certify(pdf: pikepdf.Pdf) -> None:
    pdf.Root["/Perms"] = pikepdf.Dictionary()


def rotate_oddly(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/Rotate"] = pikepdf.Name("/Left")


def unbox(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/MediaBox"] = pikepdf.Array([0, 0, pikepdf.Name("/Wide"), 700])


def unshape(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/MediaBox"] = pikepdf.Array([0, 0])


def tag(pdf: pikepdf.Pdf) -> None:
    xmp = pdf.Root.Metadata.read_bytes()
    changed_xmp = xmp.replace(b">B<", b">A<").replace(b'conformance="B"', b'conformance="A"')
    assert changed_xmp != xmp
    pdf.Root.Metadata.write(changed_xmp)


def undeclare(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (rotate, "pdf.stamp_rotated"),
        (rotate_all, "pdf.stamp_rotated"),
        (crop, "pdf.stamp_cropped"),
        (narrow, "pdf.stamp_width"),
        (sign, "pdf.stamp_signed"),
        (certify, "pdf.stamp_signed"),
        (rotate_oddly, "pdf.stamp_rotated"),
        (unbox, "pdf.damaged"),
        (unshape, "pdf.damaged"),
        (tag, "pdf.stamp_tagged"),
        (undeclare, "pdf.not_pdfa"),
    ],
)
def test_a_pdf_that_cannot_be_stamped_without_a_doubt_is_left_as_it_was(
    change: Callable[[pikepdf.Pdf], object], code: str
) -> None:
    stamped = stamped_pdf(changed(change), block())
    assert stamped.pdf is None
    assert [finding.code for finding in stamped.findings] == [code]


def test_what_is_no_pdf_and_what_has_no_block_are_left_as_they_were() -> None:
    assert stamped_pdf(b"%PDF-1.4 broken", block()).pdf is None
    assert [one.code for one in stamped_pdf(report(), {}).findings] == ["pdf.stamp_empty"]
