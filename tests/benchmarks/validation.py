"""Documents validated a second, layer by layer, on the official CR-BIO 2024.01 examples.

    python -m tests.benchmarks.validation [--seconds S] [--pack DIR] [--prototype PATH] [--iso DIR]

Prints Markdown tables: one process and two, median and 95th percentile, memory, time to the first verdict, and how
many times faster we are than the others. The contenders take turns in short slices, so that a machine busy with
something else slows them all alike; a ratio is the median of those of the slices. `--prototype` is the path of the
reference validator (that of ../shared when it is there), `--iso` the folder of the ISO skeleton's XSLT; neither is
part of Passeur.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from engine.validation import pack as packs
from tests.benchmarks.contenders import Contender, Measure, measured, start
from tests.benchmarks.iso_skeleton import lacking

_SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
_SAMPLE = Path(__file__).resolve().parents[1] / "unit" / "validation" / "samples" / "cr_bio.xml"
_PROTOTYPE = _SHARED / "tools" / "validate.py"
_SLICES = 8
_TWO = 2


def main() -> int:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        installed = _installed(arguments.pack, home)
        documents = _documents(arguments.pack)
        print(_preamble(documents, installed))
        contenders = _contenders(arguments, home)
        one = _measure(contenders, documents, arguments.seconds, processes=1)
        print(_summary(one, "1 processus"))
        two = _measure(contenders, documents, arguments.seconds, processes=_TWO)
        print(_summary(two, "2 processus"))
        print(_ratios({"1 processus": one, "2 processus": two}))
        print(_by_layer(one))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8.0, help="for each contender and number of processes")
    parser.add_argument("--pack", type=Path, default=_SHARED / "ans" / "TestContenuCDA-3-0")
    parser.add_argument("--prototype", type=Path, default=_PROTOTYPE if _PROTOTYPE.is_file() else None)
    parser.add_argument("--iso", type=Path)
    arguments = parser.parse_args()
    if arguments.iso and lacking(arguments.iso):
        parser.error(f"{arguments.iso}: {', '.join(lacking(arguments.iso))} absent")
    if arguments.prototype and not arguments.prototype.is_file():
        parser.error(f"{arguments.prototype} absent")
    return arguments


def _installed(source: Path, home: Path) -> float | None:
    """Seconds to install the pack; None without one."""
    if not source.exists():
        return None
    begun = time.perf_counter()
    packs.install(source, home)
    return time.perf_counter() - begun


def _documents(pack: Path) -> dict[str, bytes]:
    """By path; without the official examples, our own sample."""
    examples = sorted((pack / "ExemplesCDA").glob("BIO-CR-BIO_2024.01*.xml")) or [_SAMPLE]
    return {str(path.resolve()): path.read_bytes() for path in examples}


def _contenders(arguments: argparse.Namespace, home: Path) -> tuple[Contender, ...]:
    place = str(home)
    if packs.current(home) is None:
        return (Contender("Passeur, règles propres seules", "own", place),)
    found = [
        Contender("Passeur, pack et règles propres", "ours", place),
        Contender("Passeur, règles propres seules", "own", place),
    ]
    if arguments.prototype:
        found.append(Contender("prototype, pack seul", "prototype", str(arguments.prototype), place))
    if arguments.iso:
        found.append(Contender("squelette ISO, pack seul", "iso", str(arguments.iso), place))
    return tuple(found)


def _measure(
    contenders: tuple[Contender, ...], documents: dict[str, bytes], seconds: float, processes: int
) -> dict[str, list[Measure]]:
    """By contender, one measure per process; all the processes of one contender work at the same moment."""
    spawn = multiprocessing.get_context("spawn")
    pools = {
        one.name: [
            ProcessPoolExecutor(1, mp_context=spawn, initializer=start, initargs=(one, documents))
            for _ in range(processes)
        ]
        for one in contenders
    }
    found: dict[str, list[Measure]] = {}
    for each in pools.values():  # started one after the other: the first verdict is timed on a quiet machine
        for pool in each:
            pool.submit(measured, 0).result()
    for _ in range(_SLICES):
        for name, each in pools.items():
            slices = [pool.submit(measured, seconds / _SLICES) for pool in each]
            for number, future in enumerate(slices):
                measures = found.setdefault(name, [])
                if number < len(measures):
                    measures[number] += future.result()
                else:
                    measures.append(future.result())
    for pool in (pool for each in pools.values() for pool in each):
        pool.shutdown()
    return found


# -- tables -----------------------------------------------------------------------------------------------------


def _preamble(documents: dict[str, bytes], installed: float | None) -> str:
    size = sum(map(len, documents.values())) // len(documents) // 1000
    said = f"pack installé en {_number(installed, 1)} s" if installed is not None else "aucun pack officiel"
    return f"{len(documents)} document(s) CR-BIO, {size} ko en moyenne ; {said}.\n"


def _summary(found: dict[str, list[Measure]], title: str) -> str:
    rows = [
        f"| {title} | documents/s | par seconde de processeur | médiane (ms) | 95 % sous (ms) | premier verdict (s) "
        "| mémoire par processus (Mo) |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, measures in found.items():
        totals = [spent for measure in measures for spent in measure.totals]
        rate = sum(measure.rate for measure in measures)
        first = statistics.fmean(measure.first for measure in measures) / 1000
        resident = max(measure.resident_megabytes for measure in measures)
        peak = max(measure.peak_megabytes for measure in measures)
        used = statistics.fmean(measure.processor_rate for measure in measures)
        cells = (
            name,
            _number(rate, 1),
            _number(used, 1),
            *_median_and_high(totals),
            _number(first, 1),
            f"{resident} (pic {peak})",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _ratios(found: dict[str, dict[str, list[Measure]]]) -> str:
    """The first contender's documents a second, over each other's that runs the same pack."""
    rows = ["| vitesse de Passeur, pack et règles propres, rapportée à | " + " | ".join(found) + " |"]
    rows.append("|---|" + "--:|" * len(found))
    names = [name for name in next(iter(found.values())) if "pack seul" in name]
    for name in names:
        cells = (_ratio(next(iter(measures.values())), measures[name]) for measures in found.values())
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n" if names else ""


def _ratio(ours: list[Measure], theirs: list[Measure]) -> str:
    """Median of the slices, with the least and the greatest."""
    rates = [[sum(rates) for rates in zip(*(one.slices for one in side), strict=True)] for side in (ours, theirs)]
    ratios = sorted(a / b for a, b in zip(*rates, strict=True))
    return f"× {_number(statistics.median(ratios), 2)} ({_number(ratios[0], 2)} à {_number(ratios[-1], 2)})"


def _by_layer(found: dict[str, list[Measure]]) -> str:
    names = list(dict.fromkeys(layer for measures in found.values() for layer in measures[0].layers))
    rows = ["| couche, médiane / 95 % (ms) | " + " | ".join(found) + " |", "|---|" + "--:|" * len(found)]
    for layer in names:
        cells = (measures[0].layers.get(layer) for measures in found.values())
        rows.append(f"| {layer} | " + " | ".join(" / ".join(_median_and_high(c)) if c else "" for c in cells) + " |")
    note = "Chez Passeur, l’arbre de Saxon est compté dans la première couche schématron."
    return "\n".join(rows) + f"\n\n{note}\n"


def _median_and_high(times: list[float]) -> tuple[str, str]:
    ordered = sorted(times)
    return _number(statistics.median(ordered), 2), _number(ordered[int(len(ordered) * 0.95)], 2)


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


if __name__ == "__main__":
    sys.exit(main())
