"""Documents validated per second by one warm process, on the official CR-BIO 2024.01 examples.

    python -m tests.benchmarks.validation [SECONDS]

Needs ../shared/ans; compares with the reference validator of ../shared/tools when it is there.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from engine.validation import pack as packs
from engine.validation.validator import Validator

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
OFFICIAL = SHARED / "ans" / "TestContenuCDA-3-0"
PROTOTYPE = SHARED / "tools" / "validate.py"


def main(seconds: float) -> int:
    examples = sorted((OFFICIAL / "ExemplesCDA").glob("BIO-CR-BIO_2024.01*.xml"))
    if not examples:
        print(f"pack officiel absent : {OFFICIAL}")
        return 1
    contents = {path: path.read_bytes() for path in examples}
    size = sum(map(len, contents.values())) // len(contents) // 1000
    print(f"{len(examples)} documents CR-BIO 2024.01, {size} ko en moyenne")
    with tempfile.TemporaryDirectory() as home:
        _ours(contents, Path(home), seconds)
    if PROTOTYPE.is_file():
        _reference(examples, seconds)
    return 0


def _ours(contents: dict[Path, bytes], home: Path, seconds: float) -> None:
    start = time.perf_counter()
    pack = packs.install(OFFICIAL, home)
    print(f"installation du pack : {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    validator = Validator(pack)
    validator.warm(("cr_bio",))
    print(f"compilation (démarrage d'un processus) : {time.perf_counter() - start:.2f} s")
    _measure("Passeur, pack et règles propres", [lambda c=c: validator.validate(c) for c in contents.values()], seconds)
    alone = Validator(None)
    _measure("Passeur, règles propres seules", [lambda c=c: alone.validate(c) for c in contents.values()], seconds)


def _reference(examples: list[Path], seconds: float) -> None:
    spec = importlib.util.spec_from_file_location("prototype_validate", PROTOTYPE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    reference = module.Validator(pack=str(OFFICIAL))
    _measure("validateur de référence (pack seul)", [lambda p=p: reference.validate(str(p)) for p in examples], seconds)


def _measure(name: str, calls: list[Callable[[], object]], seconds: float) -> None:
    for _ in range(3):
        for call in calls:
            call()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for call in calls:
            start = time.perf_counter()
            call()
            times.append((time.perf_counter() - start) * 1000)
    times.sort()
    rate = 1000 / statistics.fmean(times)
    print(
        f"{name} : {rate:.1f} documents/s, médiane {statistics.median(times):.1f} ms, "
        f"95 % sous {times[int(len(times) * 0.95)]:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
