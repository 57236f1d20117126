"""Every benchmark of this folder, one after the other, with its short default: `python -m tests.benchmarks [NAME…]`."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent


def main(wanted: list[str]) -> int:
    names = sorted(info.name for info in pkgutil.iter_modules([str(_FOLDER)]) if _is_benchmark(info.name))
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        print(f"aucun banc de ce nom : {', '.join(unknown)} (il y a {', '.join(names)})", file=sys.stderr)
        return 2
    failed = [name for name in names if name in wanted or not wanted if not _run(name)]
    return 1 if failed else 0


def _is_benchmark(name: str) -> bool:
    """A module that runs by itself; the others serve one."""
    return name != "__main__" and '__name__ == "__main__"' in (_FOLDER / f"{name}.py").read_text(encoding="utf-8")


def _run(name: str) -> bool:
    print(f"\n## {name}\n", flush=True)
    return subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
