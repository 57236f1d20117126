"""What a laboratory chooses about findings reaches all it may choose, and nothing that harms a patient."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import engine
from engine.conversion import interpret
from engine.declarations import Conversion
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding, Severity
from engine.formats.hl7v2 import FORMAT as HL7V2
from engine.formats.hl7v2.results.rules import RULES as HL7V2_RESULTS
from engine.formats.hprim import FORMAT as HPRIM
from engine.formats.hprim.rules import RULES as HPRIM_RULES
from engine.policy import CHOICES, is_allowed, policy_of, under_policy
from tests.unit.documents_fixture import DOCUMENT
from tests.unit.formats.laboratory_fixture import LABORATORY, RECEIVED_AT, context, with_policy

PUBLISH, HOLD, REFUSE = Disposition.PUBLISH, Disposition.HOLD, Disposition.REFUSE
SAMPLES = Path(__file__).parents[1] / "samples"
_MAKERS = {"_held": HOLD, "_refused": REFUSE, "_not_pdfa": HOLD}


def found(code: str, disposition: Disposition | None = None) -> Finding:
    return Finding(code, Severity.ERROR, "", "Un constat.", disposition=disposition or CHOICES[code].default)


def chosen(code: str, word: str, disposition: Disposition | None = None) -> Disposition:
    (one,) = under_policy((found(code, disposition),), {code: word})
    return one.disposition


def said(path: Path) -> Iterator[tuple[str, Disposition]]:
    """(code, disposition) of each finding of a correction or of a PDF that a module makes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
            continue
        code = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        if not isinstance(code, str) or not code.startswith(("pdf.", "merge.")):
            continue
        given = {word.arg: word.value for word in node.keywords}.get("disposition")
        named = Disposition[given.attr] if isinstance(given, ast.Attribute) else PUBLISH
        yield code, _MAKERS.get(node.func.id, named)


def test_every_finding_of_a_correction_or_of_a_laboratory_s_pdf_may_be_chosen_about_as_it_is_made() -> None:
    root = Path(engine.__file__).parent
    modules = ("documents/correction_findings.py", "documents/cr_bio.py", "rendering/pdfa.py")
    made = {one for module in modules for one in said(root / module)}
    listed = {(code, choice.default) for code, choice in CHOICES.items() if code.startswith(("pdf.", "merge."))}
    assert made == listed


def test_every_finding_of_a_format_may_be_chosen_about() -> None:
    assert set(CHOICES) >= {*HPRIM_RULES, *HL7V2_RESULTS}


@pytest.mark.parametrize("code", sorted(code for code, choice in CHOICES.items() if not choice.may_override))
def test_what_is_never_loosened_may_only_be_made_stricter(code: str) -> None:
    assert chosen(code, "publish") is CHOICES[code].default
    assert chosen(code, "refuse") is REFUSE
    assert not is_allowed(code, PUBLISH)
    assert is_allowed(code, REFUSE)


@pytest.mark.parametrize("rules", [HPRIM_RULES, HL7V2_RESULTS], ids=["hprim", "hl7v2"])
def test_no_rule_of_a_format_is_loosened_beyond_what_the_format_allows(rules: dict[str, object]) -> None:
    for code, rule in rules.items():
        assert not CHOICES[code].may_override or rule.may_override, code  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", ["pdf.not_pdfa", "pdf.font_not_embedded", "merge.fewer_results"])
def test_a_laboratory_may_let_its_own_pdf_and_its_corrections_leave(code: str) -> None:
    assert CHOICES[code].default is HOLD
    assert chosen(code, "publish") is PUBLISH
    assert chosen(code, "refuse") is REFUSE


def test_a_note_may_be_made_to_hold() -> None:
    assert chosen("merge.carried_over", "hold") is HOLD


def test_what_was_made_stricter_than_its_code_usually_is_stays_so() -> None:
    assert CHOICES["identity.birth_date_missing"].may_override
    assert chosen("identity.birth_date_missing", "publish") is PUBLISH
    assert chosen("identity.birth_date_missing", "publish", REFUSE) is REFUSE


