"""Invented HPRIM Médecin files, and the laboratory that sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.context import Context
from engine.declarations import Conversion
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, disposition
from engine.formats.hprim.medecin.mapping import convert
from engine.model.directory import KnownIdentity, Laboratory, MappedTest
from engine.model.parties import INS_NIR_TEST, Ins
from engine.model.values import Timestamp
from tests.unit.formats.laboratory_fixture import BIOLOGIST, LABORATORY, PRESCRIBER, RECEIVED_AT, context

SENDER = "LABFICT   LABORATOIRE FICTIF"
HEADER = (
    "0000012345",
    "FICTIVE",
    "Hélène",
    "12 rue de l'Église",
    "Bât. B",
    "00000 VILLETEST",
    "12/03/1985",
    "2850399000001 93",
    "2503100001",
    "10/03/2025",
    SENDER,
    "MEDTEST   DR MEDTEST FRANCOISE",
)
GLUCOSE = "RES|GLYCEMIE A JEUN|GLU   010|N|0.95|g/L|0.74|1.06|N|F"

IDENTITY = KnownIdentity(
    ipp="0000012345",
    ins=Ins("285039900000193", INS_NIR_TEST, qualified=True),
    birth_name="FICTIVE",
    birth_given_names=("Hélène", "Marie"),
    birth_date=Timestamp("19850312"),
    gender="F",
    birth_cog="99100",
)
LABORATORY_M = replace(
    LABORATORY,
    sender_codes=("LABFICT",),
    default_biologist=BIOLOGIST,
    prescribers={"MEDTEST": PRESCRIBER},
    tests=(
        MappedTest("GLU 010", "53049-3", "Glucose à jeun [Masse/Volume]", unit_sent="g/L"),
        MappedTest("GLU 010", "40193-5", "Glucose à jeun [Moles/Volume]", unit_sent="mmol/L"),
        MappedTest("CRP 010", "1988-5", "Protéine C réactive [Masse/Volume]"),
    ),
)
KNOWING = replace(LABORATORY_M, identities={IDENTITY.ipp: IDENTITY})
"""The same, at a site that has this patient's identity qualified."""


def header(**changed: str) -> tuple[str, ...]:
    """The header, with lines changed by number: `header(l7="")`."""
    return tuple(changed.get(f"l{number}", line) for number, line in enumerate(HEADER, start=1))


def dossier(*block: str, text: Sequence[str] = (), head: Sequence[str] = HEADER, fin: str = "****FIN****") -> str:
    """One dossier; a LAB block only when it has lines."""
    lab = ("****LAB****", *block) if block else ()
    return "\r\n".join((*head, *text, *lab, *([fin] if fin else []))) + "\r\n"


def file(*dossiers: str, end: str = "****FINFICHIER****\r\n") -> bytes:
    return ("".join(dossiers) + end).encode("cp1252")


def message(content: bytes) -> InboundMessage:
    return InboundMessage(content, "dossier-depot", "essai.hpr", RECEIVED_AT)


def converted(content: bytes, laboratory: Laboratory = LABORATORY_M, around: Context | None = None) -> Conversion:
    return convert(message(content), around or context(laboratory))


def every(conversion: Conversion) -> tuple[Finding, ...]:
    return (*conversion.findings, *(finding for draft in conversion.drafts for finding in draft.findings))


def codes(conversion: Conversion) -> set[str]:
    return {finding.code for finding in every(conversion)}


def fate(conversion: Conversion) -> Disposition:
    """What becomes of the whole, the strictest finding of all deciding."""
    return disposition(every(conversion))


def at(conversion: Conversion, code: str) -> Finding:
    """The only finding of that code."""
    (one,) = [finding for finding in every(conversion) if finding.code == code]
    return one
