"""Each of our rules sees the fault it is made for: `rule_cases.csv` names, for most of them, a mutant of our own
samples.

A line is: the rule, the sample it is tried on, the operator that spoils the sample, the place. The rules that no
operator
reaches are in `tests/unit/validation/faults.py`.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from lxml import etree

from engine.resources import folder
from engine.validation.schematron.includes import SCH
from engine.validation.validator import Validator
from tests.mutation.operators import OPERATORS
from tests.unit.validation.faults import ERRORS, HOLDS, WARNINGS
from tests.unit.validation.samples import NS, SAMPLES

with (Path(__file__).parent / "rule_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = {row["rule"]: row for row in csv.DictReader(file, delimiter=";")}
_OPERATORS = {operator.name: operator for operator in OPERATORS}
_UNPREFIXED = re.compile(r"/(?=[A-Za-z]+(?:\[|/|$))")


@pytest.mark.parametrize("rule", CASES)
def test_each_rule_sees_the_fault_it_is_made_for(alone: Validator, rule: str) -> None:
    case = CASES[rule]
    sound = SAMPLES[case["document"]]
    root = etree.fromstring(sound)
    found = root.xpath(_UNPREFIXED.sub("/cda:", case["place"]), namespaces=NS)
    assert isinstance(found, list) and found, case["place"]
    _OPERATORS[case["operator"]].spoil(found[0])
    spoiled = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    assert _seen(alone, spoiled, rule) > _seen(alone, sound, rule)


def _seen(validator: Validator, document: bytes, rule: str) -> int:
    return sum(finding.code == f"passeur.{rule}" for finding in validator.validate(document).findings)


def test_no_rule_is_left_without_a_fault_that_it_sees() -> None:
    written = {
        rule.get("id")
        for path in folder("schematron").glob("*.sch")
        for rule in etree.parse(path).getroot().iter(f"{SCH}assert", f"{SCH}report")
    }
    assert written - CASES.keys() - ERRORS.keys() - HOLDS.keys() - WARNINGS.keys() == set()
