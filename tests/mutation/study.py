"""Which layer sees which mutant: official layers, ours, both, none; one line per operator.

    python -m tests.mutation.study [--missed] [--count N] [--seed N] [FAMILY…]

Families: cr_bio, cse_cs8, cse_cs9, cse_cs24. Needs the official pack in ../shared/ans; `--missed` names the mutants
that an official layer catches and that our rules alone do not, with what the official layers say.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from engine.findings import Disposition, Finding, Severity
from engine.validation import pack as packs
from engine.validation.validator import Validator
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.operators import OPERATORS

OFFICIAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "ans" / "TestContenuCDA-3-0"
OURS = frozenset({"structure", "passeur"})
FAMILIES = {
    "cr_bio": "BIO-CR-BIO_2024.01*.xml",
    "cse_cs8": "CSE-CS8_2025.01.xml",
    "cse_cs9": "CSE-CS9_2025.01.xml",
    "cse_cs24": "CSE-CS24_202*.xml",
}
"""Family → its official examples."""
SUMMARY = (
    "| famille | mutants | vus par une couche officielle | dont par nos règles seules | part | vus par nous seuls |",
    "|---|--:|--:|--:|--:|--:|",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the layers say of one mutant that they do not say of the document it was made from."""

    mutant: Mutant
    document: str
    official: tuple[Finding, ...]
    own: tuple[Finding, ...]


@dataclass(slots=True)
class Tally:
    """Mutants of one operator."""

    both: int = 0
    official_alone: int = 0
    own_alone: int = 0
    none: int = 0

    def add(self, verdict: Verdict) -> None:
        if verdict.official and verdict.own:
            self.both += 1
        elif verdict.official:
            self.official_alone += 1
        elif verdict.own:
            self.own_alone += 1
        else:
            self.none += 1


@dataclass(slots=True)
class Study:
    """The verdicts on a family of documents."""

    verdicts: list[Verdict] = field(default_factory=list)

    def share(self) -> float:
        """Of the mutants that an official layer catches, the share that ours catch too; 1 when there are none."""
        caught = [verdict for verdict in self.verdicts if verdict.official]
        return sum(bool(verdict.own) for verdict in caught) / len(caught) if caught else 1.0

    def missed(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.official and not verdict.own)

    def line(self, family: str) -> str:
        """One line of the summary."""
        official = sum(bool(verdict.official) for verdict in self.verdicts)
        own = sum(bool(verdict.own) for verdict in self.verdicts)
        agreed = official - len(self.missed())
        share = f"{self.share():.1%}".replace(".", ",")
        return f"| {family} | {len(self.verdicts)} | {official} | {agreed} | {share} | {own - agreed} |"

    def table(self) -> str:
        """One line per operator, and the total."""
        tallies = {operator.name: Tally() for operator in OPERATORS}
        total = Tally()
        for verdict in self.verdicts:
            tallies[verdict.mutant.operator].add(verdict)
            total.add(verdict)
        lines = [f"{'opérateur':<34} les deux  officiel  propre  aucun"]
        for name, tally in {**tallies, "total": total}.items():
            lines.append(f"{name:<34} {tally.both:>8} {tally.official_alone:>9} {tally.own_alone:>7} {tally.none:>6}")
        return "\n".join(lines)


def blocking(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    """The findings that keep a document from leaving, counted by layer and rule."""
    return Counter(
        (finding.layer, finding.code)
        for finding in findings
        if finding.severity is Severity.ERROR or finding.disposition is not Disposition.PUBLISH
    )


def examples(family: str) -> tuple[Path, ...]:
    """The official examples of a family, in order of name; empty without the pack."""
    return tuple(sorted((OFFICIAL / "ExemplesCDA").glob(FAMILIES[family])))


def documents(family: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in examples(family)}


def study(official: Validator, alone: Validator, sources: dict[str, bytes], count: int, seed: int) -> Study:
    """`count` mutants, spread over the documents: what the official layers say, and what ours say without a pack.

    Each document takes its turn where the one before it stopped, so that all the operators serve.
    """
    made = Study()
    share = -(-count // len(sources))
    for number, (name, content) in enumerate(sources.items()):
        before = blocking(official.validate(content).findings), blocking(alone.validate(content).findings)
        for mutant in mutants(content, share, seed, first=number * share):
            theirs = new(official.validate(mutant.content).findings, before[0])
            ours = new(alone.validate(mutant.content).findings, before[1])
            made.verdicts.append(Verdict(mutant, name, tuple(f for f in theirs if f.layer not in OURS), ours))
    return made


def new(findings: tuple[Finding, ...], before: Counter[tuple[str, str]]) -> tuple[Finding, ...]:
    """The blocking findings that the document had not, or had less often, before it was spoiled."""
    excess = blocking(findings) - before
    return tuple(f for f in findings if (f.layer, f.code) in excess)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Étude de mutation")
    arguments.add_argument("--missed", action="store_true")
    arguments.add_argument("--count", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("families", nargs="*", metavar="FAMILY")
    asked = arguments.parse_args()
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        validator = Validator(packs.install(OFFICIAL, Path(home)))
        for family in asked.families or FAMILIES:
            made = study(validator, Validator(None), documents(family), asked.count, asked.seed)
            lines.append(made.line(family))
            print(f"\n{family}\n{made.table()}")
            for verdict in made.missed() if asked.missed else ():
                print(f"\n- {verdict.document} : {verdict.mutant.name}")
                for finding in verdict.official[:4]:
                    print(f"    {finding.layer} : {finding.message[:180]}")
    print("\n".join(("", *SUMMARY, *lines)))


if __name__ == "__main__":
    main()
