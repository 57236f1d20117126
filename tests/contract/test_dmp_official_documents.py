"""A document, its replacement and its deletion as the ANS publishes them, through both destinations."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from connectors.simulators import DmpSimulator, MailSimulator, Pki
from engine.errors import PermanentError
from engine.exchange import Order, OrderKind
from engine.model.document import DocumentVersion
from engine.model.instructions import Instructions, Visibility
from engine.model.parties import INS_OIDS, Ins
from engine.model.values import Identifier, Timestamp
from tests.contract.test_dmp_against_simulator import Handing, dmp, opened_with, pki, settings
from tests.contract.test_mssante_against_simulator import mail
from tests.contract.test_mssante_against_simulator import opened as mailing
from tests.unit.dmp import orders
from tests.unit.mssante import orders as mails

__all__ = ["dmp", "mail", "pki"]
"""Fixtures."""

MESSAGES = Path(__file__).resolve().parents[2] / ".." / "shared/ans/hl7v2-exemples/Vague 2"
FOLDER = MESSAGES / "Trans_Doc-CDA-HL7V2/TRANSMISSION_DOCS_CDA_EN_HL7V2_V2.1/MDM"
FIRST = FOLDER / "Transmission initiale MDM/CR_Radio_CDAN1_v1.XML"
SECOND = FOLDER / "Remplacement MDM/CR_Radio_CDAN1_v2.XML"
NS = {"c": "urn:hl7-org:v3"}

pytestmark = pytest.mark.skipif(not FIRST.exists(), reason="the ANS examples are not beside the project")
HIDDEN = Instructions(
    visibility=(Visibility.INVISIBLE_PATIENT, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX), secret_connection=True
)
RESPONSIBLE = {
    "id": "801234534765",
    "family": "IMAGEUR",
    "given": "Paul",
    "specialty_code": "G15_10/SM44",
    "specialty_label": "Médecin - Radio-diagnostic (SM)",
}


def order(path: Path, number: int, kind: OrderKind = OrderKind.SEND) -> Order:
    """An official document, as the engine would hand it."""
    content = path.read_bytes()
    root = etree.fromstring(content)
    ins = next(one for one in root.findall("c:recordTarget/c:patientRole/c:id", NS) if one.get("root") in INS_OIDS)
    before = root.find("c:relatedDocument/c:parentDocument/c:id", NS)
    version = DocumentVersion(
        Identifier(value(root, "c:id", "root")),
        Identifier("2.25.1"),
        1 if before is None else 2,
        None if before is None else Identifier(before.get("root", "")),
    )
    patient = replace(
        orders.patient(Ins(ins.get("extension", ""), ins.get("root", ""), True)),
        birth_name=root.findtext(".//c:patient/c:name/c:family[@qualifier='BR']", "", NS),
        first_given_name=root.findtext(".//c:patient/c:name/c:given[@qualifier='BR']", "", NS),
        birth_time=Timestamp(value(root, ".//c:patient/c:birthTime", "value")),
    )
    package = replace(
        orders.order().package,
        version=version,
        cda=content,
        pdf=base64.b64decode(root.findtext("c:component/c:nonXMLBody/c:text", "", NS)),
        patient=patient,
        instructions=HIDDEN,
        file_name="20240710_CR imagerie_PATIENT_Prenom",
    )
    return replace(orders.order(f"order-{number}"), package=package, kind=kind)


def value(root: etree._Element, path: str, name: str) -> str:
    found = root.find(path, NS)
    assert found is not None
    return found.get(name, "")


async def test_a_document_is_fed_replaced_then_deleted(dmp: DmpSimulator, pki: Pki) -> None:
    destination = opened_with(settings(dmp, pki, responsible=RESPONSIBLE))
    try:
        await destination.deliver(order(FIRST, 1), Handing())
        await destination.deliver(order(SECOND, 2), Handing())
        await destination.deliver(order(SECOND, 3, OrderKind.DELETE), Handing())
    finally:
        await destination.close()
    assert dmp.refusals == []
    assert [entry.status.rpartition(":")[2] for entry in dmp.entries] == ["Deprecated", "Deleted"]


async def test_nothing_is_said_against_their_mails_but_their_own_pdf(mail: MailSimulator, pki: Pki) -> None:
    """The PDF of these examples declares no PDF/A-1, and the mail of a level 1 document must bear that very one."""
    destination = mailing(mail, pki)
    for number, (path, kind) in enumerate(
        ((FIRST, OrderKind.SEND), (SECOND, OrderKind.SEND), (SECOND, OrderKind.DELETE)), 1
    ):
        with pytest.raises(PermanentError):
            await destination.deliver(replace(order(path, number, kind), recipient=mails.PRESCRIBER), Handing())
    assert mail.refusals == [("mail.pdf", "le PDF joint n'est pas déclaré PDF/A-1")] * 3
