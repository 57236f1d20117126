"""The mutation study: what official layers see of spoiled documents, our rules see too, alone.

The official examples and the pack are read from `../shared/ans` and never copied; without them only our own documents
are spoiled. The whole study runs with the long tests (`make crash`); a sample of it runs always.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from engine.validation.validator import Validator
from tests.mutation.mutants import mutants
from tests.mutation.operators import OPERATORS
from tests.mutation.study import FAMILIES, SUMMARY, blocking, documents, new, study
from tests.unit.validation.samples import SAMPLES

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "cr_bio"
SEED = 20250119
AGREED = 0.95
"""Share of the mutants caught by an official layer that our rules alone must catch."""

FATAL = frozenset(
    {
        "élément mal nommé",
        "élément inconnu ajouté",
        "attribut inconnu ajouté",
        "code vide",
        "système de codage supprimé",
        "OID malformé",
        "extension vidée",
        "date impossible",
        "date avec tirets",
        "date vidée",
        "unité inconnue",
        "valeur non numérique",
        "renvoi vidé",
        "nullFlavor faux",
        "attribut de structure faux",
        "type de donnée supprimé",
        "type de donnée faux",
        "statut faux",
        "qualificatif faux",
    }
)
"""Operators that no document survives, wherever they are applied."""


def own_documents() -> dict[str, bytes]:
    """Our golden laboratory reports, and our fictitious certificates."""
    golden = {path.name: path.read_bytes() for path in sorted(GOLDEN.glob("*.xml"))}
    return {**golden, **{name: content for name, content in SAMPLES.items() if name.startswith("cse_")}}


def test_the_same_seed_makes_the_same_mutants_and_another_makes_others() -> None:
    once, again, other = (mutants(SAMPLES["cr_bio"], 200, seed) for seed in (1, 1, 2))
    assert once == again
    assert once != other


def test_mutants_are_spread_over_every_operator_and_all_differ_from_the_document() -> None:
    for name in ("cr_bio", "cse_cs8", "cse_cs9", "cse_cs24"):
        made = mutants(SAMPLES[name], 200, SEED)
        assert len(made) == 200
        assert len({mutant.name for mutant in made}) == 200
        reachable = {operator.name for operator in OPERATORS} - {"booléen faux"}
        assert reachable <= {mutant.operator for mutant in made} | {"booléen faux"}, name


def test_what_no_document_survives_is_caught_by_our_rules_alone(alone: Validator) -> None:
    survivors, failures = [], []
    tried: Counter[str] = Counter()
    for name, content in own_documents().items():
        before = blocking(alone.validate(content).findings)
        for mutant in mutants(content, 44, SEED):
            found = alone.validate(mutant.content).findings
            failures += [mutant.name for finding in found if finding.code == "validation.layer_not_run"]
            if mutant.operator in FATAL:
                tried[mutant.operator] += 1
                if not new(found, before):
                    survivors.append((name, mutant.name))
    assert survivors == []
    assert failures == []
    assert tried.keys() == FATAL
    assert tried.total() > 250


def test_our_rules_alone_catch_most_mutants_of_our_own_documents(alone: Validator) -> None:
    """The others change what no rule can know: another city, one more given name, a local code."""
    content = SAMPLES["cr_bio_microbiology"]
    before = blocking(alone.validate(content).findings)
    made = mutants(content, 150, SEED)
    caught = sum(bool(new(alone.validate(mutant.content).findings, before)) for mutant in made)
    assert caught / len(made) >= 0.8


def test_our_rules_alone_catch_a_sample_of_what_the_official_layers_catch(
    official: Validator, alone: Validator
) -> None:
    missed, caught = [], 0
    for family in FAMILIES:
        name, content = next(iter(documents(family).items()))
        made = study(official, alone, {name: content}, 10, SEED)
        missed += [verdict.mutant.name for verdict in made.missed()]
        caught += sum(bool(verdict.official) for verdict in made.verdicts)
    assert caught >= 25
    assert len(missed) / caught <= 1 - AGREED, missed


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("family", FAMILIES)
def test_our_rules_alone_catch_nearly_all_that_the_official_layers_catch(
    official: Validator, alone: Validator, family: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = study(official, alone, documents(family), 400, SEED)
    with capsys.disabled():
        print("\n".join(("", *SUMMARY, made.line(family))))
    assert len(made.verdicts) >= 150
    assert made.share() >= AGREED, [verdict.mutant.name for verdict in made.missed()]
