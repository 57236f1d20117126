"""What the DMP answers: registry responses, query responses, patient responses."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from lxml import etree

from connectors.simulators.dmp.registry import Entry
from connectors.simulators.metadata.vocabulary import QUERY, RIM, RS
from connectors.simulators.problems import Problem
from connectors.simulators.xml import Element, parse

SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
_ERROR = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
V3 = "urn:hl7-org:v3"


def registry_response(problems: Sequence[Problem] = ()) -> Element:
    """rs:RegistryResponse: success, or every problem as a RegistryError."""
    root = etree.Element(f"{{{RS}}}RegistryResponse", nsmap={"rs": RS})
    _fill(root, problems)
    return root


def query_response(found: Iterable[Element], problems: Sequence[Problem] = ()) -> Element:
    """query:AdhocQueryResponse: objects found, or problems."""
    root = etree.Element(f"{{{QUERY}}}AdhocQueryResponse", nsmap={"query": QUERY, "rs": RS, "rim": RIM})
    _fill(root, problems)
    registry_objects = etree.SubElement(root, f"{{{RIM}}}RegistryObjectList")
    registry_objects.extend(found)
    return root


def _fill(root: Element, problems: Sequence[Problem]) -> None:
    root.set("status", FAILURE if problems else SUCCESS)
    if not problems:
        return
    errors = etree.SubElement(root, f"{{{RS}}}RegistryErrorList", highestSeverity=_ERROR)
    for problem in problems:
        error = etree.SubElement(errors, f"{{{RS}}}RegistryError")
        error.set("errorCode", problem.code)
        error.set("codeContext", str(problem))
        error.set("location", problem.where)
        error.set("severity", _ERROR)


def object_ref(entry: Entry) -> Element:
    return etree.Element(f"{{{RIM}}}ObjectRef", id=entry.entry_uuid, nsmap={"rim": RIM})


def leaf(entry: Entry) -> Element:
    """The whole entry as the registry holds it: what came in, with what the registry gives."""
    element = parse(entry.metadata)
    element.set("id", entry.entry_uuid)
    element.set("lid", entry.entry_uuid)
    element.set("status", entry.status)
    for classification in element.findall(f"{{{RIM}}}Classification"):
        classification.set("classifiedObject", entry.entry_uuid)
    for identifier in element.findall(f"{{{RIM}}}ExternalIdentifier"):
        identifier.set("registryObject", entry.entry_uuid)
    given = {"hash": entry.sha1, "size": str(entry.size), "repositoryUniqueId": "1.2.250.1.213.4.1.1.1.2"}
    for slot in element.findall(f"{{{RIM}}}Slot"):
        if slot.get("name") in given:
            element.remove(slot)
    for position, (name, value) in enumerate(given.items()):
        slot = etree.Element(f"{{{RIM}}}Slot", name=name)
        etree.SubElement(etree.SubElement(slot, f"{{{RIM}}}ValueList"), f"{{{RIM}}}Value").text = value
        element.insert(position, slot)
    return element


def patient_response(
    query_id: tuple[str, str], *, status: str | None, authorised: bool, ins: tuple[str, str]
) -> Element:
    """PRPA_IN201308UV02. `status`: active or terminated; None when the patient has no DMP. `ins`: (OID, matricule)."""
    root = _patient_root("AA")
    act = _sub(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    if status is not None:
        subject = _sub(_sub(_sub(act, "subject", typeCode="SUBJ"), "registrationEvent"), "subject1")
        patient = _sub(subject, "patient", classCode="PAT")
        _sub(patient, "id", root=ins[0], extension=ins[1])
        _sub(patient, "statusCode", code=status)
        line = _sub(act, "attentionLine")
        _sub(line, "keyWordText", code="AUTORISATION", codeSystem="1.2.250.1.213.4.1.2.6.1")
        _sub(line, "value", code="VALIDE" if authorised else "NON_EXISTE", codeSystem="1.2.250.1.213.4.1.2.6.1")
    acknowledgement = _sub(act, "queryAck")
    _sub(acknowledgement, "queryId", root=query_id[0], extension=query_id[1])
    _sub(acknowledgement, "queryResponseCode", code="NF" if status is None else "OK")
    return root


def patient_failure(problem: Problem) -> Element:
    """PRPA_IN201308UV02 that says no: acknowledgement AE, with the code and the words."""
    root = _patient_root("AE")
    detail = _sub(root.findall(f"{{{V3}}}acknowledgement")[0], "acknowledgementDetail", typeCode="E")
    _sub(detail, "code", code=problem.code)
    _sub(detail, "text").text = problem.text
    return root


def _patient_root(acknowledgement: str) -> Element:
    root = etree.Element(f"{{{V3}}}PRPA_IN201308UV02", nsmap={"v3": V3}, ITSVersion="XML_1.0")
    _sub(root, "id", root="1.2.250.1.213.4.1.1.1", extension=str(uuid.uuid4()))
    _sub(root, "interactionId", root="2.16.840.1.113883.1.6", extension="PRPA_IN201308UV02")
    _sub(root, "processingCode", code="P")
    _sub(root, "processingModeCode", code="T")
    _sub(root, "acceptAckCode", code="NE")
    _sub(_sub(root, "acknowledgement"), "typeCode", code=acknowledgement)
    return root


def _sub(parent: Element, tag: str, **attributes: str) -> Element:
    return etree.SubElement(parent, f"{{{V3}}}{tag}", attributes)
