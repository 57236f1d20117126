"""The named statements of queries.sql."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_NAMED = re.compile(r"^-- name: (\w+)\n((?:(?!--).*\n)+)", re.MULTILINE)


def named(text: str) -> Mapping[str, str]:
    """Name → statement. Raises ValueError when a name comes twice."""
    found = [(match.group(1), match.group(2).strip()) for match in _NAMED.finditer(text)]
    statements = dict(found)
    if len(statements) != len(found):
        raise ValueError("a query name comes twice")
    return MappingProxyType(statements)


SQL = named((Path(__file__).parent / "queries.sql").read_text("utf-8"))
