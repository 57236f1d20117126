"""Messages on their way in: each is settled, whatever the others hold and whatever dies meanwhile, in its order."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import TransientError
from engine.exchange import Accepted, OrderState
from engine.records import DocumentState, MessageState
from engine.store.sqlite import SqliteStore
from tests.routes.installation import sample
from tests.unit.engine.conversion_bench import (
    Conversions,
    conversions,
    converting,
    installation,
    laboratory_folder,
)

OTHER = "another-engine"
GARBAGE = {
    "empty line": b"\r\n",
    "a PDF": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj",
    "HL7v2": b"MSH|^~\\&|LAB|X|||20250310||ORU^R01|1|P|2.5\rPID|1||IPP0001\r",
    "XML": b"<?xml version='1.0'?><HPRIM-XML/>",
    "zeroes": bytes(5_000),
    "noise": bytes(range(256)) * 40,
    "one long line": b"H|~^\\&|" + b"|" * 200_000,
}


def another_request(content: bytes, number: str) -> bytes:
    """The same report under another request number."""
    return content.replace(b"25031000001", number.encode())


async def test_one_bad_message_harms_no_other(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        bad = [await one.send(content) for content in GARBAGE.values()]
        good = [await one.send(another_request(sample(1), f"2503100099{n}")) for n in range(3)]
        bad += [await one.send(content + b"\n") for content in GARBAGE.values()]
        async with converting(one):
            for accepted in bad:
                row = await one.settled(accepted)
                assert row.state is MessageState.REFUSED, row
                assert row.findings
                assert all(finding.message and finding.remedy for finding in row.findings)
                assert await one.documents(accepted) == ()
            for accepted in good:
                assert (await one.settled(accepted)).state is MessageState.CONVERTED
                (document,) = await one.documents(accepted)
                assert document.state is DocumentState.READY


async def test_the_sender_of_a_refused_message_is_told_once(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        refused = await one.send(sample(6), name="tronque.hpr")
        assert (await one.settled(refused)).state is MessageState.REFUSED
        await one.settled(await one.send(sample(1)))
        assert [name for name, _ in one.answered] == ["tronque.hpr"]
        assert "hprim.truncated" in [finding.code for finding in one.answered[0][1]]


async def test_a_sender_that_cannot_be_told_changes_nothing_of_what_its_message_became(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:

        async def unwritable(*_: object) -> None:
            raise PermissionError(13, "Permission denied", str(tmp_path))

        one.pipeline._refused = unwritable
        async with converting(one) as task:
            row = await one.settled(await one.send(sample(6)))
            assert (row.state, row.attempts) == (MessageState.REFUSED, 1)
            assert not task.done()


async def test_a_message_of_a_source_without_a_route_is_held_with_the_reason(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        row = await one.settled(await one.send(sample(1), source="inconnue"))
        assert row.state is MessageState.HELD
        assert [finding.code for finding in row.findings] == ["line.no_route"]


async def test_a_message_of_a_format_that_is_not_there_is_kept_and_tried_again(tmp_path: Path) -> None:
    configured = installation(tmp_path)
    routes = tuple(replace(route, format="x12") for route in configured.routes)
    async with conversions(replace(configured, routes=routes), tmp_path) as one, converting(one):
        row = await one.until(await one.send(sample(1)), MessageState.POSTPONED)
        assert row.error == "engine.unexpected"
        assert row.next_at is not None


async def test_a_correction_in_the_same_batch_follows_its_original(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        original, correction = await one.send(sample(1)), await one.send(sample(4))
        async with converting(one):
            await one.settled(correction)
        (first,), (second,) = await one.documents(original), await one.documents(correction)
        assert (first.version.number, second.version.number) == (1, 2)
        assert second.version.replaces == first.version.id
        assert second.state is DocumentState.READY, second.findings
        corrected = await one.cda(second)
        assert 'value="4.2"' in corrected
        assert 'value="6.1"' in corrected, "what was not sent again is carried over"


async def test_the_same_content_from_two_sources_makes_one_document(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        first = await one.send(sample(1), source="api")
        again = await one.send(sample(1), source="depot", name="autre.hpr")
        assert (again.message_id, again.duplicate) == (first.message_id, True)
        await one.settled(first)
        assert len(await one.documents(first)) == 1


async def test_the_same_report_in_other_bytes_makes_no_new_version(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        await one.settled(await one.send(sample(1), source="api"))
        again = await one.send(sample(1).replace(b"FICT0001.HPR", b"FICT9999.HPR"), source="depot")
        assert not again.duplicate
        row = await one.settled(again)
        assert row.state is MessageState.CONVERTED
        assert "line.unchanged" in [finding.code for finding in row.findings]
        assert await one.documents(again) == ()


async def test_a_conversion_process_killed_at_work_is_replaced_and_the_messages_keep_their_turn(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        sent = [await one.send(another_request(sample(1), f"2503100099{n}")) for n in range(6)]
        async with converting(one):
            await one.until(sent[0], MessageState.CONVERTING)
            async with asyncio.timeout(30):
                while not one.processes():
                    await asyncio.sleep(0.005)
            for process in one.processes():
                process.kill()
            rows = [await one.settled(accepted) for accepted in sent]
        assert {row.state for row in rows} == {MessageState.CONVERTED}
        assert {row.attempts for row in rows} == {1}
        for accepted in sent:
            (document,) = await one.documents(accepted)
            assert document.state is DocumentState.READY


async def test_a_correction_waits_for_an_original_that_a_fault_postponed(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        original = await one.send(sample(1))
        await _held_by_another(one, original)
        correction = await one.send(sample(4))
        async with converting(one):
            row = await one.until(correction, MessageState.POSTPONED)
            assert row.error == "line.original_awaited"
            now = datetime.now(UTC)
            await one.store.postpone_message(original.message_id, OTHER, now=now, next_at=now, error="engine.died")
            assert (await one.settled(correction)).state is MessageState.CONVERTED
        (document,) = await one.documents(correction)
        assert (document.version.number, document.state) == (2, DocumentState.READY), document.findings


async def test_a_correction_does_not_wait_for_ever(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        await _held_by_another(one, await one.send(sample(2)))
        correction = await one.send(sample(4))
        for _ in range(8):
            await _held_by_another(one, correction)
            now = datetime.now(UTC)
            await one.store.postpone_message(correction.message_id, OTHER, now=now, next_at=now, error="x")
        async with converting(one):
            assert (await one.settled(correction)).state is MessageState.HELD
        (document,) = await one.documents(correction)
        assert "line.correction_without_previous" in [finding.code for finding in document.findings]


def correction(potassium: str) -> bytes:
    """A correction of the first sample."""
    assert b"|4.2|" in sample(4)
    return sample(4).replace(b"|4.2|", f"|{potassium}|".encode())


async def versions(one: Conversions, *accepted: Accepted) -> list[tuple[int, DocumentState]]:
    """Of the one document of each, the number and what became of it."""
    documents = [document for each in accepted for document in await one.documents(each)]
    return [(document.version.number, document.state) for document in documents]


async def test_a_correction_that_a_fault_postponed_is_not_overtaken_by_the_next_one(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        async with converting(one):
            original = await one.send(sample(1))
            await one.settled(original)
        second = await one.send(correction("4.3"))
        await _held_by_another(one, second)
        far = datetime.now(UTC) + timedelta(hours=1)
        await one.store.postpone_message(second.message_id, OTHER, now=far, next_at=far, error="engine.unexpected")
        third = await one.send(correction("4.4"))
        async with converting(one):
            row = await one.until(third, MessageState.POSTPONED)
            assert row.error == "line.original_awaited"
            assert await one.documents(third) == ()
            await one.store.replay_message(second.message_id, now=datetime.now(UTC))
            one.pipeline.arrived.set()
            assert (await one.settled(second)).state is MessageState.CONVERTED
            assert (await one.settled(third)).state is MessageState.CONVERTED
        ready = DocumentState.READY
        assert await versions(one, original, second, third) == [(1, ready), (2, ready), (3, ready)]


async def test_a_correction_does_not_overtake_one_that_comes_back_once_it_was_taken(tmp_path: Path) -> None:
    """The older one is under way too, with a later turn: nothing but the wait keeps the order."""
    async with conversions(installation(tmp_path), tmp_path) as one:
        async with converting(one):
            await one.settled(await one.send(sample(1)))
        second = await one.send(correction("4.3"))
        third = await one.send(correction("4.4"))
        now, later = datetime.now(UTC) + timedelta(seconds=1), datetime.now(UTC) + timedelta(seconds=2)
        both = await one.store.claim_messages(OTHER, now=now, lease_seconds=3600, limit=2)
        assert [claimed.id for claimed in both] == [second.message_id, third.message_id]
        turns = [one.pipeline._turns.next() for _ in both]
        backwards = [one.pipeline._convert(claimed, turn) for claimed, turn in zip(both[::-1], turns, strict=True)]
        one.pipeline._owner = OTHER
        await asyncio.gather(*backwards)
        assert (await one.message(second)).state is MessageState.CONVERTED
        row = await one.message(third)
        assert (row.state, row.error) == (MessageState.POSTPONED, "line.original_awaited")
        async with converting(one):
            await one.store.replay_message(third.message_id, now=later)
            one.pipeline.arrived.set()
            assert (await one.settled(third)).state is MessageState.CONVERTED
        assert await versions(one, second, third) == [(2, DocumentState.READY), (3, DocumentState.READY)]


async def test_corrections_wait_for_nothing_among_many_messages_of_other_reports(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        async with converting(one):
            await one.settled(await one.send(sample(1)))
        sent = []
        for number in range(8):
            sent.append(await one.send(another_request(sample(1), f"2503100088{number}")))
            sent.append(await one.send(correction(f"4.{number}")))
        async with converting(one):
            rows = [await one.settled(accepted) for accepted in sent]
        assert {row.attempts for row in rows} == {1}
        assert [number for number, _ in await versions(one, *sent[1::2])] == list(range(2, 10))


async def test_a_correction_does_not_wait_for_a_source_of_another_laboratory(tmp_path: Path) -> None:
    configured = installation(tmp_path)
    (known,) = configured.laboratories
    other = replace(known, name="autre", sender_codes=("AUTRE",))
    (folder, *_) = configured.sources
    sources = (replace(folder, laboratory="autre"), replace(folder, name="second", laboratory=known.name))
    routes = tuple(replace(route, sources=(*route.sources, "second")) for route in configured.routes)
    apart = replace(configured, laboratories=(known, other), sources=sources, routes=routes)
    async with conversions(apart, tmp_path) as one:
        async with converting(one):
            await one.settled(await one.send(sample(1), source="second"))
        await _held_by_another(one, await one.send(sample(2), source=folder.name))
        async with converting(one):
            sent = await one.send(correction("4.3"), source="second")
            row = await one.settled(sent)
        assert (row.state, row.attempts) == (MessageState.CONVERTED, 1)


async def test_a_message_of_another_report_that_cannot_be_converted_delays_a_correction_and_never_stops_it(
    tmp_path: Path,
) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        async with converting(one):
            await one.settled(await one.send(sample(1)))
        await _held_by_another(one, await one.send(sample(2)))
        sent = await one.send(correction("4.3"))
        for _ in range(8):
            await _held_by_another(one, sent)
            now = datetime.now(UTC)
            await one.store.postpone_message(sent.message_id, OTHER, now=now, next_at=now, error="x")
        async with converting(one):
            assert (await one.settled(sent)).state is MessageState.CONVERTED
        assert await versions(one, sent) == [(2, DocumentState.READY)]


async def _held_by_another(one: Conversions, accepted: Accepted) -> None:
    now = datetime.now(UTC) + timedelta(seconds=1)
    claimed = await one.store.claim_messages(OTHER, now=now, lease_seconds=3600, limit=1)
    assert [message.id for message in claimed] == [accepted.message_id]


async def test_a_message_taken_by_another_meanwhile_is_not_settled_twice(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        accepted = await one.send(sample(1))
        async with converting(one):
            await one.until(accepted, MessageState.CONVERTING)
            await one.store.replay_message(accepted.message_id, now=datetime.now(UTC))
            await one.settled(accepted)
        assert len(await one.documents(accepted)) == 1


async def test_a_held_message_leaves_once_the_laboratory_s_table_is_completed(tmp_path: Path) -> None:
    tables = laboratory_folder(tmp_path) / "tables" / "tests.csv"
    complete = tables.read_text(encoding="utf-8")
    row = "NA;;;;2951-2;"
    assert row in complete
    name = "Sodium [Moles/Volume] Sérum/Plasma ; Numérique"
    tables.write_text(complete.replace(f'{row}"{name}";;', f'{row}"{name}";mg/L;'), encoding="utf-8")
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        held = await one.send(sample(1))
        assert (await one.settled(held)).state is MessageState.HELD
        (document,) = await one.documents(held)
        assert (document.state, document.orders) == (DocumentState.HELD, ())
    tables.write_text(complete, encoding="utf-8")
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        await one.operations.replay(held.message_id)
        one.pipeline.arrived.set()
        row_after = await one.settled(held)
        (mended,) = await one.documents(held)
        assert (row_after.state, mended.state) == (MessageState.CONVERTED, DocumentState.READY), mended.findings
        assert mended.version == document.version
        assert {order.destination for order in mended.orders} == {"dmp", "medecins", "patient"}


async def test_a_report_that_changes_patient_is_held(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        await one.settled(await one.send(sample(1)))
        swapped = sample(1).replace(b"IPP0001", b"IPP0003").replace(b"FICTIVE", b"FICTIF")
        other = await one.send(swapped)
        assert (await one.settled(other)).state is MessageState.HELD
        (document,) = await one.documents(other)
        assert "identity.differs_from_previous_version" in [finding.code for finding in document.findings]
        assert (document.state, document.orders) == (DocumentState.HELD, ())
        assert "FICTIVE" not in await one.cda(document), "nothing of the first patient is carried over"


@pytest.mark.parametrize("mode", [b"|T|", b"|D|"])
async def test_a_test_message_is_held_in_production_and_converted_elsewhere(tmp_path: Path, mode: bytes) -> None:
    unidentified = sample(1).replace(b"IPP0001", b"IPP7777")
    content = unidentified.replace(b"|P|H2.4", mode + b"H2.4")
    assert content != unidentified
    configured = installation(tmp_path)
    async with conversions(replace(configured, production=True), tmp_path) as one, converting(one):
        held = await one.send(content)
        assert (await one.settled(held)).state is MessageState.HELD
        (document,) = await one.documents(held)
        assert "line.test_in_production" in [finding.code for finding in document.findings]
        assert document.orders == ()
    (tmp_path / "elsewhere").mkdir()
    async with conversions(configured, tmp_path / "elsewhere") as one, converting(one):
        assert (await one.settled(await one.send(content))).state is MessageState.CONVERTED


def partial(content: bytes) -> bytes:
    """The potassium is still to come."""
    before = b"|6.8|mmol/L|3.5-5.1|HH|||F|"
    assert before in content
    return content.replace(before, b"||mmol/L|3.5-5.1||||I|")


async def test_a_partial_report_is_held_where_the_laboratory_has_not_said_otherwise(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        accepted = await one.send(partial(sample(1)))
        assert (await one.settled(accepted)).state is MessageState.HELD


async def test_a_partial_report_that_may_be_published_goes_by_mail_and_not_to_the_dmp(tmp_path: Path) -> None:
    def publish(text: str) -> str:
        return text.replace("    tables:  ", "    partial_reports: publish\n    tables:  ")

    async with conversions(installation(tmp_path, publish), tmp_path) as one, converting(one):
        accepted = await one.send(partial(sample(1)))
        row = await one.settled(accepted)
        (document,) = await one.documents(accepted)
        assert row.state is MessageState.CONVERTED, document.findings
        assert {order.destination for order in document.orders} == {"medecins", "patient"}
        assert "line.partial_not_sent" in [finding.code for finding in document.findings]
        complete = await one.send(sample(1))
        await one.settled(complete)
        (second,) = await one.documents(complete)
        assert (second.version.number, second.state) == (2, DocumentState.READY), second.findings
        assert {order.destination for order in second.orders} == {"dmp", "medecins", "patient"}


async def test_orders_of_a_patient_without_a_qualified_identity_wait_where_one_is_needed(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one, converting(one):
        accepted = await one.send(sample(1).replace(b"IPP0001", b"IPP7777").replace(b"DEM0001", b"DEM7777"))
        await one.settled(accepted)
        (document,) = await one.documents(accepted)
        states = {order.destination: (order.state, order.cause) for order in document.orders}
        assert states["dmp"] == (OrderState.WAITING, "identity")
        assert states["medecins"][0] is OrderState.READY


async def test_the_pipeline_outlives_a_store_that_does_not_answer_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = 0

    async def full(*_: object) -> None:
        nonlocal refused
        refused += 1
        raise TransientError("store.full", "le disque du dépôt est plein")

    async with conversions(installation(tmp_path), tmp_path) as one:
        accepted = await one.send(sample(1))
        async with converting(one) as task:
            await one.until(accepted, MessageState.CONVERTING)
            with monkeypatch.context() as disk:
                disk.setattr(SqliteStore, "_write", full)
                async with asyncio.timeout(30):
                    while refused < 5:
                        await asyncio.sleep(0.01)
            assert not task.done()
            assert (await one.settled(await one.send(sample(2)))).state is MessageState.CONVERTED


async def test_stopping_lets_a_conversion_end(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        accepted = await one.send(sample(1))
        async with converting(one):
            await one.until(accepted, MessageState.CONVERTING)
        assert (await one.message(accepted)).state is MessageState.CONVERTED
