"""Answers of the DMP, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.destinations.dmp import soap
from connectors.destinations.dmp.existence import Dmp, existence
from connectors.destinations.dmp.registry import get_documents, registry_answer
from engine.xds.xml import parsed

S12 = "http://www.w3.org/2003/05/soap-envelope"
S11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"


def envelope(body: str, namespace: str = S12) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{namespace}" xmlns:a="{WSA}"><s:Header><a:RelatesTo>urn:uuid:1</a:RelatesTo></s:Header>'
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def test_a_fault_gives_its_codes_most_precise_first() -> None:
    found = soap.answer(
        envelope(
            "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>s:DMPInvalidCertificate</s:Value>"
            "</s:Subcode></s:Code><s:Reason><s:Text xml:lang='en'>Not valid</s:Text></s:Reason></s:Fault>"
        )
    )
    assert found.relates_to == "urn:uuid:1"
    assert found.body is None
    assert found.fault == soap.Fault(True, ("DMPInvalidCertificate", "Sender"), "Not valid")


@pytest.mark.parametrize(("code", "sender"), [("s:Client", True), ("s:Server", False)])
def test_a_soap_1_1_fault_is_understood(code: str, sender: bool) -> None:
    found = soap.answer(envelope(f"<s:Fault><faultcode>{code}</faultcode><faultstring>x</faultstring></s:Fault>", S11))
    assert found.fault is not None
    assert found.fault.sender is sender


@pytest.mark.parametrize("content", [b"", b"<html/>", envelope(""), f'<s:Envelope xmlns:s="{S12}"/>'.encode()])
def test_what_is_no_envelope_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        soap.answer(content)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        soap.answer(content)


RS = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
STATUS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"


def test_registry_errors_are_told_from_warnings() -> None:
    severity = "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:"
    found = registry_answer(
        parsed(
            f'<r:RegistryResponse xmlns:r="{RS}" status="{STATUS}Failure"><r:RegistryErrorList>'
            f'<r:RegistryError errorCode="XDSRepositoryBusy" codeContext="x" severity="{severity}Error"/>'
            f'<r:RegistryError errorCode="urn:x:XDSExtraMetadataNotSaved" severity="{severity}Warning"/>'
            "</r:RegistryErrorList></r:RegistryResponse>".encode()
        )
    )
    assert found.status == "Failure"
    assert [(one.code, one.warning) for one in found.errors] == [
        ("XDSRepositoryBusy", False),
        ("XDSExtraMetadataNotSaved", True),
    ]


@pytest.mark.parametrize("body", ["<a/>", f'<r:RegistryResponse xmlns:r="{RS}"/>'])
def test_an_answer_without_a_status_is_not_understood(body: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        registry_answer(parsed(body.encode()))


def test_a_query_asks_for_references_only() -> None:
    query = get_documents("2.25.1")
    option = query[0]
    assert option.get("returnType") == "ObjectRef"
    assert "".join(str(one) for one in query.itertext()) == "('2.25.1')"


H = 'xmlns="urn:hl7-org:v3"'


def hl7(acknowledgement: str, rest: str = "") -> str:
    return f"<PRPA_IN201308UV02 {H}>{acknowledgement}{rest}</PRPA_IN201308UV02>"


OK = '<acknowledgement><typeCode code="AA"/></acknowledgement>'


@pytest.mark.parametrize(
    ("content", "dmp", "code"),
    [
        (hl7(OK, '<x><patient><statusCode code="active"/></patient></x>'), Dmp.ACTIVE, ""),
        (
            hl7('<acknowledgement typeCode="AA"/>', '<x><patient><statusCode code="active"/></patient></x>'),
            Dmp.ACTIVE,
            "",
        ),
        (hl7(OK, '<x><patient><statusCode code="terminated"/></patient></x>'), Dmp.CLOSED, ""),
        (hl7(OK, '<x><queryAck><queryResponseCode code="NF"/></queryAck></x>'), Dmp.ABSENT, ""),
        (
            hl7(
                '<acknowledgement><typeCode code="AE"/><acknowledgementDetail><code code="DMPx"/>'
                "</acknowledgementDetail></acknowledgement>"
            ),
            None,
            "DMPx",
        ),
    ],
)
def test_an_existence_answer_says_whether_the_dmp_is_open(content: str, dmp: Dmp | None, code: str) -> None:
    found = existence(parsed(content.encode()))
    assert (found.dmp, found.error_code) == (dmp, code)


def test_an_existence_answer_without_a_status_proves_nothing() -> None:
    with pytest.raises(ValueError, match=r".+"):
        existence(parsed(hl7(OK).encode()))
