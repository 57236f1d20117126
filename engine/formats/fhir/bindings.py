"""Codes of the required bindings (FHIR R4 4.0.1) of the elements that are read: the library does not enforce them."""

from __future__ import annotations

from collections.abc import Mapping

_REPORT = "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown"
_OBSERVATION = "registered preliminary final amended corrected cancelled entered-in-error unknown"
_ENCOUNTER = "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
_SYSTEM = "phone fax email pager url sms other"

_CODES: Mapping[tuple[str, str], str] = {
    ("Bundle", "type"): "document message transaction transaction-response batch batch-response history searchset "
    "collection",
    ("BundleEntryRequest", "method"): "GET HEAD POST PUT DELETE PATCH",
    ("Patient", "gender"): "male female other unknown",
    ("PatientLink", "type"): "replaced-by replaces refer seealso",
    ("HumanName", "use"): "usual official temp nickname anonymous old maiden",
    ("Identifier", "use"): "usual official temp secondary old",
    ("Address", "use"): "home work temp old billing",
    ("ContactPoint", "use"): "home work temp old mobile",
    ("ContactPoint", "system"): _SYSTEM,
    ("Composition", "status"): "preliminary final amended entered-in-error",
    ("CompositionAttester", "mode"): "personal professional legal official",
    ("CompositionRelatesTo", "code"): "replaces transforms signs appends",
    ("DocumentReference", "status"): "current superseded entered-in-error",
    ("DocumentReference", "docStatus"): "preliminary final amended entered-in-error",
    ("DocumentReferenceRelatesTo", "code"): "replaces transforms signs appends",
    ("DiagnosticReport", "status"): _REPORT,
    ("Observation", "status"): _OBSERVATION,
    ("Quantity", "comparator"): "< <= >= >",
    ("Specimen", "status"): "available unavailable unsatisfactory entered-in-error",
    ("ServiceRequest", "status"): "draft active on-hold revoked completed entered-in-error unknown",
    ("ServiceRequest", "intent"): "proposal plan directive order original-order reflex-order filler-order "
    "instance-order option",
    ("Encounter", "status"): _ENCOUNTER,
    ("Narrative", "status"): "generated extensions additional empty",
    ("List", "status"): "current retired entered-in-error",
    ("List", "mode"): "working snapshot changes",
}
BINDINGS: Mapping[tuple[str, str], frozenset[str]] = {key: frozenset(text.split()) for key, text in _CODES.items()}
"""(type of element, element) → the codes allowed."""
