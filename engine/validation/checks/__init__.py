"""Our checks that need computation, one file per subject; each takes a ClinicalDocument and yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.codes import codes
from engine.validation.checks.dates import dates
from engine.validation.checks.embedded import embedded_content
from engine.validation.checks.identity import national_identity
from engine.validation.checks.narrative import narrative_references
from engine.validation.checks.national_ids import national_identifiers
from engine.validation.checks.units import units

Check = Callable[[etree._Element], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    national_identity,
    national_identifiers,
    dates,
    codes,
    units,
    embedded_content,
    narrative_references,
)
