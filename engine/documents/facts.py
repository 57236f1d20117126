"""What a report says, fact by fact: the common ground on which a document and its source are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Facts:
    """Facts by path, `chapter[1].act[2].item[3].value`; text by line, spaces between words counted as one."""

    values: dict[str, str] = field(default_factory=dict)
    places: dict[str, Callable[[], str]] = field(default_factory=dict)
    """Where each path stands: an origin in the source, or an XPath in the document, worked out when asked for."""

    def say(self, path: str, name: str, value: str | None) -> None:
        """One fact; None and the empty text say nothing."""
        if value:
            self.values[f"{path}.{name}"] = value

    def place_of(self, path: str) -> str:
        """The place of the path, else of the nearest thing around it."""
        while path:
            if path in self.places:
                return self.places[path]()
            path = path.rpartition(".")[0]
        return ""


def plain(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()
