"""Who validates in the benchmark: each in processes of its own, timed layer by layer on the same documents."""

from __future__ import annotations

import importlib.util
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.validation import pack as packs
from engine.validation.validator import Validator
from tests.benchmarks.iso_skeleton import IsoSkeleton

Judge = Callable[[str, bytes], dict[str, float]]
"""(path of a document, its bytes) → milliseconds of each layer."""


@dataclass(frozen=True)
class Contender:
    name: str
    kind: str
    """`ours`, `own` (our rules alone), `prototype` or `iso`."""
    place: str
    """Home of the installed pack, or what the kind needs."""
    pack: str = ""
    """Home of the installed pack, where `place` is something else."""


@dataclass
class Measure:
    """Milliseconds, of one process."""

    first: float
    """From the start of the process, interpreter and imports included, to the first verdict."""
    totals: list[float]
    slices: list[float]
    """Documents a second in each slice, in order."""
    layers: dict[str, list[float]]
    processor_seconds: float
    resident_megabytes: int
    peak_megabytes: int

    def __iadd__(self, other: Measure) -> Measure:
        """Another slice of the same process."""
        self.totals += other.totals
        self.slices += other.slices
        for name, times in other.layers.items():
            self.layers.setdefault(name, []).extend(times)
        self.processor_seconds += other.processor_seconds
        self.resident_megabytes, self.peak_megabytes = other.resident_megabytes, other.peak_megabytes
        return self

    @property
    def rate(self) -> float:
        """Documents a second."""
        return 1000 / statistics.fmean(self.totals)

    @property
    def processor_rate(self) -> float:
        """Documents a second of processor: what else runs on the machine counts for less."""
        return len(self.totals) / self.processor_seconds


_judge: Judge
_documents: dict[str, bytes]
_first = 0.0


def start(contender: Contender, documents: dict[str, bytes]) -> None:
    """Initializer of a process: everything is compiled, and the first verdict timed."""
    global _judge, _documents, _first
    _documents = documents
    _judge = _made(contender)
    _judge(*next(iter(documents.items())))
    _first = _milliseconds_of_life()
    for document in documents.items():
        _judge(*document)


def _milliseconds_of_life() -> float:
    """Since the system started this process (proc(5), `stat`, field 22)."""
    begun = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - begun) * 1000


def measured(seconds: float) -> Measure:
    """One slice: the documents in turn, for so long, and each at least once."""
    measure = Measure(_first, [], [], {}, 0.0, 0, 0)
    used = time.process_time()
    end = time.perf_counter() + seconds
    while not measure.totals or time.perf_counter() < end:
        for path, content in _documents.items():
            begun = time.perf_counter()
            layers = _judge(path, content)
            measure.totals.append((time.perf_counter() - begun) * 1000)
            for name, spent in layers.items():
                measure.layers.setdefault(name, []).append(spent)
    measure.processor_seconds = time.process_time() - used
    measure.slices.append(measure.rate)
    measure.resident_megabytes = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20
    measure.peak_megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return measure


def _made(contender: Contender) -> Judge:
    if contender.kind == "prototype":
        return _prototype(Path(contender.place), packs.current(Path(contender.pack)))
    pack = None if contender.kind == "own" else packs.current(Path(contender.pack or contender.place))
    if contender.kind == "iso":
        assert pack is not None
        skeleton = IsoSkeleton(pack, Path(contender.place))
        return lambda _, content: skeleton.validate(content)
    validator = Validator(pack)

    def ours(_: str, content: bytes) -> dict[str, float]:
        return {run.name: float(run.milliseconds) for run in validator.validate(content).layers}

    return ours


def _prototype(script: Path, pack: packs.Pack | None) -> Judge:
    """The reference validator: it reads each document from its file, and knows nothing of our own rules."""
    spec = importlib.util.spec_from_file_location("prototype_validate", script)
    assert spec is not None and spec.loader is not None and pack is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    reference = module.Validator(pack=str(pack.path))
    names = {"parse": "xml", "saxon_parse": "arbre"}

    def judge(path: str, _: bytes) -> dict[str, float]:
        return {names.get(name, name.split(":")[0]): spent for name, spent in reference.validate(path)["ms"].items()}

    return judge
