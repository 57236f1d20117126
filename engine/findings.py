"""Findings: every remark made about a message or a document on its way, with what it does to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Disposition(StrEnum):
    """What becomes of the document; the strictest of its findings decides."""

    PUBLISH = "publish"
    """It may leave, the finding goes with its record."""
    HOLD = "hold"
    """A person must look at it first."""
    REFUSE = "refuse"
    """It never leaves as it is; the sender must send again."""


_STRICTNESS = (Disposition.PUBLISH, Disposition.HOLD, Disposition.REFUSE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark. Neither `message` nor `remedy` ever holds patient data."""

    code: str
    """Stable, `area.reason`: `hprim.truncated`, `mapping.unmapped_unit`, `xsd.structure`, or a rule's own id."""
    severity: Severity
    where: str
    """`OBX[3].10.7`, `L`, an XPath, `routes.yaml:12:7`; empty when it is about the whole."""
    message: str
    """What is wrong, in French, in the words of who reads it (a biologist, a vendor)."""
    remedy: str = ""
    """What to do about it, in French."""
    layer: str = ""
    """`format`, `mapping`, `identity`, `xsd`, `sm`, `ihe`, `mc`, `ans`, `term`, `volet`, `passeur`, `pdf`."""
    disposition: Disposition = Disposition.PUBLISH
    source: str | None = None
    """Field of the source message, when `where` is a place in the document made from it."""
    line: int | None = None
    """Line in the file, from 1, when known."""


def disposition(findings: Iterable[Finding]) -> Disposition:
    """The strictest disposition asked for; PUBLISH when there is none."""
    return max((f.disposition for f in findings), key=_STRICTNESS.index, default=Disposition.PUBLISH)
