"""One PKI for all; simulators on real sockets, one per test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.simulators import DmpSimulator, MailSimulator, Pki, make_pki


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
async def dmp(tmp_path: Path, pki: Pki) -> AsyncIterator[DmpSimulator]:
    simulator = DmpSimulator(tmp_path / "dmp", pki)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def mail(tmp_path: Path, pki: Pki) -> AsyncIterator[MailSimulator]:
    simulator = MailSimulator(tmp_path / "mail", pki)
    await simulator.start()
    yield simulator
    await simulator.stop()
