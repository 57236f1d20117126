"""What the FHIR interface answers with: OperationOutcome for faults, CapabilityStatement for what is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi.responses import JSONResponse

from engine import __version__
from engine.api.problems import Fault

MEDIA_TYPE = "application/fhir+json"
CODES = "urn:passeur:finding"
"""System of our finding codes in OperationOutcome.issue.details."""
_ISSUES: Mapping[str, str] = {
    "fhir.json_invalid": "structure",
    "fhir.json_twice": "structure",
    "fhir.not_utf8": "structure",
    "fhir.not_a_bundle": "structure",
    "fhir.structure": "structure",
    "fhir.unknown_element": "structure",
    "fhir.unknown_resource": "structure",
    "fhir.empty": "structure",
    "fhir.missing": "required",
    "fhir.invalid_value": "value",
    "fhir.code": "code-invalid",
    "fhir.unresolved_reference": "not-found",
    "fhir.modifier_extension": "extension",
    "fhir.bundle_type": "not-supported",
    "fhir.method": "not-supported",
    "api.too_large": "too-long",
    "api.media_type": "not-supported",
    "api.idempotency_conflict": "conflict",
}
"""Finding code → IssueType; the others are business rules."""
_INTERACTIONS = {
    "DocumentReference": "Document de niveau 1 : PDF, texte ou HTML simple, dans l'attachement ou dans une Binary.",
    "DiagnosticReport": "Compte rendu de biologie (category LAB) et ses Observations, en CR-BIO de niveau 3.",
}
_BESIDE = (
    "Binary", "Composition", "Encounter", "List", "Observation", "Organization", "Patient", "Practitioner",
    "PractitionerRole", "ServiceRequest", "Specimen",
)  # fmt: skip


def outcome(status: int, faults: Iterable[Fault], headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Every fault, each at its element (`expression`); what to do about it in `diagnostics`."""
    content = {"resourceType": "OperationOutcome", "language": "fr", "issue": [_issue(one) for one in faults]}
    told = {"Content-Language": "fr", **(headers or {})}
    return JSONResponse(content, status, told, media_type=MEDIA_TYPE)


def _issue(fault: Fault) -> dict[str, Any]:
    made: dict[str, Any] = {
        "severity": "error",
        "code": _ISSUES.get(fault.code, "business-rule"),
        "details": {"coding": [{"system": CODES, "code": fault.code}], "text": fault.message},
    }
    if fault.remedy:
        made["diagnostics"] = fault.remedy
    if fault.field:
        made["expression"] = [fault.field]
    return made


def capability_statement(date: str) -> dict[str, Any]:
    """GET /v1/fhir/metadata. `date`: when this version of the interface was made, `2026-11-21`."""
    return {
        "resourceType": "CapabilityStatement",
        "language": "fr",
        "status": "active",
        "date": date,
        "kind": "instance",
        "software": {"name": "Passeur", "version": __version__},
        "implementation": {"description": "Dépôt d'un document ou d'un compte rendu de biologie, un par Bundle"},
        "fhirVersion": "4.0.1",
        "format": ["json", MEDIA_TYPE],
        "rest": [
            {
                "mode": "server",
                "documentation": "POST /v1/fhir d'un Bundle de type transaction ou document, qui contient une seule "
                "fois DocumentReference ou DiagnosticReport, et tout ce qu'ils désignent. La réponse (202) dit ce qui "
                "partira ; rien n'est lu, cherché, modifié ni supprimé par cette interface. Les fautes sont toutes "
                "dites, dans un OperationOutcome. Toute modifierExtension est refusée.",
                "interaction": [{"code": "transaction"}],
                "resource": [{"type": name, "documentation": words} for name, words in _INTERACTIONS.items()]
                + [{"type": name, "documentation": "Lue dans le Bundle, jamais seule."} for name in _BESIDE],
            }
        ],
        "document": [
            {
                "mode": "consumer",
                "documentation": "Bundle document : Composition, puis un DiagnosticReport ou un DocumentReference.",
                "profile": "http://hl7.org/fhir/StructureDefinition/Composition",
            }
        ],
    }
