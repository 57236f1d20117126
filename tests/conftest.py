"""Which tests take whole processes and minutes: they run by `make crash`, the others by `make test`."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
"""Nothing in the suite depends on how fast the machine is."""

_LONG = (
    "tests/crash/",
    "tests/conformance/test_official_examples.py::test_we_agree_with_the_reference_validator",
    "tests/mutation/test_mutation.py",
    "tests/routes/test_history_runs.py",
    "tests/routes/test_no_patient_data.py",
    "tests/routes/test_receipts.py",
    "tests/routes/test_troubles.py",
    "tests/unit/cda/test_any_report.py",
    "tests/unit/childhood/test_report.py",
    "tests/unit/commands/",
    "tests/unit/formats/hl7v2/test_mutations.py",
    "tests/unit/formats/hl7v2/transmission/test_files.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` selects."""
    for item in items:
        if item.nodeid.startswith(_LONG):
            item.add_marker(pytest.mark.long)
