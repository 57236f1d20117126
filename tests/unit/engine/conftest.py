"""Lanes and pipelines look around often, so that tests need not wait."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.worker._TICK_SECONDS", 0.02)
    monkeypatch.setattr("engine.pipeline._TICK_SECONDS", 0.02)
