"""The two judges of the study, compiled once per test process."""

from __future__ import annotations

import pytest

from engine.validation import pack as packs
from engine.validation.validator import Validator
from tests.mutation.study import OFFICIAL


@pytest.fixture(scope="session")
def alone() -> Validator:
    """Our own rules, without a pack."""
    return Validator(None)


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Validator:
    """Our rules beside the official pack; skips when it is not beside this checkout."""
    if not OFFICIAL.is_dir():
        pytest.skip("official ANS pack absent (../shared/ans/TestContenuCDA-3-0)")
    return Validator(packs.install(OFFICIAL, tmp_path_factory.mktemp("home")))
