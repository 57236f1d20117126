"""What any destination must do, whoever its peer is: over real sockets, counted on the receiving side."""

from __future__ import annotations

import abc
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from connectors.simulators import Behaviour, Credential, Kind, Pki, Script, make_pki
from engine.errors import LaneError, PasseurError, PermanentError, TransientError, UncertainError
from engine.exchange import Order
from engine.ports import Destination
from tests.unit.mssante import orders


class Peer(Protocol):
    script: Script

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def down(self) -> None: ...
    async def up(self) -> None: ...
    async def expire_certificate(self, expired: bool = True) -> None: ...


class Handing:
    """Counts how often the destination said that it was about to hand over; may refuse to let it."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.count = 0
        self._refusal = refusal

    async def __call__(self) -> None:
        self.count += 1
        if self._refusal is not None:
            raise self._refusal


def shown(credential: Credential) -> dict[str, object]:
    return {"certificate": credential.certificate, "key": credential.key}


async def refused(destination: Destination, order: Order, handing: Handing | None = None) -> PasseurError:
    """The error of a delivery, which quotes nothing of the patient."""
    with pytest.raises(PasseurError) as caught:
        await destination.deliver(order, handing or Handing())
    assert not [secret for secret in orders.SECRETS if secret in str(caught.value)]
    return caught.value


class DestinationBehaviours(abc.ABC):
    """`PeerT` of each suite is its own simulator."""

    temporary = Behaviour(Kind.BUSY)
    permanent = Behaviour(Kind.REFUSE)
    cut_before = Behaviour(Kind.CUT_BEFORE_BODY)
    unknown_certificate: type[PasseurError] = LaneError
    """What a peer is taken for that leaves without a word once it has seen our certificate."""

    @abc.abstractmethod
    def make_peer(self, folder: Path, pki: Pki) -> Any:
        """A simulator, not started."""

    @abc.abstractmethod
    def open(self, peer: Any, pki: Pki, **changes: object) -> Destination: ...

    @abc.abstractmethod
    def order(self, number: int) -> Order: ...

    @abc.abstractmethod
    def count(self, peer: Any, order: Order) -> int:
        """How many times the peer holds what an order says."""

    @pytest.fixture(scope="class")
    @classmethod
    def pki(cls, tmp_path_factory: pytest.TempPathFactory) -> Pki:
        return make_pki(tmp_path_factory.mktemp("pki"))

    @pytest.fixture
    async def peer(self, tmp_path: Path, pki: Pki) -> AsyncIterator[Peer]:
        made: Peer = self.make_peer(tmp_path / "peer", pki)
        await made.start()
        yield made
        await made.stop()

    async def test_an_order_is_handed_over_once_and_its_receipt_names_it(self, peer: Peer, pki: Pki) -> None:
        destination, handing, order = self.open(peer, pki), Handing(), self.order(1)
        receipt = await destination.deliver(order, handing)
        await destination.close()
        assert receipt.reference
        assert (handing.count, self.count(peer, order)) == (1, 1)

    async def test_the_same_order_twice_is_one_thing_at_the_peer(self, peer: Peer, pki: Pki) -> None:
        destination, order = self.open(peer, pki), self.order(1)
        receipts = {(await destination.deliver(order, Handing())).reference for _ in range(2)}
        await destination.close()
        assert len(receipts) == 1
        assert self.once(peer, order)

    def once(self, peer: Any, order: Order) -> bool:
        return self.count(peer, order) == 1

    async def test_a_check_hands_nothing_over(self, peer: Peer, pki: Pki) -> None:
        destination = self.open(peer, pki)
        await destination.check()
        await destination.close()
        assert self.count(peer, self.order(1)) == 0

    async def test_a_peer_that_is_down_is_a_matter_of_time(self, peer: Peer, pki: Pki) -> None:
        destination, order, handing = self.open(peer, pki), self.order(1), Handing()
        await peer.down()
        for error in (await refused(destination, order, handing), await checked(destination)):
            assert type(error) is TransientError
        assert handing.count == 0
        await peer.up()
        await destination.deliver(order, handing)
        await destination.close()
        assert self.count(peer, order) == 1

    async def test_a_peer_that_never_answers_leaves_a_doubt_and_is_not_waited_for_ever(
        self, peer: Peer, pki: Pki
    ) -> None:
        peer.script.add(Behaviour(Kind.LATE, seconds=600))
        destination, order, handing = self.open(peer, pki, answer_timeout_seconds=0.2), self.order(1), Handing()
        assert type(await refused(destination, order, handing)) is UncertainError
        await destination.close()
        assert (handing.count, self.count(peer, order)) == (1, 1)

    async def test_a_cut_before_the_end_took_nothing(self, peer: Peer, pki: Pki) -> None:
        peer.script.add(self.cut_before)
        destination, order = self.open(peer, pki), self.order(1)
        error = await refused(destination, order)
        assert type(error) in (TransientError, UncertainError)
        assert self.count(peer, order) == 0
        await destination.deliver(order, Handing())
        await destination.close()
        assert self.count(peer, order) == 1

    async def test_a_cut_after_the_end_is_a_doubt(self, peer: Peer, pki: Pki) -> None:
        destination = self.open(peer, pki)
        for number, kind, held in ((1, Kind.CUT_AFTER_BODY, 1), (2, Kind.CUT_AFTER_BODY_NOT_TAKEN, 0)):
            peer.script.add(Behaviour(kind))
            order, handing = self.order(number), Handing()
            assert type(await refused(destination, order, handing)) is UncertainError
            assert (handing.count, self.count(peer, order)) == (1, held)
        await destination.close()

    async def test_a_temporary_refusal_is_a_matter_of_time(self, peer: Peer, pki: Pki) -> None:
        peer.script.add(self.temporary)
        destination, order = self.open(peer, pki), self.order(1)
        assert type(await refused(destination, order)) is TransientError
        assert self.count(peer, order) == 0
        await destination.deliver(order, Handing())
        await destination.close()
        assert self.count(peer, order) == 1

    async def test_a_permanent_refusal_is_a_matter_for_a_person(self, peer: Peer, pki: Pki) -> None:
        peer.script.add(self.permanent)
        destination, order = self.open(peer, pki), self.order(1)
        assert type(await refused(destination, order)) is PermanentError
        await destination.close()
        assert self.count(peer, order) == 0

    async def test_a_wrong_certificate_of_ours_stops_the_lane(self, peer: Peer, pki: Pki) -> None:
        destination, handing = self.open(peer, pki, **shown(pki.expired_client)), Handing()
        for error in (await refused(destination, self.order(1), handing), await checked(destination)):
            assert type(error) is LaneError
        await destination.close()
        assert (handing.count, self.count(peer, self.order(1))) == (0, 0)

    async def test_a_certificate_that_the_peer_does_not_know_sends_nothing(self, peer: Peer, pki: Pki) -> None:
        destination, handing = self.open(peer, pki, **shown(pki.foreign_client)), Handing()
        for error in (await refused(destination, self.order(1), handing), await checked(destination)):
            assert type(error) is self.unknown_certificate
            assert "certificat" in error.message
        await destination.close()
        assert (handing.count, self.count(peer, self.order(1))) == (0, 0)

    async def test_a_wrong_certificate_of_the_peer_stops_the_lane_before_anything_is_told(
        self, peer: Peer, pki: Pki
    ) -> None:
        await peer.expire_certificate()
        destination, handing = self.open(peer, pki), Handing()
        assert type(await refused(destination, self.order(1), handing)) is LaneError
        assert handing.count == 0
        await peer.expire_certificate(False)
        await destination.deliver(self.order(1), handing)
        await destination.close()

    async def test_what_the_engine_does_not_let_out_stays(self, peer: Peer, pki: Pki) -> None:
        destination, order = self.open(peer, pki), self.order(1)
        handing = Handing(TransientError("engine.lease_lost", "un autre processus a repris cet ordre"))
        assert (await refused(destination, order, handing)).code == "engine.lease_lost"
        assert self.count(peer, order) == 0
        await destination.deliver(order, Handing())
        await destination.close()
        assert self.count(peer, order) == 1

    async def test_a_cancelled_delivery_leaves_nothing_half_done(self, peer: Peer, pki: Pki) -> None:
        peer.script.add(Behaviour(Kind.LATE, seconds=600))
        destination, order = self.open(peer, pki), self.order(1)
        task = asyncio.create_task(destination.deliver(order, Handing()))
        while self.count(peer, order) == 0:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        other = self.order(2)
        await destination.deliver(other, Handing())
        await destination.close()
        assert self.count(peer, other) == 1

    async def test_many_orders_at_once_are_each_taken_once(self, peer: Peer, pki: Pki) -> None:
        destination, made = self.open(peer, pki), [self.order(number) for number in range(12)]
        receipts = await asyncio.gather(*(destination.deliver(order, Handing()) for order in made))
        await destination.close()
        assert len({receipt.reference for receipt in receipts}) == len(made)
        assert {self.count(peer, order) for order in made} == {1}


async def checked(destination: Destination) -> PasseurError:
    with pytest.raises(PasseurError) as caught:
        await destination.check()
    return caught.value
