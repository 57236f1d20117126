"""What a message may quote of a document: words of a vocabulary, never what says something of the patient."""

from __future__ import annotations

import re

_FIXED = re.compile(r"^(?:'[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?)$")
_PATH = r"(?:(?:\.\.|\.|[\w*-]+:[\w*-]+|[\w-]+)/)*"
_VOCABULARY = re.compile(
    rf"^(?:{_PATH}@(?:code|codeSystem|codeSystemName|codeSystemVersion|unit|root|classCode|moodCode|typeCode|nullFlavor|"
    rf"determinerCode|use|qualifier|mediaType|representation|operator|(?:xsi:)?type)"
    rf"|(?:local-)?name\((?:\.|\.\.)?\)|count\([^()]*\))$"
)
_ALONE = re.compile(r"^\$([\w.-]+)$")
MASK = "…"


def may_quote(select: str, lets: dict[str, str]) -> bool:
    """True when the expression yields a constant, a code, an OID, a unit or an element's name.

    `lets` are the variables in scope; one that is named alone is followed to its definition.
    """
    seen: set[str] = set()
    while True:
        select = select.strip()
        alone = _ALONE.match(select)
        if alone is None or alone.group(1) in seen or alone.group(1) not in lets:
            break
        seen.add(alone.group(1))
        select = lets[alone.group(1)]
    return bool(_FIXED.match(select) or _VOCABULARY.match(select))
