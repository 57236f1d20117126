"""Our checks that need computation, one file per subject; each takes a ClinicalDocument and yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.dates import dates
from engine.validation.checks.embedded import embedded_content
from engine.validation.checks.identity import national_identity
from engine.validation.checks.loinc import loinc_codes
from engine.validation.checks.narrative import narrative_references
from engine.validation.checks.national_ids import national_identifiers

Check = Callable[[etree._Element], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    national_identity,
    national_identifiers,
    dates,
    loinc_codes,
    embedded_content,
    narrative_references,
)
