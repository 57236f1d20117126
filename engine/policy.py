"""What a laboratory may choose about findings (`policy` of routes.yaml), and its choices applied to what was found.

A choice reaches what the formats find in a message, what a correction meets (`merge`) and the laboratory's own PDF
(`pdf`). What is found about an identity across versions, by the judges of the document or by the line is never a
laboratory's to choose. Dispositions are our proposal (clinical safety first).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engine.context import Context
from engine.declarations import Conversion
from engine.findings import Disposition, Finding
from engine.formats.fhir.rules import RULES as FHIR
from engine.formats.hl7v2.results.rules import RULES as HL7V2_RESULTS
from engine.formats.hl7v2.rules import RULES as HL7V2
from engine.formats.hl7v2.rules import Grade
from engine.formats.hprim.rules import RULES as HPRIM
from engine.model.directory import Laboratory
from engine.model.document import ClinicalDocument

_STRICTNESS = tuple(Disposition)


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen about one finding code: always stricter than `default`, looser only where `may_override`."""

    default: Disposition
    may_override: bool


def _note() -> Choice:
    return Choice(Disposition.PUBLISH, True)


def _hold(*, may_override: bool = True) -> Choice:
    return Choice(Disposition.HOLD, may_override)


def _refuse() -> Choice:
    return Choice(Disposition.REFUSE, False)


_PDF: Mapping[str, Choice] = {
    "pdf.not_pdfa": _hold(),
    "pdf.font_not_embedded": _hold(),
    "pdf.transparency": _hold(),
    "pdf.damaged": _hold(may_override=False),  # pages may be missing
    "pdf.embedded_file": _hold(may_override=False),  # nobody has looked at what it holds
    "pdf.external_reference": _hold(may_override=False),
    "pdf.too_complex": _hold(may_override=False),  # it was not examined whole
    "pdf.encrypted": _refuse(),
    "pdf.script": _refuse(),
    "pdf.too_large": _refuse(),
    "pdf.unreadable": _refuse(),
}
_MERGE: Mapping[str, Choice] = {
    "merge.put_back": _note(),
    "merge.carried_over": _note(),
    "merge.attached_pdf_may_be_partial": _note(),
    "merge.full_text_not_carried_over": _note(),
    "merge.fewer_results": _hold(),
    "merge.moved_result": _hold(),
    "merge.isolate_changed": _hold(),
    "merge.previous_not_structured": _hold(),
    "merge.confirmed_result_unknown": _hold(),
    "merge.confirmed_value_differs": _hold(may_override=False),  # an ambiguous result: a person says which value holds
}
_GRADES: Mapping[Grade, Choice] = {
    Grade.FATAL: _refuse(),
    Grade.DOUBT: _hold(may_override=False),
    Grade.FAULT: _note(),
    Grade.ODD: _note(),
    Grade.NOTE: _note(),
}


def _tables() -> tuple[Mapping[str, Choice], ...]:
    rules = ({code: Choice(rule.disposition, rule.may_override) for code, rule in HPRIM.items()},)
    results = ({code: Choice(rule.disposition, rule.may_override) for code, rule in HL7V2_RESULTS.items()},)
    messages = ({code: _GRADES[rule.grade] for code, rule in HL7V2.items()},)
    bundles = ({code: Choice(rule.disposition, rule.may_override) for code, rule in FHIR.items()},)
    return (*rules, *results, *messages, *bundles, _PDF, _MERGE)


def _together(choices: Iterable[Choice]) -> Choice:
    """Of a code that several formats make: what holds for the strictest of them."""
    found = tuple(choices)
    default = max((choice.default for choice in found), key=_STRICTNESS.index)
    return Choice(default, all(choice.may_override for choice in found))


CHOICES: Mapping[str, Choice] = {
    code: _together(table[code] for table in _tables() if code in table)
    for code in sorted({code for table in _tables() for code in table})
}
"""Finding code → what may be chosen about it; a code that is not there is not a laboratory's to choose."""


def is_allowed(code: str, wanted: Disposition) -> bool:
    """False where the choice would loosen what nobody may loosen. Raises KeyError for a code that is not in CHOICES."""
    choice = CHOICES[code]
    return choice.may_override or _STRICTNESS.index(wanted) >= _STRICTNESS.index(choice.default)


def under_policy(findings: tuple[Finding, ...], policy: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings with what was chosen about them (finding code → publish, hold or refuse); doing it twice changes
    nothing more.

    One that is stricter than its code usually is was made so for a reason of its own: it is never loosened.
    """
    return tuple(_chosen(finding, policy.get(finding.code)) for finding in findings) if policy else findings


def conversion_under_policy(conversion: Conversion, context: Context) -> Conversion:
    """The same for what a format made: each draft by the policy of its own laboratory, the message by that of all its
    drafts; by that of its sender when there is no draft."""
    chosen = [policy_of(draft.document, context.laboratories, context.policy) for draft in conversion.drafts]
    drafts = tuple(
        replace(draft, findings=under_policy(draft.findings, policy))
        for draft, policy in zip(conversion.drafts, chosen, strict=True)
    )
    if not chosen:
        sender = context.laboratory(conversion.sender)
        chosen = [context.policy if sender is None else sender.policy]
    whole = chosen[0] if all(policy == chosen[0] for policy in chosen) else {}
    return replace(conversion, drafts=drafts, findings=under_policy(conversion.findings, whole))


def policy_of(
    document: ClinicalDocument, laboratories: tuple[Laboratory, ...], otherwise: Mapping[str, str]
) -> Mapping[str, str]:
    """That of the laboratory that keeps the document; `otherwise` (its route's) where none of ours does; nothing where
    several do that do not choose alike."""
    found = [one.policy for one in laboratories if one.organization == document.custodian]
    if not found:
        return otherwise
    return found[0] if all(policy == found[0] for policy in found) else {}


def _chosen(finding: Finding, word: str | None) -> Finding:
    choice = CHOICES.get(finding.code)
    if choice is None or word is None or word not in _STRICTNESS:
        return finding
    wanted, found = Disposition(word), finding.disposition
    if not choice.may_override or _STRICTNESS.index(found) > _STRICTNESS.index(choice.default):
        wanted = max(wanted, found, key=_STRICTNESS.index)
    return replace(finding, disposition=wanted)
