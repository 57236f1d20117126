"""Receipts asked for with a mail."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from connectors.destinations.mssante.receipts import original_recipient, xtext


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_xtext_is_read_again(words: str) -> None:
    encoded = xtext(words)
    assert re.fullmatch(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*", encoded)
    assert re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), encoded) == words


def test_a_recipient_is_named_as_written_to() -> None:
    assert original_recipient("a+b=c@mssante.fr") == "rfc822;a+2Bb+3Dc@mssante.fr"
