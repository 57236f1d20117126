"""TD0.2: does the patient have a DMP, and in what state (HL7 V3 PRPA_IN201307UV02)."""

from __future__ import annotations

from collections.abc import Callable

from connectors.simulators.dmp.answers import V3, patient_response
from connectors.simulators.dmp.registry import patient_key
from connectors.simulators.dmp.soap import SoapFault
from connectors.simulators.dmp.vihf import Vihf
from connectors.simulators.xml import Element

ACTION = "urn:hl7-org:v3:PRPA_IN201307UV02"
_NS = {"v3": V3}
_REASONS = "1.2.250.1.213.1.1.4.11"


def existence_answer(payload: Element, vihf: Vihf, patient_status: Callable[[str], str | None]) -> Element:
    """PRPA_IN201308UV02. Raises SoapFault for a query that is not TD0.2 or is about another patient than the VIHF."""
    if payload.tag != f"{{{V3}}}PRPA_IN201307UV02":
        raise SoapFault("PRPA_IN201307UV02 attendu")
    for tag, code in (("processingCode", "D"), ("processingModeCode", "T")):
        if _attribute(payload, f"v3:{tag}", "code") != code:
            raise SoapFault(f"{tag} {code} attendu")
    if _attribute(payload, "v3:receiver/v3:device/v3:id", "root") != "1.2.250.1.213.4.1.1.1":
        raise SoapFault("receiver attendu : le DMP")
    reason = payload.find("v3:controlActProcess/v3:reasonCode", _NS)
    if reason is None or (reason.get("code"), reason.get("codeSystem")) != ("TEST_EXST", _REASONS):
        raise SoapFault("reasonCode TEST_EXST attendu")
    query = payload.find("v3:controlActProcess/v3:queryByParameter", _NS)
    if query is None:
        raise SoapFault("queryByParameter attendu")
    query_id = (_attribute(query, "v3:queryId", "root"), _attribute(query, "v3:queryId", "extension"))
    ins = (
        _attribute(query, "v3:parameterList/v3:patientIdentifier/v3:value", "root"),
        _attribute(query, "v3:parameterList/v3:patientIdentifier/v3:value", "extension"),
    )
    if not all(query_id):
        raise SoapFault("queryId attendu")
    cx = f"{ins[1]}^^^&{ins[0]}&ISO^NH"
    if patient_key(cx) != patient_key(vihf.patient_id):
        raise SoapFault("le patient n'est pas celui du VIHF")
    return patient_response(query_id, status=patient_status(cx), authorised=False, ins=ins)


def _attribute(element: Element, path: str, name: str) -> str:
    found = element.find(path, _NS)
    return found.get(name, "") if found is not None else ""
