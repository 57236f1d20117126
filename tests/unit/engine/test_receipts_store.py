"""What is told of an order is told once for each of its ends, and never changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.exchange import OrderKind, OrderState, Receipt
from engine.findings import Disposition, Finding, Severity
from engine.model.consent import MailNotice
from engine.model.instructions import Instructions, ReturnAddress
from engine.ports import OrderAction
from engine.records import DocumentState, MessageState, NewDocument, NewOrder
from engine.store.sqlite import SqliteStore
from tests.contract.store_bench import OWNER, delivered, received_and_taken, settled, state, take
from tests.contract.store_values import NOON, after, document, order, ready

ADDRESS = ReturnAddress("MDM-81", "RIS", "HOPITAL", "PFI", "HOPITAL", reception=True, reading=True)
ASKED = Instructions(receipts=ADDRESS)
REFUSES = Finding("cda.refused", Severity.ERROR, "x", "le document est refusé", disposition=Disposition.REFUSE)
MAIL = "<o1@labo.mssante.example>"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    made = SqliteStore(tmp_path / "passeur.db")
    await made.open()
    yield made
    await made.close()


def report(report_id: str, about: str = "o1") -> NewOrder:
    return order(report_id, "emetteur", recipient=f"Z01 {report_id}", kind=OrderKind.REPORT, about=about)


async def asked(store: SqliteStore, *orders: NewOrder, report_name: str = "R1", **given: object) -> str:
    return await settled(store, document(report_name, orders=orders, instructions=ASKED, **given))


async def rejected(store: SqliteStore, cause: str, *, at: float = 0) -> None:
    (claimed,) = await take(store, at=at)
    assert await store.postpone_order(
        claimed.id, OWNER, OrderState.REJECTED, now=after(at), next_at=None, cause=cause, detail="le motif"
    )


async def test_only_orders_that_ended_and_of_which_news_were_asked_are_told(store: SqliteStore) -> None:
    await asked(store, ready("o1"), ready("o2", "mss"))
    await settled(store, document("R2", orders=(ready("o3"),)))
    assert await store.orders_to_report(10) == ()
    await delivered(store, "o1", reference="ref-1")
    (told,) = await store.orders_to_report(10)
    assert (told.order.id, told.source, told.instructions) == ("o1", "labo", ASKED)
    assert await store.report_order("o1", (report("z1"),), now=after(1))
    assert not await store.report_order("o1", (report("z2"),), now=after(1))
    assert await store.orders_to_report(10) == ()
    assert await store.order("z2") is None


async def test_a_report_bears_the_end_as_it_was_whatever_becomes_of_the_order(store: SqliteStore) -> None:
    await asked(store, ready("o1"))
    await rejected(store, "dmp.DMPClosed")
    assert await store.report_order("o1", (report("z1"),), now=after(1))
    assert await store.change_order("o1", OrderAction.RESEND, now=after(2)) is OrderState.READY
    await delivered(store, "o1", at=3)
    (claimed,) = await take(store, destination="emetteur", at=4)
    assert claimed.kind is OrderKind.REPORT
    assert claimed.about is not None
    assert (claimed.about.state, claimed.about.cause, claimed.about.detail) == (
        OrderState.REJECTED,
        "dmp.DMPClosed",
        "le motif",
    )
    assert claimed.about.updated_at == NOON
    assert claimed.instructions == ASKED


async def test_an_order_sent_again_is_told_again(store: SqliteStore) -> None:
    await asked(store, ready("o1"))
    await rejected(store, "dmp.DMPClosed")
    assert await store.report_order("o1", (report("z1"),), now=after(1))
    await store.change_order("o1", OrderAction.RESEND, now=after(2))
    assert await store.orders_to_report(10) == ()
    await delivered(store, "o1", at=3)
    (again,) = await store.orders_to_report(10)
    assert again.order.state is OrderState.DELIVERED
    assert await store.report_order("o1", (report("z2"),), now=after(4))
    assert await store.order("z2") is not None


async def test_an_order_sent_again_before_it_is_told_keeps_its_news_for_its_new_end(store: SqliteStore) -> None:
    await asked(store, ready("o1"))
    await rejected(store, "dmp.DMPClosed")
    await store.change_order("o1", OrderAction.RESEND, now=after(2))
    assert not await store.report_order("o1", (report("z1"),), now=after(3))
    assert await store.order("z1") is None
    await delivered(store, "o1", at=4)
    assert [told.order.id for told in await store.orders_to_report(10)] == ["o1"]


async def test_the_same_report_made_twice_is_kept_once(store: SqliteStore) -> None:
    first, second = document("R1", orders=(ready("o1"),)), document("R2", orders=(ready("o2"),))
    message_id = await received_and_taken(store, b"two")
    made = tuple(type(one)(**{**_fields(one), "instructions": ASKED}) for one in (first, second))
    assert await store.settle_message(message_id, OWNER, MessageState.CONVERTED, now=NOON, documents=made)
    for order_id in ("o1", "o2"):
        claimed = await take(store, limit=1)
        assert [one.id for one in claimed] == [order_id]
        assert await store.postpone_order(
            order_id, OWNER, OrderState.REJECTED, now=NOON, next_at=None, cause="dmp.DMPClosed"
        )
    assert [one.id for one in await store.orders_told_together("o2")] == ["o1", "o2"]
    assert await store.report_order("o1", (report("z1"),), now=after(1))
    assert await store.report_order("o2", (report("z1"),), now=after(1))
    assert [one.id for one in await store.orders(destination="emetteur")] == ["z1"]


async def test_a_report_waits_for_no_version_and_no_version_waits_for_it(store: SqliteStore) -> None:
    await asked(store, ready("o1"))
    await delivered(store, "o1")
    await store.report_order("o1", (report("z1"),), now=after(1))
    await settled(store, document("R1", 2, orders=(ready("o2"),), instructions=ASKED))
    await delivered(store, "o2", at=2)
    await store.report_order("o2", (report("z2", "o2"),), now=after(3))
    assert [one.id for one in await take(store, destination="emetteur", at=4)] == ["z1", "z2"]


# -- what mail systems say ------------------------------------------------------------------------------------------


def notice(mail: str = MAIL, **given: object) -> MailNotice:
    values: dict[str, object] = {"read": False, "positive": False, "code": "550", "mailbox": "a@b.fr", "at": after(60)}
    return MailNotice(mail, **{**values, **given})  # type: ignore[arg-type]


async def noticed(store: SqliteStore, *notices: MailNotice, content: bytes = b"dsn") -> str:
    message_id = await received_and_taken(store, content)
    assert await store.settle_message(message_id, OWNER, MessageState.CONVERTED, now=after(70), notices=notices)
    return message_id


@pytest.mark.parametrize("mail", [MAIL, "o1", "<o1@elsewhere.example>", "reference of the receipt"])
async def test_a_notice_finds_its_mail_by_what_was_written_in_it(store: SqliteStore, mail: str) -> None:
    await asked(store, ready("o1", "mss", "a@b.fr"))
    (claimed,) = await take(store, destination="mss")
    assert await store.mark_sending(claimed.id, OWNER, now=NOON)
    if mail.startswith("ref"):
        assert await store.deliver_order("o1", OWNER, Receipt(mail), now=NOON)
    await noticed(store, notice(mail))
    (told,) = await store.notices_to_tell(10)
    assert (told.of.order.id, told.notice.code, told.notice.read) == ("o1", "550", False)
    assert "mail.not_arrived" in [event.what for event in await store.events("o1")]


async def test_a_notice_of_no_mail_of_ours_is_kept_and_told_to_nobody(store: SqliteStore) -> None:
    message_id = await noticed(store, notice("<other@elsewhere.example>"))
    assert await store.notices_to_tell(10) == ()
    assert "mail.unknown" in [event.what for event in await store.events(message_id)]


@pytest.mark.parametrize(("positive", "expected"), [(True, OrderState.DELIVERED), (False, OrderState.UNCERTAIN)])
async def test_a_mail_that_arrived_is_no_longer_uncertain(
    store: SqliteStore, positive: bool, expected: OrderState
) -> None:
    await asked(store, ready("o1", "mss", "a@b.fr"))
    (claimed,) = await take(store, destination="mss")
    assert await store.mark_sending(claimed.id, OWNER, now=NOON)
    assert await store.postpone_order(
        "o1", OWNER, OrderState.UNCERTAIN, now=NOON, next_at=None, cause="mssante.uncertain"
    )
    await noticed(store, notice(positive=positive, code="" if positive else "550"))
    assert await state(store, "o1") is expected


async def test_the_mailbox_of_a_patient_is_never_written_out(store: SqliteStore) -> None:
    await asked(store, ready("o1", "mss", "patient"))
    await noticed(store, notice(mailbox="285039900000193@patient.mssante.fr", read=True))
    (told,) = await store.notices_to_tell(10)
    assert told.notice.mailbox == "patient"
    await store.tell_notice(told.seq, (report("z1"),), now=after(80))
    (claimed,) = await take(store, destination="emetteur", at=90)
    assert claimed.about is not None
    assert claimed.about.recipient == "patient"


async def test_a_notice_is_told_once_as_it_came(store: SqliteStore) -> None:
    await asked(store, ready("o1", "mss", "a@b.fr"))
    await noticed(store, notice())
    (told,) = await store.notices_to_tell(10)
    assert await store.tell_notice(told.seq, (report("z1"),), now=after(80))
    assert not await store.tell_notice(told.seq, (report("z2"),), now=after(80))
    assert await store.notices_to_tell(10) == ()
    (claimed,) = await take(store, destination="emetteur", at=90)
    assert claimed.about is not None
    assert (claimed.about.state, claimed.about.cause, claimed.about.recipient, claimed.about.updated_at) == (
        OrderState.REJECTED,
        "dsn.550",
        "a@b.fr",
        NOON + timedelta(seconds=60),
    )
    assert await state(store, "o1") is OrderState.READY


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]


# -- documents refused after their message was acknowledged ---------------------------------------------------------


async def refused(store: SqliteStore, **given: object) -> str:
    made = document("R1", state=DocumentState.REFUSED, findings=(REFUSES,), instructions=ASKED, **given)
    return await settled(store, made, state=MessageState.REFUSED)


async def made_anew(store: SqliteStore, message_id: str, made: NewDocument, at: float) -> None:
    assert await store.replay_message(message_id, now=after(at))
    (claimed,) = await store.claim_messages(OWNER, now=after(at), lease_seconds=60, limit=1)
    state = MessageState.REFUSED if made.state is DocumentState.REFUSED else MessageState.CONVERTED
    assert await store.settle_message(claimed.id, OWNER, state, now=after(at), documents=(made,))


async def test_a_refused_document_is_told_once_with_what_refused_it(store: SqliteStore) -> None:
    message_id = await refused(store)
    await settled(store, document("R2", state=DocumentState.REFUSED), state=MessageState.REFUSED)
    (told,) = await store.refused_to_tell(10)
    assert (told.id, told.message_id, told.source, told.instructions) == ("doc-R1-1", message_id, "labo", ASKED)
    assert await store.tell_refusal(told.id, ((report("z1", told.id), ""), (report("z2", told.id), "a@b.fr")), now=NOON)
    assert not await store.tell_refusal(told.id, ((report("z3", told.id), ""),), now=NOON)
    assert await store.refused_to_tell(10) == ()
    first, second = await take(store, destination="emetteur")
    assert first.about is not None and second.about is not None
    assert (first.about.state, first.about.cause, first.about.detail, first.about.recipient) == (
        OrderState.REJECTED,
        REFUSES.code,
        REFUSES.message,
        "",
    )
    assert second.about.recipient == "a@b.fr"


@pytest.mark.parametrize("name", ["doc-R1-1", "another-id"])
@pytest.mark.parametrize("state", [DocumentState.REFUSED, DocumentState.READY, DocumentState.HELD])
async def test_a_refused_document_that_was_told_can_be_made_anew(
    store: SqliteStore, state: DocumentState, name: str
) -> None:
    message_id = await refused(store)
    await store.tell_refusal("doc-R1-1", ((report("z1", "doc-R1-1"), ""),), now=NOON)
    orders = (ready("o1"),) if state is DocumentState.READY else ()
    await made_anew(store, message_id, document("R1", id=name, state=state, instructions=ASKED, orders=orders), 10)
    (row,) = await store.documents(message_id)
    assert (row.id, row.state) == (name, state)
    assert "z1" in [order.id for order in row.orders]
    (claimed,) = await take(store, destination="emetteur", at=20)
    assert claimed.about is not None
    assert claimed.about.cause == REFUSES.code
    for again in await store.refused_to_tell(10):
        assert await store.tell_refusal(again.id, ((report("z1", again.id), ""),), now=after(30))
    assert [order.id for order in await store.orders(destination="emetteur")] == ["z1"]
