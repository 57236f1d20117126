"""The library is heavy: nobody pays for it who does not read a Bundle."""

from __future__ import annotations

import subprocess
import sys


def test_the_models_are_not_imported_before_a_bundle_is_read() -> None:
    code = "import sys, engine.registry as r; r.formats(); sys.exit(any(m.startswith('fhir') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
