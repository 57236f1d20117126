"""Rewrite the golden documents on purpose: `python -m tests.golden.n1.refresh`, then read the difference line by line.

Tests never write them: a missing or different golden document fails.
"""

from __future__ import annotations

from pathlib import Path

from engine.context import Software
from engine.documents.n1 import DOCUMENT_TYPE
from tests.golden.n1.situations import SITUATIONS


def main() -> None:
    folder = Path(__file__).parent
    for name, (build, version) in SITUATIONS.items():
        (folder / f"{name}.xml").write_bytes(DOCUMENT_TYPE.render(build(), version, Software()).cda)


if __name__ == "__main__":
    main()
