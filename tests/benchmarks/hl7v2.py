"""Reading HL7 v2, and how it compares: `python -m tests.benchmarks.hl7v2`.

Messages of four sizes are invented here. python-hl7 and hl7apy are measured beside ours when installed; neither
decodes base64 nor reads a segment that is asked for, so that ours is measured twice: reading, and with what a document
route takes from a message (patient, indicators, participants, the decoded document).
"""

from __future__ import annotations

import base64
import importlib
import statistics
import time
import tracemalloc
from collections.abc import Callable

from engine.formats.hl7v2.encapsulated import content
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Mode
from engine.formats.hl7v2.path import path
from engine.formats.hl7v2.validation import findings
from tests.unit.formats.hl7v2.messages import sample

_SIZES = {"2.7 KB": 0, "330 KB": 250_000, "1 MiB": 786_432, "10 MiB": 7_864_320}
_SECONDS = 1.0


def message(document_bytes: int) -> bytes:
    """A transmission whose document has that many bytes; 0 leaves the sample as it is."""
    original = sample("mdm_envoi")
    if not document_bytes:
        return original
    part = Message.parse(original).all("OBX")[0].part(path("OBX-5.5").place)
    assert part is not None
    cda = base64.b64decode(part.raw).replace(b"</ClinicalDocument>", b"")
    filler = b"<!--" + b"0123456789abcdef" * ((document_bytes - len(cda)) // 16) + b"-->"
    filled = base64.b64encode(cda + filler + b"</ClinicalDocument>")
    return original[: part.start] + filled + original[part.start + part.size :]


def extracted(raw: bytes) -> int:
    """What a document route takes: identifiers, indicators, participants, the document."""
    read = Message.parse(raw)
    for where in ("PID-3[2].1", "PID-3[2].4.2", "PID-5.1", "ORC-1", "TXA-12.1"):
        read.text(where)
    for observation in read.all("OBX")[1:]:
        observation.text("3.1"), observation.text("5.1")
    for participant in read.all("PRT"):
        participant.text("4.1"), participant.text("15.4")
    return len(content(read.all("OBX")[0]).data)


def milliseconds(work: Callable[[], object]) -> float:
    """Median of CPU times."""
    took: list[float] = []
    end = time.perf_counter() + _SECONDS
    while time.perf_counter() < end or len(took) < 3:
        begin = time.process_time()
        work()
        took.append((time.process_time() - begin) * 1000)
    return statistics.median(took)


def peak_megabytes(work: Callable[[], object]) -> float:
    """Memory taken beside the message itself."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def others() -> dict[str, Callable[[str], object]]:
    """The parsers installed beside ours."""
    found: dict[str, Callable[[str], object]] = {}
    for name, module in (("python-hl7", "hl7"), ("hl7apy", "hl7apy.parser")):
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            continue
        found[name] = loaded.parse if name == "python-hl7" else loaded.parse_message
    return found


def main() -> None:
    for name, size in _SIZES.items():
        raw = message(size)
        text = raw.decode("utf-8")
        works: dict[str, Callable[[], object]] = {
            "read": lambda raw=raw: Message.parse(raw),
            "read and take": lambda raw=raw: extracted(raw),
            "read and judge": lambda raw=raw: findings(Message.parse(raw), Mode.TOLERANT),
        }
        works |= {other: lambda text=text, parse=parse: parse(text) for other, parse in others().items()}
        taken = milliseconds(works["read and take"])
        for what, work in works.items():
            took = milliseconds(work)
            ratio = f"{took / taken:6.1f} × read and take" if what in others() else ""
            print(f"{name:>8}  {what:<15} {took:9.3f} ms  {peak_megabytes(work):7.1f} MB  {ratio}")


if __name__ == "__main__":
    main()
