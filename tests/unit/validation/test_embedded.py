"""Files carried in base64: what decodes is let through, whatever its lines; what does not is refused."""

from __future__ import annotations

import base64
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.validation.checks.embedded import embedded_content

_FILES = st.binary(min_size=1, max_size=300).map(lambda end: b"%PDF-1.7\n" + end)
_WIDTHS = st.integers(1, 90)
_BREAKS = st.sampled_from(["\n", "\r\n", " ", "\n\t", "\n" + " " * 300])


def said(content: str) -> list[str]:
    document = etree.Element("{urn:hl7-org:v3}ClinicalDocument")
    value = etree.SubElement(document, "{urn:hl7-org:v3}value", representation="B64", mediaType="application/pdf")
    value.text = content
    return [finding.code for finding in embedded_content(document)]


@given(_FILES, _WIDTHS, _BREAKS)
def test_a_file_is_read_whatever_the_length_of_its_lines(file: bytes, width: int, between: str) -> None:
    written = base64.b64encode(file).decode()
    assert said(between.join(("", *textwrap.wrap(written, width), ""))) == []


@given(_FILES, st.data())
def test_a_sign_that_is_no_base64_is_seen_wherever_it_is(file: bytes, data: st.DataObject) -> None:
    written = base64.b64encode(file).decode()
    place = data.draw(st.integers(0, len(written)))
    sign = data.draw(st.sampled_from("*-_.é\u00a0=€"))
    spoiled = written[:place] + sign + written[place:]
    assert said(spoiled) == ["passeur.base64"]


@given(_FILES, st.data())
def test_a_sign_lost_is_seen(file: bytes, data: st.DataObject) -> None:
    written = base64.b64encode(file).decode()
    place = data.draw(st.integers(0, len(written) - 1))
    assert said(written[:place] + written[place + 1 :]) == ["passeur.base64"]


@pytest.mark.parametrize("content", ["=", "==", "====", "JVBE=", "JVBE====", "JV=E", "J===", "JVBERg=\n\nA"])
def test_what_only_looks_like_base64_is_refused(content: str) -> None:
    assert said(content) == ["passeur.base64"]


@pytest.mark.parametrize("content", ["", " \n\t "])
def test_an_empty_file_is_said_to_be_empty(content: str) -> None:
    assert said(content) == ["passeur.embedded_empty"]


def test_another_file_than_the_one_announced_is_seen() -> None:
    assert said(base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(200)).decode()) == ["passeur.embedded_kind"]
