"""How much of what a laboratory sends is mapped, and what its tables should be completed with first."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from engine.model.document import ClinicalDocument
from engine.model.laboratory import Battery, Isolate, Item, LaboratoryReport, Result, TextValue

_NUMBER = re.compile(r"^\s*[<>≤≥]?=?\s*[+-]?[\d  ]*[.,]?\d+\s*$")


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A local test code without LOINC."""

    system: str
    """OID of the laboratory's code system; empty when the result came without a code."""
    code: str
    label: str
    """The label most often sent with it."""
    results: int


@dataclass(frozen=True, slots=True)
class UnmappedUnit:
    """A unit without UCUM, with the tests it came with."""

    unit: str
    codes: tuple[str, ...]
    results: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The state of the tables over some documents; what touches most results comes first."""

    documents: int
    results: int
    mapped: int
    """Results whose test has a LOINC code."""
    with_unit: int
    """Numeric results sent with a unit."""
    units_mapped: int
    """Of these, those whose unit has a UCUM code."""
    codes: tuple[UnmappedCode, ...]
    units: tuple[UnmappedUnit, ...]

    def text(self) -> str:
        """For a person, in French."""
        lines = [
            f"Documents : {self.documents}",
            f"Résultats reliés à LOINC : {self.mapped} sur {self.results} ({_percent(self.mapped, self.results)})",
            f"Unités reliées à UCUM : {self.units_mapped} sur {self.with_unit} "
            f"({_percent(self.units_mapped, self.with_unit)})",
        ]
        if self.codes:
            lines += ["", "Codes locaux à relier, les plus fréquents d'abord :"]
            lines += [f"{line.results:>6}  {line.code or '(sans code)'}  {line.label}" for line in self.codes]
        if self.units:
            lines += ["", "Unités à relier, les plus fréquentes d'abord :"]
            lines += [f"{line.results:>6}  {line.unit}  ({', '.join(line.codes)})" for line in self.units]
        return "\n".join(lines) + "\n"

    def csv(self) -> str:
        """For a spreadsheet: `;` between columns, one line per code or unit to map."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(("nature", "valeur", "libellé", "système", "résultats"))
        writer.writerows(("code", _plain(c.code), _plain(c.label), c.system, c.results) for c in self.codes)
        writer.writerows(("unité", _plain(u.unit), _plain(", ".join(u.codes)), "", u.results) for u in self.units)
        return out.getvalue()

    def json(self) -> str:
        """For a program."""
        content = {
            "documents": self.documents,
            "resultats": self.results,
            "resultats_relies": self.mapped,
            "unites": self.with_unit,
            "unites_reliees": self.units_mapped,
            "codes_a_relier": [
                {"systeme": c.system, "code": c.code, "libelle": c.label, "resultats": c.results} for c in self.codes
            ],
            "unites_a_relier": [{"unite": u.unit, "codes": list(u.codes), "resultats": u.results} for u in self.units],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def coverage(documents: Iterable[ClinicalDocument]) -> Coverage:
    """Count what is mapped in structured documents; level-1 documents hold no result and count as documents only."""
    number = total = mapped = with_unit = units_mapped = 0
    labels: dict[tuple[str, str], Counter[str]] = {}
    units: dict[str, Counter[str]] = {}
    for document in documents:
        number += 1
        for result in _results(document):
            total += 1
            key = _key(result)
            if result.concept.code is not None:
                mapped += 1
            else:
                labels.setdefault(key, Counter())[result.concept.text.strip()] += 1
            if not _has_measured_unit(result):
                continue
            with_unit += 1
            if isinstance(result.value, TextValue):
                units.setdefault((result.unit_as_sent or "").strip(), Counter())[key[1]] += 1
            else:
                units_mapped += 1
    return Coverage(number, total, mapped, with_unit, units_mapped, _codes(labels), _units(units))


def _results(document: ClinicalDocument) -> Iterator[Result]:
    if not isinstance(document.body, LaboratoryReport):
        return
    for chapter in document.body.chapters:
        for act in chapter.acts:
            for item in act.items:
                yield from _of_item(item)


def _of_item(item: Item) -> Iterator[Result]:
    if isinstance(item, Result):
        yield item
    elif isinstance(item, Battery):
        yield from item.results
    elif isinstance(item, Isolate):
        yield from item.results
        yield from item.antibiogram


def _key(result: Result) -> tuple[str, str]:
    """(code system, local code); no system, and the label, when the result came without a code."""
    if result.concept.local:
        return result.concept.local[0].system, result.concept.local[0].code
    return "", result.concept.text.strip()


def _has_measured_unit(result: Result) -> bool:
    unit = (result.unit_as_sent or "").strip()
    return bool(unit) and unit != "." and (_NUMBER.match(result.value_as_sent) is not None)


def _codes(labels: dict[tuple[str, str], Counter[str]]) -> tuple[UnmappedCode, ...]:
    found = [
        UnmappedCode(system, code if system else "", _most_frequent(seen), seen.total())
        for (system, code), seen in labels.items()
    ]
    return tuple(sorted(found, key=lambda line: (-line.results, line.system, line.code, line.label)))


def _most_frequent(seen: Counter[str]) -> str:
    return min(label for label, times in seen.items() if times == max(seen.values()))


def _units(units: dict[str, Counter[str]]) -> tuple[UnmappedUnit, ...]:
    found = [UnmappedUnit(unit, tuple(sorted(seen)), seen.total()) for unit, seen in units.items()]
    return tuple(sorted(found, key=lambda line: (-line.results, line.unit)))


def _percent(part: int, whole: int) -> str:
    """Rounded down, so that 100 % means all."""
    if whole == 0:
        return "sans objet"
    share = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_DOWN)
    return f"{share} %".replace(".", ",")


def _plain(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
