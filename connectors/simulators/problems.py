"""What a simulator has to say against a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule. `text` is French and never holds patient data."""

    code: str
    """Code the peer answers with: XDSRegistryMetadataError, XDSPatientIdDoesNotMatch…; for mail, `mail.subject`…"""
    text: str
    where: str = ""
    """Object and attribute: `DocumentEntry[1].creationTime`, `VIHF.Identifiant_Structure`…"""

    def __str__(self) -> str:
        return f"{self.where} : {self.text}" if self.where else self.text
