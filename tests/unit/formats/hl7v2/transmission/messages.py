"""Document messages of an invented hospital, around documents that our own renderer made."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from engine.context import Context, Software
from engine.declarations import Conversion, Draft
from engine.documents.cr_bio_n1 import DOCUMENT_TYPE as LEVEL_1
from engine.exchange import InboundMessage
from engine.formats.hl7v2 import FORMAT
from engine.formats.hl7v2.charset import UTF_8
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.writer import Value, build
from engine.model.document import ClinicalDocument, DocumentVersion, TextBody
from engine.model.values import Identifier
from tests.unit.documents_fixture import DOCUMENT
from tests.unit.formats.laboratory_fixture import RECEIVED_AT

GOLDEN = Path(__file__).resolve().parents[4] / "golden"
INS, IPP = "285039900000193", "IPP0001"
ROOT = "1.2.250.1.999.7"
"""Root of the documents of the invented hospital."""
FIRST = DocumentVersion(Identifier(f"{ROOT}.1"), Identifier(f"{ROOT}.100"), 1)
SECOND = DocumentVersion(Identifier(f"{ROOT}.2"), Identifier(f"{ROOT}.100"), 2, FIRST.id)
SOFTWARE = Software()
TYPE = ("11502-2", "CR d'examens biologiques", "LN")
PLAIN = {
    "MASQUE_PS": "N",
    "INVISIBLE_PATIENT": "N",
    "INVISIBLE_REP_LEGAUX": "N",
    "CONNEXION_SECRETE": "N",
    "MODIF_CONF_CODE": "N",
    "DESTDMP": "Y",
    "DESTMSSANTEPS": "Y",
    "DESTMSSANTEPAT": "N",
    "ACK_RECEPTION": "N",
    "ACK_LECTURE_MSS": "N",
}
PATIENT_ID = ("", "", "", ("ASIP-SANTE-INS-NIR", "1.2.250.1.213.1.4.10", "ISO"), "INS")
DOCTOR = "francoise.medtest@medecin.mssante.example"
PATIENT_MAILBOX = f"{INS}@patient.mssante.fr"
_ACTIONS = {"NW": ("T02", "F"), "RO": ("T10", "C"), "CA": ("T04", "D")}


@cache
def cda(version: DocumentVersion = FIRST, document: ClinicalDocument = DOCUMENT) -> bytes:
    """A document of level 1 about the patient of the fixtures."""
    return LEVEL_1.render(document, version, SOFTWARE).cda


def saying(text: str) -> ClinicalDocument:
    """The same document with other words."""
    return replace(DOCUMENT, body=TextBody((text,)))


def pid(*, reliability: str = "VALI", birth_name: str = "TESTNAISSANCE", **others: Value) -> list[Value]:
    ins = (INS, "", "", ("ASIP-SANTE-INS-NIR", "1.2.250.1.213.1.4.10", "ISO"), "INS", "", "20240105")
    ipp = (IPP, "", "", ("HOPITAL", "1.2.250.1.999.1.2.1", "ISO"), "PI")
    fields: dict[str, Value] = {
        "3": [ins, ipp],
        "5": [(birth_name, "Hélène", "Hélène Zoé", "", "", "", "L"), ("FICTIVE", "Hélène", "", "", "", "", "D")],
        "7": "19850312",
        "8": "F",
        "11": (("", "", "", "", "", "", "BDL", "", "99000"),)[0],
        "32": reliability,
        **others,
    }
    return ["PID", *(fields.get(str(number), "") for number in range(1, 33))]


def sender(**others: Value) -> list[Value]:
    """PRT SB: who asks for the sending."""
    person = ("899900000029", "BIOTEST", "Andréa", "", "", "", "", "", _oid("1"), "D", "", "", "IDNPS")
    place = ("LABORATOIRE FICTIF", "", "", "", "", _oid("2"), "FINEG", "", "", "990000002")
    return _prt("SB", {"5": person, "8": place, **others})


def doctor(mailbox: str = DOCTOR) -> list[Value]:
    person = ("899900000011", "MEDTEST", "Françoise", "", "", "", "", "", _oid("1"), "D", "", "", "IDNPS")
    return _prt("RCT", {"5": person, "15": ("", "", "X.400", mailbox)})


def patient(mailbox: str = PATIENT_MAILBOX) -> list[Value]:
    person = (
        INS,
        "TESTNAISSANCE",
        "Hélène",
        "",
        "",
        "",
        "",
        "",
        ("", "1.2.250.1.213.1.4.10", "ISO"),
        "L",
        "",
        "",
        "INS",
    )
    return _prt("RCT", {"5": person, "15": ("", "", "X.400", mailbox)})


def reply(mailbox: str = "retour@labo.mssante.example") -> list[Value]:
    return _prt("REPLY", {"15": ("", "", "X.400", mailbox)})


def message(
    *documents: bytes,
    action: str = "NW",
    kind: str = "MDM",
    flags: Mapping[str, str] = PLAIN,
    participants: Sequence[list[Value]] | None = None,
    identity: list[Value] | None = None,
    ids: tuple[str, str] = (FIRST.id.root, ""),
    control_id: str = "MDM-1",
    edition: str = "2.1^CISIS_CDA_HL7_V2",
    notes: Mapping[str, str] = {},
    bodies: Mapping[str, bytes] = {},
    processing: str = "P",
) -> bytes:
    """An MDM or an ORU; `ids` are TXA-12 and TXA-13, `notes` the NTE-4 after an indicator."""
    event, status = _ACTIONS[action]
    coded = "CWE" if kind == "MDM" else "CE"
    structure = ("MDM", event, "MDM_T02") if kind == "MDM" else ("ORU", "R01", "ORU_R01")
    version = "2.6" if kind == "MDM" else "2.5"
    segments: list[list[Value]] = [
        _header(structure, control_id, processing, version, edition),
        *([["EVN", "", "20250310101400"]] if kind == "MDM" else []),
        identity or pid(),
        ["PV1", "1", "I", *[""] * 16, ("V-1", "", "", ("HOPITAL", "1.2.250.1.999.2", "ISO"), "VN")],
        ["ORC", action],
        ["OBR", "1", "", "", TYPE],
    ]
    if kind == "MDM":
        segments.append(["TXA", "1", TYPE[0], "TEXT", *[""] * 8, *ids, "", "", "", "AU"])
    number = 0
    for one in documents:
        number += 1
        content = ("", "text", "XML", "Base64", base64.b64encode(one))
        segments.append(["OBX", str(number), "ED", TYPE, "", content, *[""] * 5, status])
        if number == 1:
            segments += [doctor(), sender()] if participants is None else list(participants)
    for name, value in flags.items():
        number += 1
        what = (name, name.lower(), "MetaDMPMSS")
        segments.append(["OBX", str(number), coded, what, "", (value, "", "expandedYes-NoIndicator"), *[""] * 5, "F"])
        if name in notes:
            segments.append(["NTE", "1", "", "", notes[name]])
    for name, raw in bodies.items():
        number += 1
        segments.append(["OBX", str(number), "ED", (name, name, "MetaDMPMSS"), "", ("", "text", "", "Base64", raw)])
        segments[-1] += [*[""] * 5, "F"]
    return build(segments, charset=UTF_8)


def _header(structure: Value, control_id: str, processing: str, version: str, edition: str) -> list[Value]:
    parties = ("RIS-ESSAI", "Hopital-E", "PASSEUR", "Hopital-E")
    kept = ("20250310101500", "", structure, control_id, processing, version)
    return ["MSH", *parties, *kept, *[""] * 4, "FRA", "UNICODE UTF-8", "", "", tuple(edition.split("^"))]


def flags(**values: str) -> dict[str, str]:
    """The usual indicators, some changed."""
    return {**PLAIN, **values}


def context(**settings: object) -> Context:
    return Context(RECEIVED_AT, "1.2.250.1.999.9", False, (), SOFTWARE, **settings)  # type: ignore[arg-type]


def inbound(content: bytes) -> InboundMessage:
    return InboundMessage(content, "ris", "message.hl7", RECEIVED_AT)


def convert(content: bytes, **settings: object) -> Conversion:
    return FORMAT.convert(inbound(content), context(**settings))


def only_draft(content: bytes, **settings: object) -> Draft:
    conversion = convert(content, **settings)
    assert len(conversion.drafts) == 1, [one.code for one in conversion.findings]
    return conversion.drafts[0]


def answer(content: bytes, **settings: object) -> Message:
    """The ACK."""
    given = FORMAT.acknowledge(inbound(content), context(**settings))
    assert given is not None
    return Message.parse(given)


def errors(content: bytes, **settings: object) -> dict[str, tuple[str, str, str]]:
    """ERR-7 of an ACK → (ERR-2, ERR-3.1, ERR-5.1), errors only."""
    given = answer(content, **settings)
    return {
        one.text("7") or "": (one.text("2") or "", one.text("3.1") or "", one.text("5.1") or "")
        for one in given.all("ERR")
        if one.text("4") in {"E", "F"}
    }


def _prt(role: str, fields: Mapping[str, Value]) -> list[Value]:
    named: dict[str, Value] = {"2": "UC", "4": (role, "", "participation"), **fields}
    last = max(int(one) for one in named)
    return ["PRT", *(named.get(str(number), "") for number in range(1, last + 1))]


def _oid(last: str) -> tuple[str, str, str]:
    return ("", f"1.2.250.1.71.4.2.{last}", "ISO")
