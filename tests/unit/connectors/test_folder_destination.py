"""Documents and acknowledgements put in a directory: whole, under the same names, without a word of the patient."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.destinations.folder import DESTINATION, FolderDestination, FolderSettings
from engine.errors import LaneError, PermanentError, TransientError
from engine.exchange import Order, OrderKind
from engine.formats.hl7v2.er7 import Message
from engine.hl7v2_out.business_answer import Event
from tests.unit.hl7v2_out import told
from tests.unit.mssante import orders

SEND = orders.order(orders.LEVEL_3)
DELETE = replace(SEND, kind=OrderKind.DELETE, id="8c1f5d0e-4a5b-5c6d-8e7f-000000000009")
REPORT = told.report(Event.DMP_RECEPTION, told.outcome())


async def handed() -> None:
    """The engine lets it go."""


def opened(directory: Path, **changes: object) -> FolderDestination:
    settings = FolderSettings.model_validate({"directory": directory, **changes})
    found = DESTINATION.open("archive", settings, orders.SITE)
    assert isinstance(found, FolderDestination)
    return found


def paths(directory: Path, pattern: str = "*") -> list[Path]:
    """Hidden ones included."""
    return sorted(directory.glob(pattern))


def allowed(directory: Path, mode: int) -> None:
    directory.chmod(mode)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


async def test_a_document_is_put_with_its_copy_and_what_it_is(tmp_path: Path) -> None:
    receipt = await opened(tmp_path).deliver(SEND, handed)
    found = contents(tmp_path)
    assert set(found) == {"2.25.7001.xml", "2.25.7001.pdf", "2.25.7001.json"}
    assert (found["2.25.7001.xml"], found["2.25.7001.pdf"]) == (SEND.package.cda, SEND.package.pdf)
    described = json.loads(found["2.25.7001.json"])
    assert (described["document"], described["version"], described["action"]) == ("2.25.7001", 1, "send")
    assert [one["name"] for one in described["files"]] == ["2.25.7001.xml", "2.25.7001.pdf"]
    assert (receipt.reference, receipt.already_there) == ("2.25.7001", False)


async def test_no_name_no_description_and_no_receipt_speaks_of_the_patient(tmp_path: Path) -> None:
    receipt = await opened(tmp_path).deliver(SEND, handed)
    shown = [receipt.reference, receipt.detail, *os.listdir(tmp_path), (tmp_path / "2.25.7001.json").read_text()]
    assert not [secret for secret in orders.SECRETS for one in shown if secret in one]


async def test_a_name_of_the_patient_is_only_given_where_it_is_asked_for(tmp_path: Path) -> None:
    receipt = await opened(tmp_path, names="patient").deliver(SEND, handed)
    family = orders.LEVEL_3.patient.birth_name
    assert family is not None
    assert all(family in path.name for path in paths(tmp_path))
    assert receipt.reference == "2.25.7001"


async def test_two_documents_of_one_name_are_never_one_file(tmp_path: Path) -> None:
    destination = opened(tmp_path, names="patient")
    await destination.deliver(SEND, handed)
    await destination.deliver(orders.order(orders.LEVEL_3, version=orders.SECOND), handed)
    assert len(paths(tmp_path, "*.xml")) == 2


@pytest.mark.parametrize("names", ["number", "patient"])
async def test_a_deletion_is_marked_beside_the_document(tmp_path: Path, names: str) -> None:
    destination = opened(tmp_path, names=names)
    await destination.deliver(SEND, handed)
    await destination.deliver(DELETE, handed)
    (document,) = paths(tmp_path, "*.xml")
    (marker,) = paths(tmp_path, "*.deleted")
    assert marker.stem == document.stem
    assert json.loads(marker.read_bytes())["action"] == "delete"


async def test_an_acknowledgement_is_one_file_that_reads_as_a_message(tmp_path: Path) -> None:
    await opened(tmp_path).deliver(REPORT, handed)
    ((name, content),) = contents(tmp_path).items()
    assert name == f"ZAM_Z01_{REPORT.id}.hl7"
    assert Message.parse(content).text("OBX-4") == told.ADDRESS.control_id


@pytest.mark.parametrize("order", [SEND, DELETE, REPORT], ids=["send", "delete", "report"])
async def test_the_same_order_twice_is_the_same_files(tmp_path: Path, order: Order) -> None:
    destination = opened(tmp_path)
    first = await destination.deliver(order, handed)
    before = contents(tmp_path)
    assert await destination.deliver(replace(order, attempt=2), handed) == first
    assert contents(tmp_path) == before


@pytest.mark.parametrize("order", [SEND, DELETE, REPORT], ids=["send", "delete", "report"])
async def test_an_uncertain_order_is_looked_for(tmp_path: Path, order: Order) -> None:
    destination = opened(tmp_path)
    assert await destination.find(order) is None
    await destination.deliver(order, handed)
    found = await destination.find(order)
    assert found is not None
    assert found.already_there
    next(path for path in paths(tmp_path)).write_bytes(b"cut")
    assert await destination.find(order) is None


async def test_what_the_engine_does_not_let_out_leaves_nothing(tmp_path: Path) -> None:
    async def lost() -> None:
        assert all(path.name.startswith(".") for path in paths(tmp_path))
        raise TransientError("engine.lease_lost", "un autre processus a repris cet ordre")

    with pytest.raises(TransientError):
        await opened(tmp_path).deliver(SEND, lost)
    assert paths(tmp_path) == []


async def test_a_cancelled_delivery_leaves_all_or_nothing(tmp_path: Path) -> None:
    for pause in (0.0, 0.001, 0.003, 0.01):
        task = asyncio.create_task(opened(tmp_path).deliver(SEND, handed))
        await asyncio.sleep(pause)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(contents(tmp_path)) in (0, 3)
    await opened(tmp_path).deliver(SEND, handed)
    assert len(contents(tmp_path)) == 3


async def test_a_folder_that_is_not_there_is_a_matter_of_time_and_is_never_made(tmp_path: Path) -> None:
    destination = opened(tmp_path / "share")
    for attempt in (destination.deliver(SEND, handed), destination.check()):
        with pytest.raises(TransientError) as caught:
            await attempt
        assert caught.value.code == "folder.missing"
    (tmp_path / "share").mkdir()
    await destination.check()
    await destination.deliver(SEND, handed)
    assert len(paths(tmp_path / "share")) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_we_may_not_write_stops_the_lane(tmp_path: Path) -> None:
    allowed(tmp_path, 0o500)
    try:
        with pytest.raises(LaneError):
            await opened(tmp_path).check()
    finally:
        allowed(tmp_path, 0o700)


async def test_an_acknowledgement_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PermanentError):
        await opened(tmp_path).deliver(replace(REPORT, about=None), handed)


async def test_files_are_shown_to_no_other_account(tmp_path: Path) -> None:
    await opened(tmp_path).deliver(SEND, handed)
    assert not any(path.stat().st_mode & 0o007 for path in paths(tmp_path))
    await opened(tmp_path, group_readable=False).deliver(DELETE, handed)
    (marker,) = paths(tmp_path, "*.deleted")
    assert marker.stat().st_mode & 0o077 == 0


def test_every_kind_of_order_is_taken_for_one_recipient() -> None:
    settings = FolderSettings(directory=Path("x"))
    assert DESTINATION.kinds == frozenset(OrderKind)
    assert DESTINATION.recipients(SEND.package, settings) == ("",)
