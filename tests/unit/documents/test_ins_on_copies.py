"""The INS datamatrix on the readable copies that we lay out: there for a qualified identity, absent for any other."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf

from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.documents.ins_content import ins_content
from engine.identity.datamatrix import ins_datamatrix
from engine.identity.traits import strict_traits
from engine.model.document import ClinicalDocument
from engine.model.parties import Ins
from engine.rendering.datamatrix import datamatrix
from engine.rendering.pdfa import pdfa_findings
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.situations import SITUATIONS
from tests.unit.documents_fixture import INS, PATIENT
from tests.unit.rendering import situations

Grid = tuple[tuple[bool, ...], ...]


def report(*, qualified: bool) -> ClinicalDocument:
    make, _ = SITUATIONS["simple_biochemistry"]
    patient = replace(PATIENT, ins=Ins(INS.matricule, INS.oid, qualified))
    return replace(make(), patient=patient, attached_pdf=None)


def longest_path(pdf: bytes) -> list[tuple[float, ...]]:
    """Corners of the richest shape that the first page fills."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        corners: list[tuple[float, ...]] = []
        path: list[tuple[float, ...]] = []
        for operands, operator in pikepdf.parse_content_stream(opened.pages[0]):
            if str(operator) in {"m", "l"}:
                path.append(tuple(float(one) for one in operands))
            elif str(operator) == "f":
                corners, path = max(corners, path, key=len), []
        return corners


def symbol(pdf: bytes) -> Grid:
    """The modules as drawn: runs of dark squares, four corners each."""
    corners = longest_path(pdf)
    squares = [corners[rank : rank + 4] for rank in range(0, len(corners), 4)]
    left = min(x for x, _ in corners)
    top = min(y for _, y in corners)
    module = min(max(y for _, y in one) - min(y for _, y in one) for one in squares)
    size = round((max(x for x, _ in corners) - left) / module)
    grid = [[False] * size for _ in range(size)]
    for one in squares:
        row = round((min(y for _, y in one) - top) / module)
        start = round((min(x for x, _ in one) - left) / module)
        end = round((max(x for x, _ in one) - left) / module)
        for column in range(start, end):
            grid[row][column] = True
    return tuple(tuple(line) for line in grid)


def test_the_copy_of_a_qualified_identity_carries_its_datamatrix_module_for_module() -> None:
    """R-DOC-09."""
    document = report(qualified=True)
    rendered = DOCUMENT_TYPE.render(document, parties.VERSION, situations.SOFTWARE)
    assert document.patient.ins is not None
    text = ins_datamatrix(document.patient.ins, strict_traits(document.patient)).text
    assert text is not None
    drawn, expected = symbol(rendered.pdf), datamatrix(text)
    assert drawn in (expected, expected[::-1])
    assert pdfa_findings(rendered.pdf) == ()


def test_no_other_identity_has_one() -> None:
    rendered = DOCUMENT_TYPE.render(report(qualified=False), parties.VERSION, situations.SOFTWARE)
    assert len(longest_path(rendered.pdf)) < 100
    assert ins_content(report(qualified=False), "10") == ""


def test_a_prescription_has_none() -> None:
    """R-DOC-09: "not on prescriptions in wave 1"."""
    assert ins_content(report(qualified=True), "42") == ""
    assert ins_content(report(qualified=True), "10") != ""
