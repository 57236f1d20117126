"""Every resource of a Bundle against the R4B models of fhir.resources, and what these let pass.

FHIR R4 (4.0.1) is what is taken; the library has R4B (4.3.0) and no R4. What differs, and what is made of it:

- the resources read here (Bundle, Composition, DocumentReference, DiagnosticReport, Observation, Specimen,
  ServiceRequest, Encounter, Patient, Practitioner, PractitionerRole, Organization, Binary, List) and their data types
  are the same in both: an R4 resource is a valid R4B one, and an element of R5 is refused by both;
- resources of R4 that R4B took away or rewrote (`R4_ONLY`) have no model: they are never read here, so they are told
  as not read, and are no fault;
- resources new in R4B and absent from R4 are of no use here either, and are told as not read.

What the library lets pass, and is judged here: codes of the required bindings, a number or a boolean sent as a text, a
required element that lacks, the type of resource a reference names by its own words, an empty text or list.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from engine.findings import Finding
from engine.formats.fhir.bindings import BINDINGS
from engine.formats.fhir.rules import finding

R4_ONLY = frozenset(
    {
        "EffectEvidenceSynthesis", "MedicinalProduct", "MedicinalProductAuthorization",
        "MedicinalProductContraindication", "MedicinalProductIndication", "MedicinalProductIngredient",
        "MedicinalProductInteraction", "MedicinalProductManufactured", "MedicinalProductPackaged",
        "MedicinalProductPharmaceutical", "MedicinalProductUndesirableEffect", "RiskEvidenceSynthesis",
        "SubstanceNucleicAcid", "SubstancePolymer", "SubstanceProtein", "SubstanceReferenceInformation",
        "SubstanceSourceMaterial", "SubstanceSpecification",
        "DeviceDefinition", "Evidence", "EvidenceVariable", "ResearchDefinition", "ResearchElementDefinition",
    }
)  # fmt: skip
"""Types that R4B does not have, or may have otherwise."""
_WORDS: Mapping[str, str] = {
    "missing": "fhir.missing",
    "model_field_validation.missing": "fhir.missing",
    "extra_forbidden": "fhir.unknown_element",
}
_NAME = re.compile(r"_?[a-z][A-Za-z0-9]{0,40}")
_RELATIVE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?\Z")


def structure_findings(bundle: Mapping[str, Any]) -> Iterator[Finding]:
    """All faults at once, each at its element; the values sent are never quoted."""
    entries = bundle.get("entry")
    shell = dict(bundle)
    if isinstance(entries, list):
        shell["entry"] = [_shell(one) for one in entries]
    yield from _judged(shell, "Bundle")
    for rank, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield from _resource_findings(resource, f"Bundle.entry[{rank}].resource")


def _shell(entry: Any) -> Any:
    """The entry without its resource, which is judged by itself."""
    if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
        return entry
    return {name: value for name, value in entry.items() if name != "resource"}


def _resource_findings(resource: Mapping[str, Any], where: str) -> Iterator[Finding]:
    kind = resource.get("resourceType")
    if isinstance(kind, str) and kind in R4_ONLY:
        return
    contained = resource.get("contained")
    inside = [one for one in contained if isinstance(one, dict)] if isinstance(contained, list) else []
    yield from _judged({name: value for name, value in resource.items() if name != "contained"}, where)
    if contained is not None and (not isinstance(contained, list) or len(inside) != len(contained)):
        yield finding("fhir.structure", f"{where}.contained")
    for rank, one in enumerate(inside):
        yield from _resource_findings(one, f"{where}.contained[{rank}]")


def _judged(tree: Mapping[str, Any], where: str) -> Iterator[Finding]:
    model = _model(tree.get("resourceType"))
    if model is None:
        yield finding("fhir.unknown_resource", f"{where}.resourceType")
        return
    try:
        made = model.model_validate(tree)
    except ValidationError as error:
        yield from (_told(one, where) for one in error.errors(include_url=False, include_input=False))
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):  # a shape the library did not foresee
        yield finding("fhir.structure", where)
    else:
        yield from _let_pass(made, tree, where)


def _model(name: object) -> Any:
    """The library's class of a resource, imported when first needed: it takes longer than the rest of the format."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Z][A-Za-z]{2,60}", name):
        return None
    if not hasattr(importlib.import_module("fhir.resources.R4B.fhirtypes"), f"{name}Type"):
        return None
    resource = importlib.import_module("fhir.resources.R4B.resource").Resource
    try:
        found = importlib.import_module("fhir.resources.R4B").get_fhir_model_class(name)
    except (LookupError, ImportError, ValueError):
        return None
    return found if isinstance(found, type) and issubclass(found, resource) else None


def _told(error: Any, where: str) -> Finding:
    """At the element's place, a name that is none of FHIR's left out of it: it could be anything."""
    place, kind = where, str(error["type"])
    for part in error["loc"]:
        if isinstance(part, str) and not _NAME.fullmatch(part):
            break
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    if kind == "value_error" and "got multiple" in str(error.get("msg", "")):
        return finding("fhir.several_types", place)
    return finding(_WORDS.get(kind, "fhir.invalid_value") if error["loc"] else "fhir.structure", place)


def _let_pass(made: Any, tree: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """The validated element beside what was sent of it."""
    owner = type(made).get_resource_type()
    for name, field in type(made).model_fields.items():
        key = field.alias or name
        told = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        if key not in tree:
            if told.get("element_required"):
                yield finding("fhir.missing", f"{where}.{key}")
            continue
        sent, read = tree[key], getattr(made, name, None)
        yield from _element(owner, key, told, sent, read, f"{where}.{key}")


def _element(owner: str, key: str, told: Mapping[str, Any], sent: Any, read: Any, place: str) -> Iterator[Finding]:
    if sent in ("", [], {}) or (isinstance(sent, str) and not sent.strip()):
        yield finding("fhir.empty", place)
        return
    several = isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read)
    pairs = zip(sent, read, strict=True) if several else ((sent, read),)
    for rank, (one, value) in enumerate(pairs):
        here = f"{place}[{rank}]" if several else place
        if isinstance(one, dict) and hasattr(value, "get_resource_type"):
            yield from _let_pass(value, one, here)
            yield from _target(told, one, here)
        elif isinstance(one, str) and not isinstance(value, (str, bytes)) and _is_number(value):
            yield finding("fhir.not_a_text", here)
        elif isinstance(one, str) and one not in BINDINGS.get((owner, key), (one,)):
            expected = ", ".join(sorted(BINDINGS[owner, key]))
            yield finding("fhir.code", here, expected=expected)


def _is_number(value: Any) -> bool:
    """A number or a boolean, which JSON writes without quotes."""
    return isinstance(value, (bool, int, float)) or type(value).__name__ == "Decimal"


def _target(told: Mapping[str, Any], sent: Mapping[str, Any], where: str) -> Iterator[Finding]:
    """`Patient/1` where a Practitioner is due."""
    allowed = told.get("enum_reference_types")
    reference = sent.get("reference")
    if not isinstance(allowed, list) or not isinstance(reference, str) or "Resource" in allowed:
        return
    named = _RELATIVE.match(reference)
    if named is not None and named.group(1) not in allowed:
        yield finding("fhir.reference_type", where, expected=", ".join(allowed))
