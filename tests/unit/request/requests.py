"""An invented practice, and what its software asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from engine.context import Context
from engine.declarations import Conversion
from engine.exchange import Attachment, InboundMessage
from engine.formats.request import FORMAT
from engine.model.directory import HostKind, IdentityContract, Structure
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Address, Code, Identifier, PersonName, Telecom

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
PRACTICE = Organization(
    id=Identifier(STRUCTURE_OID, "1990000010"),
    name="Cabinet du Port",
    addresses=(Address(("2 rue du Test",), "76600", "LE HAVRE", "FR", "WP"),),
    telecoms=(Telecom("tel:0200000000", "WP"),),
    practice_setting=Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
    facility_type=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
)
DOCTOR = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000011"),
    name=PersonName("MEDTEST", "Françoise"),
    specialty=Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin"),
    addresses=PRACTICE.addresses,
    telecoms=PRACTICE.telecoms,
    organization=PRACTICE,
)
STRUCTURE = Structure(
    name="cabinet",
    organization=PRACTICE,
    oid="1.2.250.1.999.3.1",
    patient_ids_oid="1.2.250.1.999.3.1.1",
    profession="medecin",
    profile="general",
    professionals={"99900000011": DOCTOR, "FM": DOCTOR},
    kinds=(HostKind("COURRIER", "lettre-adressage"),),
)
CONTRACT = IdentityContract(date(2026, 1, 1), "Dr Medtest", "C-1", date(2026, 12, 31))
INS = {"matricule": "285039900000193", "status": "qualifiée"}


def request(**changes: Any) -> dict[str, Any]:
    """A referral letter; a key set to None is left out."""
    whole = {
        "document": "lettre-adressage",
        "number": "L-1",
        "patient": patient(),
        "author": {"rpps": "99900000011"},
        "content": {"text": "Cher confrère,\nmerci de recevoir cette patiente."},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def patient(**changes: Any) -> dict[str, Any]:
    whole = {
        "numbers": [{"value": "P-1"}],
        "birth_name": "EXEMPLE",
        "birth_given_names": ["JEANNE", "MARIE"],
        "sex": "F",
        "birth_date": "1985-03-14",
        "birth_place": {"cog": "99000"},
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def context(contract: IdentityContract | None = CONTRACT, *, production: bool = False) -> Context:
    structure = replace(STRUCTURE, identity_contract=contract)
    return Context(NOW, "1.2.250.1.999.9", production, (), structures=(structure,))


def converted(asked: Any, *files: bytes, given: Context | None = None) -> Conversion:
    content = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
    beside = tuple(Attachment("document.pdf", one) for one in files)
    message = InboundMessage(content, "documents", "document.json", NOW, attachments=beside)
    return FORMAT.convert(message, given or context())


def faults(asked: Any, *files: bytes, given: Context | None = None) -> set[tuple[str, str]]:
    """(field, code) of everything that is wrong."""
    made = converted(asked, *files, given=given)
    assert made.drafts == ()
    return {(one.where, one.code) for one in made.findings}
