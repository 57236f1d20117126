"""Errors are told in one process and acted on in another: nothing of them is lost on the way."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

import connectors
import engine
from engine.errors import DocumentError, PasseurError
from engine.findings import Disposition, Finding, Severity

FINDING = Finding("area.reason", Severity.ERROR, "OBX[3]", "Trop court.", disposition=Disposition.HOLD)
_VALUES = {
    "findings": (FINDING,),
    "retry_after_seconds": 12.5,
    "link": False,
    "status": 409,
    "headers": {"Retry-After": "3"},
}


def _below(cls: type[PasseurError]) -> Iterator[type[PasseurError]]:
    yield cls
    for one in cls.__subclasses__():
        yield from _below(one)


def every_error() -> list[type[PasseurError]]:
    """Those of the whole project: every module is imported first."""
    for package in (engine, connectors):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not info.name.endswith("__main__"):
                importlib.import_module(info.name)
    return sorted(set(_below(PasseurError)), key=lambda cls: (cls.__module__, cls.__name__))


def made(cls: type[PasseurError]) -> PasseurError:
    """One of that class, each of its arguments given a value that is not the default."""
    signature = inspect.signature(cls)
    positional = [
        _VALUES.get(name, f"{name}-value")
        for name, one in signature.parameters.items()
        if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
    ]
    named: dict[str, Any] = {
        name: _VALUES.get(name, f"{name}-value")
        for name, one in signature.parameters.items()
        if one.kind is one.KEYWORD_ONLY
    }
    return cls(*positional, **named)


def _raised(error: PasseurError) -> None:
    raise error


def same(one: PasseurError, other: BaseException) -> bool:
    return (type(one), str(one), one.args, one.__dict__) == (type(other), str(other), other.args, other.__dict__)


@pytest.mark.parametrize("cls", every_error(), ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
@pytest.mark.parametrize("protocol", (0, pickle.HIGHEST_PROTOCOL))
def test_an_error_is_the_same_after_a_journey(cls: type[PasseurError], protocol: int) -> None:
    error = made(cls)
    error.add_note("vu en chemin")
    assert same(error, pickle.loads(pickle.dumps(error, protocol)))
    assert same(error, copy.copy(error))


def test_every_kind_of_error_was_met() -> None:
    names = {cls.__name__ for cls in every_error()}
    assert {"DocumentError", "TransientError", "ParkedError", "ConversionFaultError", "RefusedCall"} <= names


def test_an_error_of_another_process_brings_its_findings() -> None:
    error = DocumentError("cda.incomplete", "incomplet", where="L", findings=(FINDING,))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, pytest.raises(DocumentError) as caught:
        pool.submit(_raised, error).result()
    assert (caught.value.code, caught.value.where, caught.value.findings) == ("cda.incomplete", "L", (FINDING,))
