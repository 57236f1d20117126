"""PRT of a delivered document: who sends it (SB), for whom (RCT), whom to answer (REPLY)."""

from __future__ import annotations

from urllib.parse import unquote

from engine.exchange import Order
from engine.formats.hl7v2.writer import Parts, Value
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.xds.header import Header

_CUSTODIAN = "c:custodian/c:assignedCustodian/c:representedCustodianOrganization"
_X400 = "X.400"


def participants(order: Order, cda: Header, mailbox: str) -> list[list[Value]]:
    """SB, then each recipient of the document, then who is to be answered where the sender said it."""
    asked = order.package.instructions
    made = [_sender(asked.requester, cda, mailbox)]
    made += [_prt("RCT", *_who(one), mailbox=_mailbox(one)) for one in order.package.recipients if _mailbox(one)]
    if asked.reply_to:
        made.append(_prt("REPLY", mailbox=asked.reply_to))
    return made


def _sender(requester: Professional | None, cda: Header, mailbox: str) -> list[Value]:
    """Who asked for the sending, else the custodian of the document."""
    if requester is not None and (requester.id is not None or requester.name is not None):
        return _prt("SB", *_who(requester), mailbox=mailbox)
    identifier = next(iter(cda.identifiers(f"{_CUSTODIAN}/c:id")), None)
    custodian = Organization(identifier, cda.text(f"{_CUSTODIAN}/c:name"))
    return _prt("SB", (), _organization(custodian), mailbox=mailbox)


def _who(one: Professional) -> tuple[Parts, Parts]:
    """PRT-5 and PRT-8."""
    organization = _organization(one.organization) if one.organization is not None else ()
    if one.id is None and one.name is None:
        return (), organization
    value = one.id.extension or "" if one.id is not None else ""
    national = one.id is not None and one.id.root == PROFESSIONAL_OID
    authority: Value = ("", one.id.root, "ISO") if one.id is not None and one.id.root else ""
    family, given = (one.name.family, one.name.given) if one.name is not None else ("", "")
    kind = _professional_kind(value) if national else ""
    return (value, family, given, *("",) * 5, authority, "D", "", "", kind), organization  # type: ignore[return-value]


def _professional_kind(value: str) -> str:
    """IDNPS is the prefixed national identifier, of 12 characters; RPPS has 11."""
    return {12: "IDNPS", 11: "RPPS"}.get(len(value), "")


def _organization(one: Organization) -> Parts:
    """PRT-8: XON.1 name, XON.6 authority, XON.7 type, XON.10 identifier."""
    identifier = one.id.extension or "" if one.id is not None else ""
    if one.id is None or one.id.root != STRUCTURE_OID:
        return (one.name, *("",) * 8, identifier)
    return (one.name, *("",) * 4, ("", STRUCTURE_OID, "ISO"), "IDNST", "", "", identifier)


def _mailbox(one: Professional) -> str:
    for telecom in one.telecoms:
        scheme, _, value = telecom.value.partition(":")
        if scheme.lower() == "mailto":
            return unquote(value.partition("?")[0])
    return ""


def _prt(role: str, person: Parts = (), organization: Parts = (), *, mailbox: str = "") -> list[Value]:
    address: Value = ("", "", _X400, mailbox) if mailbox else ""
    return [
        "PRT",
        "",
        "UC",
        "",
        (role, "", "participation"),
        person,
        *("", ""),
        organization,
        *("",) * 6,
        address,
    ]
