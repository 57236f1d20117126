"""Links from coded entries to the words people read: `reference/@value="#x"` must lead to an element with ID `x`.

CDA R2 (HL7 2005), section narrative block: what is coded refers to the text attested by the author.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.findings import Finding
from engine.validation.checks.remark import warning
from engine.validation.document import HL7

_REFERENCE = f"{{{HL7}}}reference"
_NAMED = etree.XPath("descendant-or-self::*[@ID]")
_OWNERS = frozenset({f"{{{HL7}}}text", f"{{{HL7}}}originalText", f"{{{HL7}}}value"})


def narrative_references(cda: etree._Element) -> Iterator[Finding]:
    """Broken references, and IDs given twice (a reference to them is ambiguous)."""
    elements: list[etree._Element] = _NAMED(cda)  # type: ignore[assignment]
    count = Counter(element.get("ID") for element in elements)
    for element in cda.iter(_REFERENCE):
        value, parent = element.get("value"), element.getparent()
        if value is None or not value.startswith("#") or parent is None or parent.tag not in _OWNERS:
            continue
        if value[1:] not in count:
            yield warning(
                "broken_reference",
                element,
                "Ce renvoi vers la partie lisible du document ne mène à rien : "
                "la donnée codée n’est plus rattachée au texte que lit le médecin.",
                "Corriger le renvoi, ou donner l’identifiant (ID) au passage lu.",
            )
    seen: set[str | None] = set()
    for element in elements:
        name = element.get("ID")
        if count[name] > 1 and name in seen:
            yield warning(
                "repeated_id",
                element,
                "Deux passages lisibles du document portent le même identifiant (ID).",
                "Donner à chaque passage un identifiant unique.",
            )
        seen.add(name)
