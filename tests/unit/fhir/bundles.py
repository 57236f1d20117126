"""An invented practice and an invented laboratory, and the Bundles their software sends."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.context import Context
from engine.declarations import Conversion, Draft
from engine.exchange import InboundMessage
from engine.formats.fhir import FORMAT
from engine.model.directory import HostKind, IdentityContract, Laboratory, Structure
from engine.model.document import ClinicalDocument
from engine.model.laboratory import Battery, Isolate, LaboratoryReport, Result
from engine.model.parties import PROFESSIONAL_OID, STRUCTURE_OID, Organization, Professional
from engine.model.values import Address, Code, Identifier, PersonName, Telecom

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "fhir"
NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
PRACTICE = Organization(
    id=Identifier(STRUCTURE_OID, "1990000010"),
    name="CABINET FICTIF",
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
    telecoms=(*PRACTICE.telecoms, Telecom("mailto:francoise.medtest@medecin.mssante.example")),
    organization=PRACTICE,
)
STRUCTURE = Structure(
    name="cabinet",
    organization=PRACTICE,
    oid="1.2.250.1.999.3.1",
    patient_ids_oid="1.2.250.1.999.3.1.1",
    profession="medecin",
    profile="general",
    professionals={"99900000011": DOCTOR},
    kinds=(HostKind("COURRIER", "lettre-adressage"),),
)
CONTRACT = IdentityContract(date(2026, 1, 1), "Dr Medtest", "C-1", date(2026, 12, 31))
LAB_ORGANIZATION = Organization(
    id=Identifier(STRUCTURE_OID, "1990000002"),
    name="LABORATOIRE FICTIF",
    addresses=(Address(("1 rue du Test",), "76600", "LE HAVRE", "FR", "WP"),),
    telecoms=(Telecom("tel:0200000001", "WP"),),
    practice_setting=Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire"),
    facility_type=Code("SA25", "1.2.250.1.71.4.2.4", "Laboratoire de biologie médicale"),
)
BIOLOGIST = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000029"),
    name=PersonName("BIOTEST", "Andréa", "MME", "DR"),
    specialty=Code("G15_10/SM03", "1.2.250.1.213.1.1.4.5", "Médecin - Biologie médicale (SM)"),
    addresses=LAB_ORGANIZATION.addresses,
    telecoms=LAB_ORGANIZATION.telecoms,
    organization=LAB_ORGANIZATION,
)
LABORATORY = Laboratory(
    name="labo",
    sender_codes=("LABFICT",),
    organization=LAB_ORGANIZATION,
    oid="1.2.250.1.999.1.1",
    local_codes_oid="1.2.250.1.999.1.1.1",
    patient_ids_oid="1.2.250.1.999.1.1.2",
    requester_patient_ids_oid="1.2.250.1.999.1.2.1",
    biologists={"99900000029": BIOLOGIST},
    prescribers={"99900000011": DOCTOR},
)
Bundle = dict[str, Any]
Change = Callable[[Bundle], object]


def sample(name: str) -> Bundle:
    """A Bundle of tests/samples/fhir, its decimals as floats: for what does not look at them."""
    whole: Bundle = json.loads((SAMPLES / name).read_text(encoding="utf-8"))
    return whole


def letter() -> Bundle:
    return sample("lettre_adressage.json")


def report() -> Bundle:
    return sample("compte_rendu_biologie.json")


def changed(whole: Bundle, *changes: Change) -> Bundle:
    made = copy.deepcopy(whole)
    for change in changes:
        change(made)
    return made


def resource(whole: Bundle, kind: str, own_id: str = "") -> dict[str, Any]:
    """The first resource of that type, or the one of that id."""
    found = (entry["resource"] for entry in whole["entry"])
    return next(one for one in found if one["resourceType"] == kind and own_id in ("", one.get("id")))


def without(whole: Bundle, kind: str, own_id: str = "") -> Bundle:
    held = resource(whole, kind, own_id)
    return {**whole, "entry": [one for one in whole["entry"] if one["resource"] is not held]}


def context(contract: IdentityContract | None = CONTRACT, *, production: bool = False, **laboratory: Any) -> Context:
    structure = replace(STRUCTURE, identity_contract=contract)
    laboratories = (replace(LABORATORY, **laboratory),)
    return Context(NOW, "1.2.250.1.999.9", production, laboratories, structures=(structure,))


def converted(whole: Bundle | bytes, given: Context | None = None, sender: str = "") -> Conversion:
    content = whole if isinstance(whole, bytes) else json.dumps(whole).encode()
    return FORMAT.convert(InboundMessage(content, "fhir", "bundle.json", NOW, sender), given or context())


def draft(whole: Bundle | bytes, given: Context | None = None) -> Draft:
    made = converted(whole, given)
    assert made.drafts, [(one.where, one.code) for one in made.findings]
    return made.drafts[0]


def document(whole: Bundle | bytes, given: Context | None = None) -> ClinicalDocument:
    return draft(whole, given).document


def faults(whole: Bundle | bytes, given: Context | None = None, sender: str = "") -> set[tuple[str, str]]:
    """(place, code) of everything that refuses the Bundle."""
    made = converted(whole, given, sender)
    assert made.drafts == ()
    return {(one.where, one.code) for one in made.findings if one.disposition == "refuse"}


def codes(whole: Bundle | bytes, given: Context | None = None) -> set[str]:
    """Finding codes of a Bundle that is taken."""
    return {one.code for one in draft(whole, given).findings}


def body(whole: Bundle | bytes, given: Context | None = None) -> LaboratoryReport:
    found = document(whole, given).body
    assert isinstance(found, LaboratoryReport)
    return found


def results(whole: Bundle | bytes, given: Context | None = None) -> dict[str, Result]:
    """Every result by its words."""
    found: dict[str, Result] = {}
    for chapter in body(whole, given).chapters:
        for item in (one for act in chapter.acts for one in act.items):
            held: tuple[Result, ...] = ()
            if isinstance(item, Result):
                held = (item,)
            elif isinstance(item, Battery):
                held = item.results
            elif isinstance(item, Isolate):
                held = (*item.results, *item.antibiogram)
            found |= {one.concept.text: one for one in held}
    return found
