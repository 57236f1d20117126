"""The table of findings: complete, in French, without holes, and never loosened where it must not be."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import engine.formats.hprim as hprim
from engine.findings import Disposition
from engine.formats.hprim.policy import finding
from engine.formats.hprim.rules import RULES
from tests.unit.formats.laboratory_fixture import with_policy

PACKAGE = Path(hprim.__file__).parent
AREAS = ("hprim.", "identity.", "mapping.")


def literals(tree: ast.AST) -> set[str]:
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return {one for one in strings if one.startswith(AREAS) and " " not in one}


def sante_calls() -> list[tuple[str, set[str], bool]]:
    """(code, words given, whether a field is given) of each remark made with a literal code."""
    found = []
    for path in (PACKAGE / "sante").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr not in {"add", "once"} or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            words = {keyword.arg for keyword in node.keywords if keyword.arg}
            found.append((str(node.args[0].value), words, len(node.args) > 2))
    return found


def placeholders(code: str) -> set[str]:
    rule = RULES[code]
    parts = (*string.Formatter().parse(rule.message), *string.Formatter().parse(rule.remedy))
    return {name for _, name, _, _ in parts if name}


def test_every_code_said_somewhere_is_in_the_table() -> None:
    said: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name not in {"rules.py", "ins.py"}:
            said |= literals(ast.parse(path.read_text(encoding="utf-8")))
    assert said <= set(RULES)


def test_every_rule_of_the_table_is_said_somewhere() -> None:
    said: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if path.name != "rules.py":
            said |= literals(ast.parse(path.read_text(encoding="utf-8")))
    assert set(RULES) <= said


def test_every_remark_gives_the_words_its_message_needs() -> None:
    calls = sante_calls()
    assert len(calls) > 60
    for code, words, has_field in calls:
        given = words | ({"field"} if has_field else set())
        assert placeholders(code) <= given, code


@pytest.mark.parametrize("code", sorted(RULES))
def test_a_rule_says_what_is_wrong_in_a_french_sentence(code: str) -> None:
    rule = RULES[code]
    assert rule.message[0].isupper() and rule.message.rstrip("»").rstrip()[-1] in ".?}"
    assert not rule.remedy or rule.remedy.endswith(".")
    assert code.startswith(AREAS)


@pytest.mark.parametrize("code", sorted(code for code in RULES if not RULES[code].may_override))
def test_a_rule_that_is_never_overridden_is_not_loosened(code: str) -> None:
    words = dict.fromkeys(placeholders(code), "x")
    kept = finding(code, "", with_policy({code: "publish"}), **words)
    assert kept.disposition is RULES[code].disposition
    stricter = finding(code, "", with_policy({code: "refuse"}), **words)
    assert stricter.disposition is Disposition.REFUSE


def test_a_laboratory_may_loosen_and_tighten_the_other_rules() -> None:
    laboratory = with_policy(
        {"hprim.truncated": "hold", "mapping.unmapped_code": "hold", "hprim.stray_line": "publish"}
    )
    assert finding("mapping.unmapped_code", "", laboratory, code="X").disposition is Disposition.HOLD
    assert finding("hprim.stray_line", "", laboratory).disposition is Disposition.PUBLISH
    assert finding("hprim.truncated", "", laboratory).disposition is Disposition.REFUSE


def test_a_word_that_is_no_disposition_changes_nothing() -> None:
    laboratory = with_policy({"hprim.stray_line": "oui"})
    assert finding("hprim.stray_line", "", laboratory).disposition is Disposition.HOLD
