"""TD0.2: does this patient have a DMP, and is it open? (HL7 V3 PRPA_IN201307UV02, reason TEST_EXST)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from lxml import etree

from engine.model.parties import Ins
from engine.xds.xml import Builder

ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"
_HL7 = "urn:hl7-org:v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_INTERACTIONS = "2.16.840.1.113883.1.6"
_DMP_DEVICE = "1.2.250.1.213.4.1.1.1"
_REASONS = "1.2.250.1.213.1.1.4.11"
_NS = {"h": _HL7}

_h = Builder(_HL7, {None: _HL7, "xsi": _XSI})
_NIL = {f"{{{_XSI}}}nil": "true"}


class Dmp(StrEnum):
    ACTIVE = "active"
    CLOSED = "closed"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class ExistenceAnswer:
    dmp: Dmp | None
    """None when the question was refused."""
    error_code: str = ""


def question(ins: Ins, *, instance_oid: str, software: str, query_id: str, asked_at: datetime) -> etree._Element:
    """The query message; `query_id` is unique per call."""
    interaction = {"root": _INTERACTIONS, "extension": "PRPA_IN201307UV02"}
    return _h(
        "PRPA_IN201307UV02",
        {"ITSVersion": "XML_1.0"},
        _h("id", {"root": instance_oid, "extension": query_id}),
        _h("creationTime", {"value": asked_at.astimezone(UTC).strftime("%Y%m%d%H%M%S")}),
        _h("interactionId", interaction),
        _h("processingCode", {"code": "D"}),
        _h("processingModeCode", {"code": "T"}),
        _h("acceptAckCode", {"code": "AL"}),
        _device("receiver", "RCV", _DMP_DEVICE, "DMP"),
        _device("sender", "SND", instance_oid, software),
        _h("attentionLine", _NIL),
        _control_act(ins, instance_oid, query_id),
    )


def existence(body: etree._Element) -> ExistenceAnswer:
    """Raises ValueError when it is not an answer to the question."""
    if body.tag != f"{{{_HL7}}}PRPA_IN201308UV02":
        raise ValueError("not an existence answer")
    kind = _value(body, "h:acknowledgement/h:typeCode", "code") or _value(body, "h:acknowledgement", "typeCode")
    if kind != "AA":
        return ExistenceAnswer(None, _value(body, "h:acknowledgement/h:acknowledgementDetail/h:code", "code"))
    if _value(body, ".//h:queryAck/h:queryResponseCode", "code") == "NF":
        return ExistenceAnswer(Dmp.ABSENT)
    status = _value(body, ".//h:patient/h:statusCode", "code")
    if status not in ("active", "terminated"):
        raise ValueError("no status of the DMP")
    return ExistenceAnswer(Dmp.ACTIVE if status == "active" else Dmp.CLOSED)


def _control_act(ins: Ins, instance_oid: str, query_id: str) -> etree._Element:
    patient = _h(
        "patientIdentifier",
        None,
        _h("value", {"root": ins.oid, "extension": ins.matricule}),
        _h("semanticsText", None, "Patient.id"),
    )
    query = _h(
        "queryByParameter",
        None,
        _h("queryId", {"root": instance_oid, "extension": query_id}),
        _h("statusCode", {"code": "new"}),
        _h("parameterList", None, _h("dataSource", _NIL), patient),
    )
    return _h(
        "controlActProcess",
        {"classCode": "CACT", "moodCode": "EVN"},
        _h("code", {"code": "PRPA_TE201307UV02", "codeSystem": _INTERACTIONS}),
        _h("reasonCode", {"code": "TEST_EXST", "codeSystem": _REASONS}),
        query,
    )


def _device(tag: str, kind: str, oid: str, name: str) -> etree._Element:
    device = _h("device", {"classCode": "DEV", "determinerCode": "INSTANCE"}, _h("id", {"root": oid}))
    device.append(_h("softwareName", None, name))
    return _h(tag, {"typeCode": kind}, device)


def _value(body: etree._Element, path: str, attribute: str) -> str:
    found = body.find(path, _NS)
    return "" if found is None else found.get(attribute, "")
