"""Invented results messages: one laboratory, one patient, as few segments as a case needs; and the sample files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engine.context import Context
from engine.declarations import Conversion, Draft
from engine.exchange import Attachment, InboundMessage
from engine.findings import Finding
from engine.formats.hl7v2 import FORMAT
from engine.model.laboratory import Battery, Isolate, Item, LabAct, LaboratoryReport, Result
from tests.unit.formats.laboratory_fixture import LABORATORY, RECEIVED_AT, context

Fields = Mapping[int, str]
SAMPLES = Path(__file__).resolve().parents[4] / "samples" / "hl7v2" / "results"
TRUSTING = replace(LABORATORY, trusted_identity_statuses=("VALI",), partial_reports="publish")
"""The same laboratory, whose PID-32 is believed by contract, and that allows partial reports."""

MSH: Fields = {2: "^~\\&", 3: "SIL-FICTIF", 4: "990000002", 5: "DPI-FICTIF", 6: "CLINIQUE", 7: "20250310143000",
               9: "ORU^R01^ORU_R01", 10: "M1", 11: "P", 12: "2.5", 18: "UNICODE UTF-8"}  # fmt: skip
PID: Fields = {1: "1", 3: "IPP0001^^^CLINIQUE FICTIVE&1.2.250.1.999.1.2.1&ISO^PI",
               5: "TESTNAISSANCE^Hélène^Hélène Zoé Marie^^Mme^^L~FICTIVE^Hélène^^^Mme^^D", 7: "19850312", 8: "F",
               11: "3 rue du Test^^VILLETEST^^00000^FRA^H~^^VILLETEST^^^FRA^BDL^^99000", 32: "PROV"}  # fmt: skip
ORC: Fields = {1: "SC", 2: "DEM1", 3: "N1", 5: "CM"}
OBR: Fields = {1: "1", 2: "DEM1", 3: "N1", 4: "BILAN^Bilan biochimique^L", 7: "20250310081500", 14: "20250310090500",
               15: "SER&Sérum&HL70487", 16: "99900000011^MEDTEST^Françoise^^^DR^^^^^^^RPPS", 22: "20250310141000",
               24: "CH", 25: "F", 32: "99900000029&BIOTEST&Andréa"}  # fmt: skip
OBX: Fields = {1: "1", 2: "NM", 3: "GLU^Glucose^L", 5: "5.30", 6: "mmol/L", 7: "4.10-5.90", 8: "N", 11: "F",
               14: "20250310140000"}  # fmt: skip
NOTHING: Fields = {6: "", 7: "", 8: ""}
"""No unit, no range, no flag."""


def segment(name: str, fields: Fields) -> str:
    first = 2 if name == "MSH" else 1
    return "|".join([name, *(fields.get(number, "") for number in range(first, max(fields, default=1) + 1))])


def msh(changes: Fields | None = None) -> str:
    return segment("MSH", {**MSH, **(changes or {})})


def pid(changes: Fields | None = None) -> str:
    return segment("PID", {**PID, **(changes or {})})


def orc(changes: Fields | None = None) -> str:
    return segment("ORC", {**ORC, **(changes or {})})


def obr(changes: Fields | None = None) -> str:
    return segment("OBR", {**OBR, **(changes or {})})


def obx(changes: Fields | None = None) -> str:
    return segment("OBX", {**OBX, **(changes or {})})


def note(words: str) -> str:
    return f"NTE|1|L|{words}"


def content(*segments: str) -> bytes:
    return "".join(one + "\r" for one in segments).encode()


def simple(*segments: str) -> bytes:
    """One patient, one request, these results."""
    return content(msh(), pid(), orc(), obr(), *segments)


def convert(
    message: bytes, circumstances: Context | None = None, attachments: tuple[Attachment, ...] = ()
) -> Conversion:
    inbound = InboundMessage(message, "sil", "message.hl7", RECEIVED_AT, attachments=attachments)
    return FORMAT.convert(inbound, circumstances or context())


def sample(name: str, circumstances: Context | None = None) -> Conversion:
    return convert((SAMPLES / f"{name}.hl7").read_bytes(), circumstances)


def only_draft(message: bytes, circumstances: Context | None = None, attachments: tuple[Attachment, ...] = ()) -> Draft:
    conversion = convert(message, circumstances, attachments)
    assert len(conversion.drafts) == 1, [one.code for one in conversion.findings]
    return conversion.drafts[0]


def report(draft: Draft) -> LaboratoryReport:
    assert isinstance(draft.document.body, LaboratoryReport)
    return draft.document.body


def acts(draft: Draft) -> list[LabAct]:
    return [act for chapter in report(draft).chapters for act in chapter.acts]


def items(draft: Draft) -> list[Item]:
    return [item for act in acts(draft) for item in act.items]


def results(draft: Draft) -> list[Result]:
    """Every result, in the order it is printed."""
    found: list[Result] = []
    for item in items(draft):
        if isinstance(item, Result):
            found.append(item)
        elif isinstance(item, Battery):
            found += item.results
        elif isinstance(item, Isolate):
            found += [*item.results, *item.antibiogram]
    return found


def only_result(*segments: str, circumstances: Context | None = None) -> Result:
    (one,) = results(only_draft(simple(*segments), circumstances))
    return one


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {one.code for one in findings}


def finding(findings: tuple[Finding, ...], code: str) -> Finding:
    """The first of that code; fails when it was not made."""
    return next(one for one in findings if one.code == code)
