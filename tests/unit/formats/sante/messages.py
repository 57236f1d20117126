"""Invented messages for tests: one laboratory, one patient, as few segments as a case needs."""

from __future__ import annotations

from collections.abc import Mapping

from engine.context import Context
from engine.declarations import Conversion, Draft
from engine.exchange import Attachment, InboundMessage
from engine.findings import Finding
from engine.formats.hprim import FORMAT
from engine.model.laboratory import Battery, Isolate, LaboratoryReport, Result
from tests.unit.formats.laboratory_fixture import RECEIVED_AT, context

Fields = Mapping[int, str]

H: Fields = {3: "FICT9999.HPR", 5: "990000002~LABORATOIRE FICTIF", 7: "ORU", 10: "990000010~CLINIQUE FICTIVE",
             12: "P", 13: "H2.4~C", 14: "20250310143000"}  # fmt: skip
P: Fields = {2: "1", 3: "IPP0001", 4: "LAB0001", 5: "DOS0001", 6: "FICTIVE~Helene~~~Mme", 7: "TESTNAISSANCE",
             8: "19850312", 9: "F"}  # fmt: skip
OBR: Fields = {2: "1", 3: "~DEM0001", 4: "TUBE1~25031000001", 5: "GLU~Glucose~L", 8: "202503100815", 12: "N",
               15: "202503100905", 16: "&Sang veineux~", 17: "99900000011~MEDTEST&Francoise~R", 23: "202503101410",
               25: "BIOCH~BIOCHIMIE", 26: "F", 33: "99900000029~BIOTEST&Andrea~R"}  # fmt: skip
OBX: Fields = {2: "1", 3: "NM", 4: "GLU~Glucose~L", 6: "5.30", 7: "mmol/L", 8: "4.10-5.90", 9: "N", 12: "F",
               15: "202503101400", 16: "BIOCH~10"}  # fmt: skip
OBX_LAST = 16


def header(changes: Fields | None = None, signs: str = "|~^\\&") -> str:
    fields = {**H, **(changes or {})}
    rest = [fields.get(number, "") for number in range(3, max(fields) + 1)]
    return "H" + signs + signs[0] + signs[0].join(rest)


def segment(name: str, fields: Fields) -> str:
    return "|".join([name, *(fields.get(number, "") for number in range(2, max(fields, default=1) + 1))])


def patient(changes: Fields | None = None) -> str:
    return segment("P", {**P, **(changes or {})})


def request(changes: Fields | None = None) -> str:
    return segment("OBR", {**OBR, **(changes or {})})


def result(changes: Fields | None = None) -> str:
    return segment("OBX", {**OBX, **(changes or {})})


def comment(text: str, origin: str = "L") -> str:
    return f"C|1|{origin}|{text}"


def content(*segments: str, end: str = "L|1") -> bytes:
    return "".join(one + "\r\n" for one in (*segments, end)).encode("iso-8859-1")


def simple(*results: str) -> bytes:
    """One patient, one request, these results."""
    return content(header(), patient(), request(), *results)


def convert(
    message: bytes, circumstances: Context | None = None, attachments: tuple[Attachment, ...] = ()
) -> Conversion:
    inbound = InboundMessage(message, "dossier", "FICT9999.HPR", RECEIVED_AT, attachments=attachments)
    return FORMAT.convert(inbound, circumstances or context())


def only_draft(message: bytes, circumstances: Context | None = None, attachments: tuple[Attachment, ...] = ()) -> Draft:
    conversion = convert(message, circumstances, attachments)
    assert len(conversion.drafts) == 1, [one.code for one in conversion.findings]
    return conversion.drafts[0]


def report(draft: Draft) -> LaboratoryReport:
    assert isinstance(draft.document.body, LaboratoryReport)
    return draft.document.body


def results(draft: Draft) -> tuple[Result, ...]:
    """Every result of the report, germs' and drugs' included, in order."""
    found: list[Result] = []
    for chapter in report(draft).chapters:
        for act in chapter.acts:
            for item in act.items:
                if isinstance(item, Result):
                    found.append(item)
                elif isinstance(item, Battery):
                    found += item.results
                elif isinstance(item, Isolate):
                    found += item.results + item.antibiogram
    return tuple(found)


def only_result(*changes: Fields, circumstances: Context | None = None) -> Result:
    """The result made of one OBX."""
    merged: dict[int, str] = {}
    for change in changes:
        merged.update(change)
    (found,) = results(only_draft(simple(result(merged)), circumstances))
    return found


def codes(found: tuple[Finding, ...]) -> set[str]:
    return {one.code for one in found}


def finding(found: tuple[Finding, ...], code: str) -> Finding:
    """The only finding of this code."""
    (one,) = [one for one in found if one.code == code]
    return one
