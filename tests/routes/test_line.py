"""The main job, end to end: an HPRIM file becomes a validated document in a DMP and in a mailbox."""

from __future__ import annotations

from pathlib import Path

from engine.exchange import OrderState
from engine.records import DocumentState, MessageState
from tests.routes.installation import Line, line, sample


async def first_document(line: Line, message_id: str):  # type: ignore[no-untyped-def]
    (row,) = await line.engine.store.documents(message_id)
    return row


async def test_a_report_arrives_in_the_dmp_in_the_prescribers_mailbox_and_in_the_patients(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        accepted = await one.send(sample(1))
        await one.quiet()
        row = await first_document(one, accepted.message_id)
        assert row.state is DocumentState.READY, row.findings
        assert {order.destination: order.state for order in row.orders} == {
            "dmp": OrderState.DELIVERED,
            "medecins": OrderState.DELIVERED,
            "patient": OrderState.DELIVERED,
        }
        unique_id = row.version.id.root
        assert one.dmp.submissions_count(unique_id) == 1
        assert one.mail.documents_count(unique_id) == 2
        assert {recipient for mail in one.mail.mails for recipient in mail.recipients} == {
            "francoise.medtest@medecin.mssante.example",
            "285039900000193@patient.mssante.example",
        }


async def test_the_same_bytes_twice_make_one_document_and_one_order_each(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        first = await one.send(sample(1))
        again = await one.send(sample(1), "autre-nom.hpr")
        await one.quiet()
        assert again.duplicate
        assert again.message_id == first.message_id
        assert len(one.dmp.entries) == 1
        assert len(one.mail.mails) == 2


async def test_a_correction_replaces_the_report_everywhere(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        await one.send(sample(1))
        corrected = await one.send(sample(4))
        await one.quiet()
        row = await first_document(one, corrected.message_id)
        assert (row.version.number, row.state) == (2, DocumentState.READY), row.findings
        assert all(order.state is OrderState.DELIVERED for order in row.orders), row.orders
        assert len(one.dmp.entries) == 2
        assert len(one.mail.mails) == 4
        cda, _ = await one.engine.store.document_files(row.id) or (b"", b"")
        assert b"6.1" in (cda or b""), "a result that was not sent again is carried over"


async def test_what_is_not_validated_or_not_whole_never_leaves(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        held, refused = await one.send(sample(5)), await one.send(sample(6))
        await one.quiet()
        messages = {row.id: row for row in await one.engine.store.messages()}
        assert messages[held.message_id].state is MessageState.HELD
        assert messages[refused.message_id].state is MessageState.REFUSED
        assert messages[refused.message_id].findings[0].message
        assert one.dmp.entries == () or list(one.dmp.entries) == []
        assert list(one.mail.mails) == []


async def test_with_the_dmp_down_mail_still_flows_and_all_drains_in_order_when_it_is_back(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        await one.dmp.down()
        await one.send(sample(1))
        await one.send(sample(4))
        await one.send(sample(2))
        await one.until(lambda: len(one.mail.mails) == 6)
        assert list(one.dmp.entries) == []
        await one.dmp.up()
        await one.until(lambda: len(one.dmp.entries) == 3, seconds=60)
        await one.quiet()
        assert (await one.states())["dmp"] == {"delivered": 3}
        assert all(one.dmp.submissions_count(entry.unique_id) == 1 for entry in one.dmp.entries)


async def test_a_patient_without_a_qualified_identity_waits_for_the_dmp_and_harms_nobody_else(tmp_path: Path) -> None:
    async with line(tmp_path) as one:
        accepted = await one.send(sample(3))
        await one.quiet()
        rows = await one.engine.store.documents(accepted.message_id)
        causes = sorted((order.destination, order.state.value, order.cause) for row in rows for order in row.orders)
        assert ("dmp", "waiting", "identity") in causes
        assert ("dmp", "delivered", "") in causes
