"""Answers and documents of two patients come in any order; in the end the same orders are blocked."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.exchange import OrderState
from engine.model.consent import Consent, ConsentAnswer
from engine.model.values import Identifier
from engine.records import MessageState, NewDocument
from engine.store.sqlite import SqliteStore
from tests.contract.store_consents import ELSEWHERE, INS, IPP, about, answer, obeying
from tests.contract.store_values import after, message, order

OTHER = Identifier("1.2.250.1.999.2", "IPP-8")
SETS = ((IPP,), (INS,), (IPP, INS), (ELSEWHERE,), (OTHER,), (OTHER, ELSEWHERE))
FIRST = (OrderState.READY, OrderState.DEFERRED, OrderState.WAITING, OrderState.HELD)
LATER = 100_000.0

_answers = st.lists(
    st.builds(
        lambda said, at, ids: answer(said, at, *ids),
        st.sampled_from(ConsentAnswer),
        st.integers(0, 90_000),
        st.sampled_from(SETS),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one.collected_at,
)
_documents = st.lists(st.tuples(st.sampled_from(SETS), st.sampled_from(FIRST)), min_size=1, max_size=4)


def made(rank: int, ids: tuple[Identifier, ...], first: OrderState) -> NewDocument:
    one = obeying(
        f"o{rank}",
        state=first,
        cause="identity" if first is OrderState.WAITING else "",
        not_before=after(2 * LATER) if first is OrderState.DEFERRED else None,
    )
    return about(f"R{rank}", one, order(f"m{rank}", "mss"), ids=ids)


async def ended(steps: Sequence[Consent | NewDocument]) -> dict[str, tuple[OrderState, str]]:
    """State and cause of every order once all has come, one message after the other."""
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "passeur.db")
        await store.open()
        for rank, step in enumerate(steps):
            now = after(LATER + rank)
            accepted = await store.receive(message(str(rank).encode(), at=LATER + rank))
            await store.claim_messages("w", now=now, lease_seconds=60, limit=1)
            documents = (step,) if isinstance(step, NewDocument) else ()
            consents = (step,) if isinstance(step, Consent) else ()
            assert await store.settle_message(
                accepted.message_id, "w", MessageState.CONVERTED, now=now, documents=documents, consents=consents
            )
        found = {row.id: (row.state, row.cause) for row in await store.orders(limit=1000)}
        await store.close()
    return found


def expected(documents: Sequence[tuple[tuple[Identifier, ...], OrderState]], answers: Sequence[Consent]) -> set[str]:
    """Orders that must be blocked, told from the answers alone."""
    blocked = set()
    for rank, (ids, _) in enumerate(documents):
        given_answers = [
            one for one in answers if set(one.patient_ids) & set(ids) and one.answer is not ConsentAnswer.NOT_COLLECTED
        ]
        latest = max(given_answers, key=lambda one: str(one.collected_at), default=None)
        if latest is not None and latest.answer is ConsentAnswer.NO:
            blocked.add(f"o{rank}")
    return blocked


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(_answers, _documents, st.randoms(use_true_random=False))
def test_any_order_of_dated_answers_and_documents_ends_the_same(answers, documents, random):
    steps: list[Consent | NewDocument] = [made(rank, *one) for rank, one in enumerate(documents)]
    steps += answers
    first = asyncio.run(ended(steps))
    random.shuffle(steps)
    assert asyncio.run(ended(steps)) == first
    assert {name for name, (state, _) in first.items() if state is OrderState.BLOCKED} == expected(documents, answers)
    for rank, (_, state) in enumerate(documents):
        if first[f"o{rank}"][0] is not OrderState.BLOCKED:
            assert first[f"o{rank}"] == (state, "identity" if state is OrderState.WAITING else "")
        assert first[f"m{rank}"] == (OrderState.READY, "")
