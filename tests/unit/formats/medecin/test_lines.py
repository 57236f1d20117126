"""Lines and grammar: nothing is lost, nothing raises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exchange import InboundMessage
from engine.formats.hprim.encodings import decode
from engine.formats.hprim.medecin.file import medecin_file
from engine.formats.hprim.medecin.lines import lines, written
from engine.formats.hprim.medecin.mapping import convert
from tests.unit.formats.laboratory_fixture import RECEIVED_AT, context
from tests.unit.formats.medecin.dossiers import HEADER, KNOWING

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "hprim"
PIECES = st.sampled_from(
    [
        *HEADER, "", " ", "****LAB****", "****FIN****", "****FINFICHIER****", " ****lab**** ", "TEX", "TEX|texte",
        "RES|GLYCEMIE|GLU 010|N|0.95|g/L|0.74|1.06|N|F", "RES|a|b|N|2.920", "RES||||||||||||||||||", "PCT|x", "x\x00y",
        "<b>a&eacute;</b>", "12/03/1985", "RES|x|y|N|*12,9*|G/L|-2 - 2||H|C|1|2|3|4", "TEX|----- HEMATO -----", "RES",
    ]
)  # fmt: skip
ENDS = st.sampled_from(["\r\n", "\n", "\r", "\n\r", "\r\r\n"])


@given(st.text(max_size=200))
def test_lines_joined_again_are_the_text(text: str) -> None:
    assert written(lines(text)) == text


@given(st.lists(st.tuples(PIECES, ENDS), max_size=40))
def test_a_file_keeps_every_line_with_its_own_end(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + end for piece, end in pieces)
    assert written(medecin_file(text).lines) == text


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("M*.hpr")), ids=lambda path: path.name)
def test_every_sample_is_given_back_as_it_came(sample: Path) -> None:
    content = sample.read_bytes()
    read = decode(content)
    assert written(medecin_file(read.text).lines) == read.text
    if not read.repaired:
        assert written(medecin_file(read.text).lines).encode(read.encoding) == content


@given(st.binary(max_size=400))
def test_any_bytes_give_a_conversion(content: bytes) -> None:
    convert(InboundMessage(content, "s", "n", RECEIVED_AT), context(KNOWING))


@given(st.lists(PIECES, max_size=40), ENDS, st.booleans())
def test_any_lines_give_a_conversion_and_never_a_draft_without_a_whole_file(
    pieces: list[str], end: str, known: bool
) -> None:
    content = end.join(pieces).encode("cp1252", "replace")
    made = convert(InboundMessage(content, "s", "n", RECEIVED_AT), context(KNOWING, default_laboratory="labo-fictif"))
    if not any(piece.strip().upper() in ("****FIN****", "****FINFICHIER****") for piece in pieces):
        assert any(finding.disposition == "refuse" for finding in made.findings)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\n\r", "\r\r\n"])
def test_any_line_end_gives_the_same_lines(end: str) -> None:
    assert [line.text for line in lines(end.join(["un", "deux", "", "quatre"]))] == ["un", "deux", "", "quatre"]


def test_lines_are_numbered_from_one() -> None:
    assert [line.number for line in lines("a\r\nb\rc")] == [1, 2, 3]
