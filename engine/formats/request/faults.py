"""A fault of a request, at the caller's own field."""

from __future__ import annotations

from engine.findings import Disposition, Finding, Severity


def fault(code: str, where: str, message: str, remedy: str = "") -> Finding:
    """`request.<code>`: only the sender can mend it."""
    return Finding(f"request.{code}", Severity.ERROR, where, message, remedy, "request", Disposition.REFUSE)


def path(place: tuple[int | str, ...]) -> str:
    """`correspondents[1].mailbox`."""
    said = ""
    for part in place:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else part
    return said
