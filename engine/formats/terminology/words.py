"""Words as they are compared: without accents, case or ornament. For look-ups only, never for what is shown."""

from __future__ import annotations

import re
import unicodedata

_ORNAMENT = re.compile(r"[^A-Z0-9]+")
_SPACED_TITLE = re.compile(r"(?<![A-Z0-9])(?:[A-Z0-9] ){3,}[A-Z0-9](?![A-Z0-9])")


def folded(text: str) -> str:
    """`  H é m a t . ` → `HEMAT`; spaced-out titles are closed up, anything but letters and digits is one blank."""
    plain = unicodedata.normalize("NFKD", text.upper().replace("Œ", "OE").replace("Æ", "AE"))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    words = _SPACED_TITLE.sub(lambda match: match.group().replace(" ", ""), bare)
    return _ORNAMENT.sub(" ", words).strip()


def local_key(code: str) -> str:
    """A local code as compared: ends trimmed, inner runs of blanks as one (`GLU   010` is `GLU 010`)."""
    return " ".join(code.split())
