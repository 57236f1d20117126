"""MDM^T02, T10, T04: a document given to a software of care, or taken back from it (volet "Transmission au LPS d'un
document CDA provenant d'un courriel MSSanté" 1.1)."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from engine.errors import DocumentError
from engine.exchange import Order, OrderKind
from engine.formats.hl7v2.charset import shown
from engine.formats.hl7v2.writer import Value, build
from engine.hl7v2_out.header import UNICODE, Ends, header, instant, python_name
from engine.hl7v2_out.participants import participants
from engine.hl7v2_out.patient import pid
from engine.model.instructions import Visibility
from engine.model.values import Identifier
from engine.xds.header import Header

PROFILE = ("1.1", "CISIS_CDA_HL7_LPS")
_SYSTEMS = {"2.16.840.1.113883.6.1": "LN", "1.2.250.1.213.1.1.4.12": "TRE_A05"}
_BODY = "Document transmis automatiquement."
_FLAGS = (
    ("MASQUE_PS", "Masqué aux professionnels de santé", Visibility.MASQUE_PS),
    ("INVISIBLE_PATIENT", "Non visible par le patient", Visibility.INVISIBLE_PATIENT),
    (
        "INVISIBLE_REP_LEGAUX",
        "Non visible par les représentants légaux du patient",
        Visibility.INVISIBLE_REPRESENTANTS_LEGAUX,
    ),
)
_Code = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Action:
    event: str
    """MSH-9.2."""
    order: str
    """ORC-1."""
    status: str
    """OBX-11 of the document."""


_NEW = _Action("T02", "NW", "F")
_REPLACE = _Action("T10", "RO", "C")
_DELETE = _Action("T04", "CA", "D")


def delivery(
    order: Order,
    *,
    ends: Ends,
    processing_id: str,
    mailbox: str = "",
    charset: str = UNICODE,
) -> bytes:
    """The MDM of a SEND or DELETE order, ended by CR, without MLLP marks: the same bytes each time.

    `mailbox` is the MSSanté address we send from: PRT-15 of the sender (SB) and domain of the transmission's own number
    (OBX-3.1 of the mail). Without it both are left out, which the volet does not foresee.

    Raises DocumentError when the CDA cannot be read, or when a name has a sign the character set has not.
    """
    cda = Header(order.package.cda, None)
    code = _type(cda)
    cda.conclude()
    action = _action(order)
    msh = header(
        order.id,
        order.created_at,
        ("MDM", action.event, "MDM_T02"),
        ends,
        processing_id=processing_id,
        profile=PROFILE,
        charset=charset,
    )
    name = python_name(charset)
    segments: list[list[Value]] = [
        msh,
        ["EVN", "", instant(order.created_at)],
        pid(order.package.patient),
        ["PV1", "1", "N"],
        ["ORC", action.order],
        ["OBR", "1", "", "", code],
        _txa(order, action, code),
        _document(order, action, code),
        *participants(order, cda, mailbox),
        *_mail(order, mailbox, name),
        *_flags(order, first=3 if mailbox else 2, name=name),
    ]
    return build(segments, charset=name)


def _action(order: Order) -> _Action:
    if order.kind is OrderKind.DELETE:
        return _DELETE
    return _NEW if order.package.version.replaces is None else _REPLACE


def _type(cda: Header) -> _Code:
    found = cda.required_code(cda.code("c:code"), "xds.type_code", "c:code", "Type de document")
    return (found.code, found.display or "", _SYSTEMS.get(found.system, found.system))


def _txa(order: Order, action: _Action, code: _Code) -> list[Value]:
    """TXA-12 the document · TXA-13 the one it replaces, for a replacement only · TXA-17 AU."""
    version = order.package.version
    parent: Value = ""
    if action is _REPLACE and version.replaces is not None:
        parent = _id(version.replaces)
    return ["TXA", "1", code, "TEXT", *("",) * 8, _id(version.id), parent, *("", "", ""), "AU"]


def _id(one: Identifier) -> Value:
    """`root` alone, or `extension^^root^ISO`."""
    return (one.extension, "", one.root, "ISO") if one.extension else one.root


def _document(order: Order, action: _Action, code: _Code) -> list[Value]:
    content = ("", "text", "XML", "Base64", base64.b64encode(order.package.cda))
    return ["OBX", "1", "ED", code, "", content, *("",) * 5, action.status]


def _mail(order: Order, mailbox: str, name: str) -> list[list[Value]]:
    """What stands for the mail: the number of this transmission, the title, the text."""
    if not mailbox:
        return []
    number = f"<{order.id}@{mailbox.rpartition('@')[2]}>"
    words = order.package.instructions.professionals_body or _BODY
    content = ("", "text", "", "Base64", base64.b64encode(words.encode(name, "replace")))
    return [["OBX", "2", "ED", (number, shown(order.package.title, name)), "", content, *("",) * 5, "F"]]


def _flags(order: Order, *, first: int, name: str) -> list[list[Value]]:
    asked = order.package.instructions
    said = [(code, label, visibility in asked.visibility) for code, label, visibility in _FLAGS]
    said.append(("MODIF_CONF_CODE", "Modification de la visibilité du document", asked.changes_visibility))
    return [
        _flag(str(rank), (code, shown(label, name), "MetaDMPMSS"), yes=yes)
        for rank, (code, label, yes) in enumerate(said, start=first)
    ]


def _flag(rank: str, subject: tuple[str, ...], *, yes: bool) -> list[Value]:
    value = ("Y" if yes else "N", "", "expandedYes-NoIndicator")
    return ["OBX", rank, "CWE", subject, "", value, *("",) * 5, "F"]


def refused(error: DocumentError) -> str:
    """The words of a document that cannot be written as a message, findings included."""
    told = dict.fromkeys(finding.message for finding in error.findings)
    return " ".join((error.message, *told))
