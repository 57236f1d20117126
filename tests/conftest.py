"""Which tests take whole processes and minutes: they run by `make crash`, the others by `make test`."""

from __future__ import annotations

import pytest

_LONG = (
    "tests/crash/",
    "tests/routes/test_no_patient_data.py",
    "tests/routes/test_troubles.py",
    "tests/unit/commands/",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` selects."""
    for item in items:
        if item.nodeid.startswith(_LONG):
            item.add_marker(pytest.mark.long)