@pytest.mark.parametrize(
    "code", ["identity.differs_from_previous_version", "line.correction_without_previous", "xsd.structure"]
)
def test_what_is_not_a_laboratory_s_to_choose_is_left_as_it_is(code: str) -> None:
    assert code not in CHOICES
    assert under_policy((found(code, HOLD),), {code: "publish"}) == (found(code, HOLD),)


def test_without_a_laboratory_or_a_choice_nothing_changes() -> None:
    findings = (found("pdf.not_pdfa"), found("merge.carried_over"))
    assert under_policy(findings, {}) == findings
    assert under_policy(findings, LABORATORY.policy) == findings
    assert under_policy(findings, {"pdf.not_pdfa": "oui"}) == findings


def test_the_policy_of_a_document_is_that_of_the_laboratory_that_keeps_it_else_of_its_route() -> None:
    of_route = {"pdf.not_pdfa": "publish"}
    strict, lax = with_policy({"pdf.not_pdfa": "refuse"}), with_policy({"pdf.not_pdfa": "publish"})
    other = replace(lax, organization=replace(lax.organization, name="AUTRE LABORATOIRE"))
    assert policy_of(DOCUMENT, (other, strict), of_route) == strict.policy
    assert policy_of(DOCUMENT, (other,), of_route) == of_route
    assert policy_of(DOCUMENT, (strict, replace(strict, name="second")), {}) == strict.policy
    assert policy_of(DOCUMENT, (strict, lax), of_route) == {}, "two that do not choose alike: the default holds"


def of_hl7v2(policy: dict[str, str], name: str = "R01_biochimie") -> Conversion:
    content = (SAMPLES / "hl7v2" / "results" / f"{name}.hl7").read_bytes()
    return interpret(InboundMessage(content, "sil", name, RECEIVED_AT), context(with_policy(policy)), HL7V2)


def of_hprim(policy: dict[str, str], name: str) -> Conversion:
    content = (SAMPLES / "hprim" / f"{name}.hpr").read_bytes()
    return interpret(InboundMessage(content, "depot", name, RECEIVED_AT), context(with_policy(policy)), HPRIM)


def dispositions(conversion: Conversion) -> dict[str, Disposition]:
    findings = (*conversion.findings, *(one for draft in conversion.drafts for one in draft.findings))
    return {one.code: one.disposition for one in findings}


@pytest.mark.parametrize(("of", "folder"), [(of_hl7v2, "hl7v2/results"), (of_hprim, "hprim")], ids=["hl7v2", "hprim"])
def test_each_finding_made_of_a_report_can_be_made_to_refuse(
    of: Callable[[dict[str, str], str], Conversion], folder: str
) -> None:
    met = set()
    for path in sorted((SAMPLES / folder).glob("*.h*")):
        usual = of({}, path.stem)
        for code in dispositions(usual) if usual.drafts else ():
            met.add(code)
            assert dispositions(of({code: "refuse"}, path.stem))[code] is REFUSE, (path.stem, code)
    assert len(met) > 15


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("hl7v2.continuation", b"\rOBX|1", b"\rsuite perdue\rOBX|1"),
        ("hl7v2.charset_contradicted", b"UNICODE UTF-8", b"8859/1"),
    ],
)
def test_what_the_reading_of_an_hl7v2_message_says_is_chosen_about_too(code: str, before: bytes, after: bytes) -> None:
    content = (SAMPLES / "hl7v2" / "results" / "R01_biochimie.hl7").read_bytes()
    assert before in content
    for word, expected in ((None, PUBLISH), ("hold", HOLD), ("refuse", REFUSE)):
        circumstances = context(with_policy({code: word} if word else {}))
        message = InboundMessage(content.replace(before, after, 1), "sil", "message.hl7", RECEIVED_AT)
        assert dispositions(interpret(message, circumstances, HL7V2))[code] is expected
