"""What a file is, by its content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.hprim.sniff import Family, family

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "hprim"
MANIFEST = json.loads((SAMPLES / "manifest.json").read_text(encoding="utf-8"))["samples"]
ODD = {
    "S32_vide.hpr": Family.EMPTY,
    "S33_pdf_renomme.hpr": Family.PDF,
    "S34_hl7v2_renomme.hpr": Family.HL7V2,
}
HEADER = "H|~^\\&|F1.HPR||LAB~L||ORU|||CLI||P|H2.4~C|20250310\r"


@pytest.mark.parametrize("sample", MANIFEST, ids=lambda one: one["file"])
def test_every_sample_is_recognised(sample: dict[str, str]) -> None:
    found = family((SAMPLES / sample["file"]).read_bytes())
    assert found == ODD.get(sample["file"], sample["family"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "ascii"])
def test_hprim_sante_is_recognised_in_any_encoding(encoding: str) -> None:
    assert family(HEADER.encode(encoding)) is Family.SANTE


@pytest.mark.parametrize("separators", ["|~^\\&", "|^~\\&", "|\\^&~", "|\\^~", "$~^\\&"])
def test_hprim_sante_is_recognised_whatever_its_separators(separators: str) -> None:
    header = HEADER.replace("|~^\\&", separators, 1).replace("|", separators[0])
    assert family(header.encode()) is Family.SANTE


def test_blanks_and_controls_before_the_header_do_not_hide_it() -> None:
    assert family(b"\x00\r\n \x1a" + HEADER.encode()) is Family.SANTE


def test_a_header_cut_into_two_lines_is_recognised() -> None:
    cut = HEADER.replace("|ORU|", "|OR\rA|U|")
    assert family(cut.encode()) is Family.SANTE


def test_a_line_that_only_begins_with_h_is_not_hprim_sante() -> None:
    assert family(b"Hello, world") is Family.UNKNOWN
    assert family(b"H|~^\\&|what|ever") is Family.UNKNOWN


def test_hprim_xml_is_told_apart_from_other_xml() -> None:
    hprim = b'<?xml version="1.0"?><resultatsExamens xmlns="http://www.hprim.org/hprimXML"/>'
    assert family(hprim) is Family.HPRIM_XML
    assert family(b'<?xml version="1.0"?><ClinicalDocument/>') is Family.UNKNOWN


def test_a_marker_line_is_enough_for_hprim_medecin() -> None:
    assert family(b"one\r\n  ****fin****  \r\n") is Family.MEDECIN


def test_twelve_lines_with_a_date_on_the_seventh_are_hprim_medecin() -> None:
    lines = ["1", "N", "P", "", "", "75000 V", "12/03/1985", "", "9", "", "LAB", "MED", "texte"]
    assert family("\r".join(lines).encode()) is Family.MEDECIN
    assert family("\r".join([*lines[:6], "pas une date", *lines[7:]]).encode()) is Family.UNKNOWN


@pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00\x00\x1a"])
def test_nothing_at_all_is_empty(content: bytes) -> None:
    assert family(content) is Family.EMPTY


@given(st.binary(max_size=300))
def test_any_bytes_have_a_family(content: bytes) -> None:
    assert family(content) in Family


@given(st.binary(max_size=60))
def test_any_bytes_after_a_header_do_not_change_the_family(content: bytes) -> None:
    assert family(HEADER.encode() + content) is Family.SANTE
